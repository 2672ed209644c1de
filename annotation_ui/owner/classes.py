"""What workers are told of each class, how it is asked about, and up to which target."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from annotation_ui.owner.access import asker, owner_only
from annotation_ui.owner.blueprint import bp
from annotation_ui.owner.class_editing import told_of_form
from annotation_ui.page import page, wants_json
from kinetics_builder.crowd.class_edits import list_edits
from kinetics_builder.crowd.class_texts import versions
from kinetics_builder.crowd.class_texts.differences import compare
from kinetics_builder.crowd.class_texts.examples import read_examples
from kinetics_builder.crowd.class_texts.versions import ClassText, read_text, read_versions
from kinetics_builder.crowd.clips.gating import tallied_as
from kinetics_builder.crowd.clips.opening import open_class
from kinetics_builder.database.tables import Clip, Label, WorkTally
from kinetics_builder.errors import CrowdError
from kinetics_builder.ways import Way


@bp.get("/classes")
@owner_only
def show_classes() -> ResponseReturnValue:
    """List the classes in use, and the edits that were recorded of them."""
    with page().reading() as rows:
        classes, edits = rows.execute(_CLASSES).all(), list_edits(rows)
        told = {"classes": classes, "edits": edits, **told_of_form()}
        return render_template("owner/classes.html", **told)


@bp.get("/classes/<int:label_id>")
@owner_only
def show_class(label_id: int) -> ResponseReturnValue:
    """Show what is said of a class, and all its versions; `old` and `new` are compared."""
    with page().reading() as rows:
        label = _label(rows, label_id)
        found = read_versions(rows, label)
        newest = found[-1].number
        old = request.args.get("old", max(newest - 1, 1), int)
        new = request.args.get("new", newest, int)
        texts = {one.number: one.text for one in found}
        if not {old, new} <= texts.keys():
            abort(404)
        told = {
            "versions": found[::-1],
            "text": read_text(rows, label),
            "examples": read_examples(rows, label),
            "old": old,
            "new": new,
            "differences": compare(texts[old], texts[new]),
            "usual_way": page().config.verify.way,
            "longest": versions,
        }
        return render_template("owner/class.html", label=label, **told)


@bp.post("/classes/<int:label_id>")
@owner_only
def save_class(label_id: int) -> ResponseReturnValue:
    """Add a version of a class, for a reason."""
    form, by = request.form, asker().name

    def work(rows: Session) -> None:
        label = _label(rows, label_id)
        text = _changed(read_text(rows, label), form)
        versions.write_version(rows, label, text, by=by, why=form.get("why", ""))

    _write(work)
    return redirect(url_for("owner.show_class", label_id=label_id))


def _changed(was: ClassText, form: MultiDict[str, str]) -> ClassText:
    """Return what a form says; what it does not mention stays."""
    target, way = form.get("target", str(was.target or "")).strip(), form.get("way", was.way or "")
    if target and not (target.isascii() and target.isdigit() and len(target) < 10):
        abort(400, f"target={target[:40]!r} is no number of clips.")
    if way and way not in list(Way):
        abort(400, f"way={way[:40]!r} is not one of {', '.join(Way)}.")
    gone = set(form.getlist("without", int))
    return ClassText(
        form.get("description", was.description),
        form.get("example", was.example),
        tuple(clip for clip in was.accepted if clip not in gone),
        tuple(clip for clip in was.refused if clip not in gone),
        Way(way) if way else None,
        int(target) if target else None,
    )


@bp.post("/classes/<int:label_id>/restore")
@owner_only
def restore_class(label_id: int) -> ResponseReturnValue:
    """Add a version that says what an earlier one says."""
    form, by = request.form, asker().name
    number, why = form.get("number", 0, int), form.get("why", "")

    def work(rows: Session) -> None:
        versions.restore_version(rows, _label(rows, label_id), number, by=by, why=why)

    _write(work)
    return redirect(url_for("owner.show_class", label_id=label_id))


@bp.post("/clips/<int:clip_id>/example")
@owner_only
def make_example(clip_id: int) -> ResponseReturnValue:
    """Make a clip an example of its class: `accepted` shows it, `refused` does not."""
    which, by = request.form.get("which", ""), asker().name
    if which not in ("accepted", "refused"):
        abort(400, f"which={which[:40]!r} is neither accepted nor refused.")

    def work(rows: Session) -> None:
        clip = rows.get(Clip, clip_id)
        if clip is None:
            abort(404)
        text = read_text(rows, clip.label)
        is_accepted = which == "accepted"
        accepted = tuple(one for one in text.accepted if one != clip_id)
        refused = tuple(one for one in text.refused if one != clip_id)
        text = replace(
            text,
            accepted=(*accepted, clip_id) if is_accepted else accepted,
            refused=refused if is_accepted else (*refused, clip_id),
        )
        why = f"clip {clip_id} {'shows' if is_accepted else 'does not show'} it"
        versions.write_version(rows, clip.label, text, by=by, why=why)

    _write(work)
    if wants_json():
        return jsonify(told="An example from now on.")
    return redirect(url_for("owner.show_clip", clip_id=clip_id))


@bp.post("/classes/<int:label_id>/open")
@owner_only
def open_closed(label_id: int) -> ResponseReturnValue:
    """Have the open clips of a class that was closed asked about again, for a reason."""
    by, why = asker().name, request.form.get("why", "").strip()
    if not why:
        abort(400, "Say why: nothing was done.")
    _write(lambda rows: open_class(rows, label_id, by=by, why=why))
    return redirect(url_for("owner.show_progress"))


def _label(rows: Session, label_id: int) -> Label:
    label = rows.get(Label, label_id)
    if label is None or label.is_retired:
        abort(404)
    return label


def _write(work: Callable[[Session], object]) -> None:
    try:
        page().write(work)
    except CrowdError as error:
        abort(409, str(error))


_NUM_ACCEPTED = func.coalesce(WorkTally.num_accepted, 0)
_CLASSES: Any = (
    select(
        Label.id,
        Label.name,
        Label.description,
        Label.way,
        Label.target,
        Label.is_full,
        Label.num_examples,
        _NUM_ACCEPTED.label("num_accepted"),
        func.coalesce(WorkTally.num_asked - _NUM_ACCEPTED - WorkTally.num_rejected, 0).label(
            "num_open"
        ),
    )
    .outerjoin(WorkTally, and_(WorkTally.kind == tallied_as(), WorkTally.about_id == Label.id))
    .where(~Label.is_retired)
    .order_by(func.lower(Label.name), Label.id)
)
