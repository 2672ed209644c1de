"""The newest answers about clips, for the owner."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import NUM_LOOKED_AT, Recent
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Label,
    PassedSlot,
    TaskSlot,
    Video,
    Vote,
    Worker,
)


def read_newest(session: Session, number: int) -> list[Recent]:
    """Return the newest answers."""
    return _read(session, _NEWEST.limit(number))


def read_bad(session: Session, number: int) -> list[Recent]:
    """Return the newest of the latest answers that call a clip bad."""
    since = (func.coalesce(select(func.max(Vote.id)).scalar_subquery(), 0)) - NUM_LOOKED_AT
    return _read(session, _NEWEST.where(Vote.answer == Answer.BAD, Vote.id > since).limit(number))


def read_unplayed(session: Session, number: int) -> list[Recent]:
    """Return the newest clips that a browser could not play, and which browser that was."""
    return [
        Recent(
            datetime.fromtimestamp(at, UTC).replace(tzinfo=None),
            name or "",
            label,
            f"does not play: {browser}",
            title,
            is_gold,
        )
        for at, name, label, browser, title, is_gold in session.execute(_PASSED.limit(number))
    ]


def _read(session: Session, query: Select[Any]) -> list[Recent]:
    return [
        Recent(at, name or "", label, answer.value, title, is_gold, clip_id)
        for at, name, label, answer, title, is_gold, clip_id in session.execute(query)
    ]


_PASSED: Any = (
    select(
        PassedSlot.passed_at,
        Worker.name,
        Label.name,
        PassedSlot.browser,
        Video.title,
        TaskSlot.gold_id.is_not(None),
    )
    .join(Worker, Worker.id == PassedSlot.worker_id)
    .join(TaskSlot, TaskSlot.id == PassedSlot.slot_id)
    .join(Label, Label.id == TaskSlot.label_id)
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .join(Video, Video.id == Clip.video_id)
    .order_by(PassedSlot.passed_at.desc(), PassedSlot.slot_id)
)
_NEWEST: Any = (
    select(
        Vote.created_at,
        Worker.name,
        Label.name,
        Vote.answer,
        Video.title,
        TaskSlot.gold_id.is_not(None),
        Vote.clip_id,
    )
    .join(Worker, Worker.id == Vote.worker_id)
    .join(Label, Label.id == Vote.label_id)
    .join(Clip, Clip.id == Vote.clip_id)
    .join(Video, Video.id == Clip.video_id)
    .join(TaskSlot, TaskSlot.id == Vote.slot_id)
    .where(Vote.stands())
    .order_by(Vote.id.desc())
)
