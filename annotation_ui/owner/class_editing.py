"""Changing which classes there are, before the owner: what an edit would do, then recording it.

What an edit does is known to whoever serves the page; see `annotation_ui.edit_effects`.
"""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from annotation_ui.edit_effects import ClassEditing, SaidEdit
from annotation_ui.owner.access import asker, owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.crowd.class_edits import edit_rows
from kinetics_builder.errors import FormatError
from kinetics_builder.text.foreign import one_line

LONGEST_AUTHOR, LONGEST_TEXT = 80, 300
"""Of what is said of an edit."""


@bp.post("/classes/plan")
@owner_only
def plan_edit() -> ResponseReturnValue:
    """Show what an edit would do; nothing is written."""
    said, editing = _said(), _editing()
    with page().reading() as rows:
        num_known = len(edit_rows(rows))
        try:
            effect = editing.plan(rows, said)
        except FormatError as error:
            abort(400, str(error))
    told = {"said": said, "effect": effect, "num_known": num_known}
    return render_template("owner/class_plan.html", **told)


@bp.post("/classes/edits")
@owner_only
def record_edit() -> ResponseReturnValue:
    """Record an edit whose plan was seen."""
    said, editing = _said(), _editing()
    num_known = request.form.get("num_known", -1, int)

    def work(rows: Session) -> bool:
        if len(edit_rows(rows)) != num_known:
            return False
        editing.record(rows, said)
        return True

    try:
        is_recorded = page().write(work)
    except FormatError as error:
        abort(400, str(error))
    if not is_recorded:
        abort(409, "Other edits were recorded meanwhile: look at what this one would do now.")
    return redirect(f"{url_for('owner.show_classes')}#edits")


def _said() -> SaidEdit:
    texts = {name: one_line(request.form.get(name, "")) or "" for name in SaidEdit.__slots__}
    for name, text in texts.items():
        longest = LONGEST_AUTHOR if name == "author" else LONGEST_TEXT
        if name != "text" and not 0 < len(text) <= longest:
            abort(400, f"Say the {name} in 1 to {longest} characters: nothing was done.")
    return SaidEdit(**texts)


def _editing() -> ClassEditing:
    found = page().class_editing
    if found is None:
        abort(404)
    return found


def told_of_form() -> dict[str, object]:
    """Return what the form for an edit shows: nothing where nobody knows what edits do."""
    if page().class_editing is None:
        return {"may_edit": False}
    return {
        "may_edit": True,
        "begun": one_line(request.args.get("edit", ""), LONGEST_TEXT) or "",
        "author": asker().name,
        "longest_author": LONGEST_AUTHOR,
        "longest_text": LONGEST_TEXT,
    }
