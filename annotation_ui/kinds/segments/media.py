"""The bytes of whole videos, for those who are asked about them."""

from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, or_, select

from annotation_ui.files import send
from annotation_ui.kinds.kind import NUM_EARLIER
from annotation_ui.kinds.segments.strips import strip_of_video
from annotation_ui.page import logged_in_worker, page
from kinetics_builder.database.tables import (
    Assignment,
    Media,
    TakenVideo,
    TaskSlot,
    Timeline,
    TimelineAnswer,
    Video,
)
from kinetics_builder.files import FileMark

bp = Blueprint(
    "segments",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/segments",
)


@bp.get("/videos/<int:timeline_id>")
def send_video(timeline_id: int) -> ResponseReturnValue:
    """Send a video of the worker's task or last answers, or a range of it; 404 for any other."""
    found = find_video(timeline_id)
    if found is None:
        abort(404)
    mark = FileMark(found.bytes, found.sha256, found.modified_ns)
    mimetype = "video/webm" if found.file.endswith(".webm") else "video/mp4"
    return send(found.file, found.sha256, mimetype, mark)


@bp.get("/videos/<int:timeline_id>/strip/<int:level>/<int:number>.jpg")
def send_strip(timeline_id: int, level: int, number: int) -> ResponseReturnValue:
    """Send stills of a part of such a video, side by side; 404 for any other, 503 if busy."""
    found = find_video(timeline_id)
    file = None if found is None else strip_of_video(found, level, number)
    if file is None:
        abort(404)
    return send(file, f"{found.sha256}-{level}-{number}", "image/jpeg")


def find_video(timeline_id: int) -> Any:
    """Return the file of a video of the worker's task or last answers; None of any other."""
    me = logged_in_worker()
    if me is None:
        return None
    with page().reading() as rows:
        return rows.execute(_VIDEO, {"timeline_id": timeline_id, "worker_id": me}).first()


_ME = bindparam("worker_id", type_=TaskSlot.id.type)
_ASKED = (
    select(TaskSlot.timeline_id)
    .join(Assignment, Assignment.task_id == TaskSlot.task_id)
    .where(
        Assignment.worker_id == _ME,
        Assignment.submitted_at.is_(None),
        or_(TaskSlot.worker_id.is_(None), TaskSlot.worker_id == _ME),
    )
)
_ANSWERED = (
    select(TimelineAnswer.timeline_id)
    .where(TimelineAnswer.worker_id == _ME, TimelineAnswer.stands())
    .order_by(TimelineAnswer.id.desc())
    .limit(2 * NUM_EARLIER)
    .subquery()
    .select()
)
_VIDEO = (
    select(
        *(Media.file, Media.bytes, Media.sha256, Media.modified_ns),
        *(Media.duration_seconds, Video.video_id),
    )
    .join(Video, Video.id == Media.video_id)
    .join(Timeline, Timeline.video_id == Media.video_id)
    .where(
        Timeline.id == bindparam("timeline_id"),
        TakenVideo.spares(Timeline.video_id),
        or_(Timeline.id.in_(_ASKED), Timeline.id.in_(_ANSWERED)),
    )
)
