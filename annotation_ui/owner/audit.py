"""Accepted clips drawn by chance, for the owner to say what they are, without what people said."""

from flask import render_template
from flask.typing import ResponseReturnValue

from annotation_ui.owner.access import reviewers_too
from annotation_ui.owner.blueprint import bp
from annotation_ui.page import page
from kinetics_builder.crowd.clips.auditing import list_waiting, read_audit
from kinetics_builder.crowd.clips.disputes import read_judged

NUM_AT_ONCE = 12


@bp.get("/audit")
@reviewers_too
def show_audit() -> ResponseReturnValue:
    """Show those of the newest draw that wait, some at once, and what the others tell."""
    with page().reading() as rows:
        audit, waiting = read_audit(rows), list_waiting(rows)
        clips = read_judged(rows, waiting[:NUM_AT_ONCE])
    return render_template("owner/audit.html", audit=audit, clips=clips, is_audit=True)
