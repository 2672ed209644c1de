"""What is asked about a whole video, and of how many workers."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from annotation_ui import desk
from annotation_ui.desk import Subject
from kinetics_builder.database.tables import Label, Media, TakenVideo, TaskSlot, Timeline


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    timeline_id: int
    is_gold: bool
    label: str
    description: str | None
    duration_seconds: float
    frames_per_second: float

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return (self.timeline_id,)


class Desk(desk.Desk):
    """A task of such questions: a video is asked about until enough have marked it."""

    __slots__ = ()

    def num_needed(self, question: desk.Question) -> int:
        """Return how many more people are to mark the question's video."""
        return max(0, self.config.segment_answers - len(self.votes.get(question.subject, {})))


COLUMNS = (Label.name, Label.description, Media.duration_seconds, Media.frames_per_second)
QUESTIONS: Any = (
    select(
        TaskSlot.task_id,
        TaskSlot.id,
        TaskSlot.timeline_id,
        TaskSlot.gold_id.is_not(None),
        *COLUMNS,
    )
    .join(Timeline, Timeline.id == TaskSlot.timeline_id)
    .join(Label, Label.id == Timeline.label_id)
    .join(Media, Media.video_id == Timeline.video_id)
    .where(or_(TaskSlot.gold_id.is_not(None), ~Label.is_retired))
    .where(TakenVideo.spares(Timeline.video_id))
)
