"""The answers about stretches that a worker may still change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import NUM_EARLIER
from annotation_ui.kinds.links.questions import Question, Tracks, placed, with_boxes
from annotation_ui.kinds.links.replies import read_said
from kinetics_builder.database.tables import LinkAnswer, LinkStretch, TakenVideo, TaskSlot


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question with the worker's answer to it that counts."""

    question: Question
    said: Tracks
    """Of the boxes that stand now."""
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
    connection = session.connection()
    said = read_said(connection, [row.id for row in rows])
    asked = [
        Question(row.slot_id, row.stretch_id, row.is_gold, row.start_seconds, row.end_seconds)
        for row in rows
    ]
    return [
        Earlier(question, placed(said.get(row.id, ()), question.boxes), row.revision)
        for row, question in zip(rows, with_boxes(connection, asked), strict=True)
    ]


_EARLIER = (
    select(
        LinkAnswer.id,
        LinkAnswer.revision,
        LinkAnswer.slot_id,
        LinkAnswer.stretch_id,
        LinkStretch.start_seconds,
        LinkStretch.end_seconds,
        TaskSlot.gold_id.is_not(None).label("is_gold"),
    )
    .join(TaskSlot, TaskSlot.id == LinkAnswer.slot_id)
    .join(LinkStretch, LinkStretch.id == LinkAnswer.stretch_id)
    .where(LinkAnswer.worker_id == bindparam("worker_id"), LinkAnswer.stands())
    .where(TakenVideo.spares(LinkStretch.video_id))
    .order_by(LinkAnswer.id.desc())
    .limit(NUM_EARLIER)
)
