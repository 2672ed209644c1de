"""What the owner wrote to the worker who is asking: read before the next task."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from annotation_ui.choosing import named_kind
from annotation_ui.page import page, worker_id, worker_only
from kinetics_builder.crowd.messages import has_unread, list_messages, note_read

bp = Blueprint("messages", __name__)


@bp.get("/messages")
@worker_only
def show() -> ResponseReturnValue:
    """Show all messages, the newest first."""
    with page().reading() as rows:
        found = list_messages(rows, worker_id())
        return render_template("messages.html", messages=found)


@bp.post("/messages")
@worker_only
def accept() -> ResponseReturnValue:
    """Note that the messages up to `last` were read; one that came since is still to be read."""
    me, last = worker_id(), request.form.get("last", 0, int)
    page().write(lambda rows: note_read(rows, me, last))
    return redirect(url_for("work.show_task", kind=named_kind()))


def is_message_due() -> bool:
    """Tell whether there is something that the worker who is asking has not read."""
    with page().reading() as rows:
        return has_unread(rows, worker_id())
