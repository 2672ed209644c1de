"""The answers about key frames that a worker may still change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.boxes.questions import Question, with_boxes
from annotation_ui.kinds.kind import NUM_EARLIER
from kinetics_builder.crowd.boxes.decisions import read_drawn
from kinetics_builder.crowd.boxes.policy import Drawn
from kinetics_builder.database.tables import BoxAnswer, KeyFrame, TakenVideo


@dataclass(frozen=True, slots=True)
class Earlier:
    """A question with the worker's answer to it that counts."""

    question: Question
    said: tuple[Drawn, ...]
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
    drawn = read_drawn(connection, [row.id for row in rows])
    asked = [Question(row[2], row[3], False, *row[4:7]) for row in rows]
    questions = with_boxes(connection, asked)
    return [
        Earlier(question, tuple(drawn.get(row.id, ())), row.revision)
        for row, question in zip(rows, questions, strict=True)
    ]


_EARLIER = (
    select(
        BoxAnswer.id,
        BoxAnswer.revision,
        BoxAnswer.slot_id,
        BoxAnswer.key_frame_id,
        KeyFrame.width,
        KeyFrame.height,
        KeyFrame.timestamp_seconds,
    )
    .join(KeyFrame, KeyFrame.id == BoxAnswer.key_frame_id)
    .where(BoxAnswer.worker_id == bindparam("worker_id"), BoxAnswer.stands())
    .where(TakenVideo.spares(KeyFrame.video_id))
    .order_by(BoxAnswer.id.desc())
    .limit(NUM_EARLIER)
)
