"""What is asked about a key frame, and of how many workers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from annotation_ui import desk
from annotation_ui.desk import Subject
from kinetics_builder.crowd.boxes.policy import Drawn
from kinetics_builder.database.tables import KeyFrame, PersonBox, TakenVideo, TaskSlot


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    key_frame_id: int
    is_gold: bool
    width: int
    height: int
    timestamp_seconds: float
    boxes: tuple[Drawn, ...] = ()
    """Those that are there already; `began_as` is their own number."""

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return (self.key_frame_id,)


class Desk(desk.Desk):
    """A task of such questions: a key frame is asked about until enough have drawn its boxes."""

    __slots__ = ()

    def num_needed(self, question: desk.Question) -> int:
        """Return how many more answers decide the boxes of the question's key frame."""
        return max(0, self.config.boxes_to_decide - len(self.votes.get(question.subject, {})))


def with_boxes(rows: Connection, questions: Sequence[Any]) -> list[Any]:
    """Return the questions with the boxes that are there already."""
    found: dict[int, list[Drawn]] = {}
    frames = {"frames": sorted({question.key_frame_id for question in questions})}
    boxes: Iterable[Any] = rows.execute(_BOXES, frames)
    for frame_id, *box in boxes:
        found.setdefault(frame_id, []).append(Drawn._make(box))
    return [replace(one, boxes=tuple(found.get(one.key_frame_id, ()))) for one in questions]


QUESTIONS: Any = (
    select(
        TaskSlot.task_id,
        TaskSlot.id,
        TaskSlot.key_frame_id,
        TaskSlot.gold_id.is_not(None),
        KeyFrame.width,
        KeyFrame.height,
        KeyFrame.timestamp_seconds,
    )
    .join(KeyFrame, KeyFrame.id == TaskSlot.key_frame_id)
    .where(or_(TaskSlot.gold_id.is_not(None), KeyFrame.is_withdrawn.is_(False)))
    .where(TakenVideo.spares(KeyFrame.video_id))
)
_BOXES = (
    select(
        PersonBox.key_frame_id,
        PersonBox.x1,
        PersonBox.y1,
        PersonBox.x2,
        PersonBox.y2,
        PersonBox.id,
    )
    .where(
        PersonBox.key_frame_id.in_(bindparam("frames", expanding=True)),
        PersonBox.detected_box_id.is_not(None),
        PersonBox.is_withdrawn.is_(False),
    )
    .order_by(PersonBox.x1, PersonBox.id)
)
