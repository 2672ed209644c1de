"""The bytes of stills, and of the loops around them, for those who are asked about them."""

from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, exists, or_, select

from annotation_ui.files import send
from annotation_ui.kinds.kind import NUM_EARLIER
from annotation_ui.page import logged_in_worker, page
from kinetics_builder.crowd.links.boxes import lies_in
from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionVote,
    Assignment,
    BoxAnswer,
    FrameLoop,
    GoneBox,
    KeyFrame,
    LinkAnswer,
    LinkStretch,
    PersonBox,
    TakenVideo,
    TaskSlot,
)

bp = Blueprint(
    "frames",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/frames",
)


@bp.get("/stills/<int:frame_id>.jpg")
def send_still(frame_id: int) -> ResponseReturnValue:
    """Send the still of a key frame of the worker's task or last answers; 404 for any other."""
    return _send(_STILL, frame_id, "image/jpeg")


@bp.get("/loops/<int:frame_id>.mp4")
def send_loop(frame_id: int) -> ResponseReturnValue:
    """Send what the film shows around such a key frame, or a range of it; 404 for any other."""
    return _send(_LOOP, frame_id, "video/mp4")


def _send(query: Any, number: int, mimetype: str) -> ResponseReturnValue:
    me = logged_in_worker()
    if me is None:
        abort(404)
    with page().reading() as rows:
        found = rows.execute(query, {"number": number, "worker_id": me}).first()
    if found is None:
        abort(404)
    return send(found.file, found.sha256, mimetype)


_ME = bindparam("worker_id", type_=TaskSlot.id.type)


def _asked(subject: Any) -> Any:
    return (
        select(subject)
        .join(Assignment, Assignment.task_id == TaskSlot.task_id)
        .where(
            Assignment.worker_id == _ME,
            Assignment.submitted_at.is_(None),
            or_(TaskSlot.worker_id.is_(None), TaskSlot.worker_id == _ME),
        )
    )


def _answered(
    answers: type[ActionAnswer | ActionVote | BoxAnswer | LinkAnswer], subject: Any
) -> Any:
    last = (
        select(subject)
        .where(answers.worker_id == _ME, answers.stands())
        .order_by(answers.id.desc())
        .limit(2 * NUM_EARLIER)
    )
    return last.subquery().select()


def _of_persons(person_boxes: Any) -> Any:
    return select(PersonBox.key_frame_id).where(PersonBox.id.in_(person_boxes))


def _is_stretch_of_mine(stretch_id: Any) -> Any:
    return or_(
        stretch_id.in_(_asked(TaskSlot.stretch_id)),
        stretch_id.in_(_answered(LinkAnswer, LinkAnswer.stretch_id)),
    )


_IS_SEEN = or_(
    KeyFrame.id.in_(_asked(TaskSlot.key_frame_id)),
    exists(LinkStretch.id).where(
        lies_in(LinkStretch, KeyFrame), _is_stretch_of_mine(LinkStretch.id)
    ),
    KeyFrame.id.in_(
        _of_persons(select(GoneBox.person_box_id).where(_is_stretch_of_mine(GoneBox.stretch_id)))
    ),
    KeyFrame.id.in_(_answered(BoxAnswer, BoxAnswer.key_frame_id)),
    KeyFrame.id.in_(_of_persons(_answered(ActionAnswer, ActionAnswer.person_box_id))),
    KeyFrame.id.in_(_of_persons(_answered(ActionVote, ActionVote.person_box_id))),
)
_IS_ASKED_FOR = (KeyFrame.id == bindparam("number"), TakenVideo.spares(KeyFrame.video_id), _IS_SEEN)
_STILL = select(KeyFrame.file, KeyFrame.sha256).where(*_IS_ASKED_FOR)
_LOOP = (
    select(FrameLoop.file, FrameLoop.sha256)
    .join(KeyFrame, KeyFrame.id == FrameLoop.key_frame_id)
    .where(*_IS_ASKED_FOR)
)
