"""The answers about whole videos that a worker may still change, and the newest of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import NUM_EARLIER, Recent
from annotation_ui.kinds.segments.questions import COLUMNS, Question
from annotation_ui.kinds.segments.replies import words_for
from kinetics_builder.crowd.segments.deciding import read_marked
from kinetics_builder.database.tables import (
    Label,
    Media,
    TakenVideo,
    TaskSlot,
    Timeline,
    TimelineAnswer,
    Video,
    Worker,
)
from kinetics_builder.intervals import Interval


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question with the worker's answer to it that counts."""

    question: Question
    said: tuple[Interval, ...]
    is_unsure: bool
    revision: int

    @property
    def slot_id(self) -> int:
        """Return where it was asked."""
        return self.question.slot_id

    @property
    def subject(self) -> tuple[int, ...]:
        """Return what the question is about."""
        return self.question.subject


def read_earlier(session: Session, worker_id: int) -> list[Earlier]:
    """Return the worker's last `NUM_EARLIER` answers, the newest last."""
    rows: Sequence[Any] = session.execute(_EARLIER, {"worker_id": worker_id}).all()[::-1]
    said = read_marked(session.connection(), [row.id for row in rows])
    return [
        Earlier(
            Question(row.slot_id, row.timeline_id, False, *row[5:]),
            tuple(said.get(row.id, ())),
            row.is_unsure,
            row.revision,
        )
        for row in rows
    ]


def read_newest(session: Session, number: int) -> list[Recent]:
    """Return the newest answers of all workers."""
    rows = session.execute(_NEWEST.limit(number)).all()
    said = read_marked(session.connection(), [answer.id for answer, *_ in rows])
    return [
        Recent(
            answer.created_at,
            name or "",
            label,
            words_for(said.get(answer.id, ()), is_unsure=answer.is_unsure),
            title,
            is_gold,
        )
        for answer, name, label, title, is_gold in rows
    ]


_EARLIER = (
    select(
        TimelineAnswer.id,
        TimelineAnswer.revision,
        TimelineAnswer.slot_id,
        TimelineAnswer.timeline_id,
        TimelineAnswer.is_unsure,
        *COLUMNS,
    )
    .join(Timeline, Timeline.id == TimelineAnswer.timeline_id)
    .join(Label, Label.id == Timeline.label_id)
    .join(Media, Media.video_id == Timeline.video_id)
    .where(TimelineAnswer.worker_id == bindparam("worker_id"), TimelineAnswer.stands())
    .where(TakenVideo.spares(Timeline.video_id))
    .order_by(TimelineAnswer.id.desc())
    .limit(NUM_EARLIER)
)
_NEWEST = (
    select(TimelineAnswer, Worker.name, Label.name, Video.title, TaskSlot.gold_id.is_not(None))
    .join(Worker, Worker.id == TimelineAnswer.worker_id)
    .join(TaskSlot, TaskSlot.id == TimelineAnswer.slot_id)
    .join(Timeline, Timeline.id == TimelineAnswer.timeline_id)
    .join(Label, Label.id == Timeline.label_id)
    .join(Video, Video.id == Timeline.video_id)
    .where(TimelineAnswer.stands())
    .order_by(TimelineAnswer.id.desc())
)
