"""The newest answers about key frames and persons at them, for the owner."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import NUM_LOOKED_AT, Recent
from kinetics_builder.database.tables import KeyFrame, PersonBox, TaskSlot, Video, Worker

Words = Callable[[Any], tuple[str, str]]
"""From an answer to what was asked, and what was said."""


def read_newest(
    session: Session, answers: Any, number: int, words: Words, *, only: Any = None
) -> list[Recent]:
    """Return the newest answers of a table, those alone of the latest for which `only` holds."""
    query = (
        select(
            answers,
            Worker.name,
            KeyFrame.timestamp_seconds,
            Video.title,
            TaskSlot.gold_id.is_not(None),
        )
        .join(Worker, Worker.id == answers.worker_id)
        .join(TaskSlot, TaskSlot.id == answers.slot_id)
        .join(KeyFrame, KeyFrame.id == _frame_of(answers))
        .join(Video, Video.id == KeyFrame.video_id)
        .where(answers.stands())
        .order_by(answers.id.desc())
        .limit(number)
    )
    if only is not None:
        newest = func.coalesce(select(func.max(answers.id)).scalar_subquery(), 0)
        query = query.where(only, answers.id > newest - NUM_LOOKED_AT)
    found = []
    for answer, name, at_seconds, title, is_gold in session.execute(query):
        asked, said = words(answer)
        minutes, seconds = divmod(int(at_seconds), 60)
        where = f"{title} at {minutes}:{seconds:02}"
        found.append(Recent(answer.created_at, name or "", asked, said, where, is_gold))
    return found


def _frame_of(answers: Any) -> Any:
    if hasattr(answers, "key_frame_id"):
        return answers.key_frame_id
    return (
        select(PersonBox.key_frame_id)
        .where(PersonBox.id == answers.person_box_id)
        .correlate(answers)
        .scalar_subquery()
    )
