"""Stills of key frames, and the films around them, for those who are asked about them."""

import mimetypes
from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, bindparam, or_, select

from annotation_ui.files import send
from annotation_ui.page import logged_in_worker, page
from kinetics_builder.database.tables import Assignment, BoxAnswer, KeyFrame, Media, TaskSlot

bp = Blueprint(
    "boxes",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/boxes",
)


@bp.get("/frames/<int:key_frame_id>.jpg")
def send_still(key_frame_id: int) -> ResponseReturnValue:
    """Send the still of a key frame of the worker's task or answers; 404 for any other."""
    found = _find(_STILL, key_frame_id)
    return send(found.file, found.sha256, "image/jpeg")


@bp.get("/frames/<int:key_frame_id>/film")
def send_film(key_frame_id: int) -> ResponseReturnValue:
    """Send a range of the film of such a key frame, for the loop beside the still."""
    found = _find(_FILM, key_frame_id)
    mimetype = mimetypes.guess_type(found.file)[0] or "application/octet-stream"
    return send(found.file, found.sha256, mimetype)


def _find(query: Select[Any], key_frame_id: int) -> Any:
    me = logged_in_worker()
    if me is None:
        abort(404)
    with page().reading() as rows:
        found = rows.execute(query, {"key_frame_id": key_frame_id, "worker_id": me}).first()
    if found is None:
        abort(404)
    return found


_HELD = (
    select(TaskSlot.id)
    .join(Assignment, Assignment.task_id == TaskSlot.task_id)
    .where(
        TaskSlot.key_frame_id == KeyFrame.id,
        Assignment.worker_id == bindparam("worker_id"),
        Assignment.submitted_at.is_(None),
    )
    .exists()
)
_ANSWERED = (
    select(BoxAnswer.id)
    .where(BoxAnswer.key_frame_id == KeyFrame.id, BoxAnswer.worker_id == bindparam("worker_id"))
    .exists()
)
_MAY_SEE = (KeyFrame.id == bindparam("key_frame_id"), or_(_HELD, _ANSWERED))
_STILL: Any = select(KeyFrame.file, KeyFrame.sha256).where(*_MAY_SEE)
_FILM: Any = (
    select(Media.file, Media.sha256)
    .join(KeyFrame, KeyFrame.video_id == Media.video_id)
    .where(*_MAY_SEE)
)
