"""Verb `assign --kind boxes`: key frames nobody was asked about -> tasks."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import and_, exists, func, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.boxes.decisions import KIND
from kinetics_builder.database.tables import Gold, KeyFrame, Task, TaskSlot, Video
from kinetics_builder.errors import StageOrderError


@dataclass(frozen=True)
class FramesReport:
    """What `assign` did about key frames."""

    num_tasks: int
    """New ones."""
    num_questions: int
    """Ordinary questions of the new tasks."""
    num_gold_slots: int
    num_gold_missing: int
    """Gold slots of the new tasks that are left out for want of gold."""
    num_asked_before: int
    """Key frames that tasks of earlier runs ask about."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """A key frame, named without ids."""

    key_frame_id: int
    film: str
    seconds: float
    gold_id: int | None = None

    @property
    def content(self) -> str:
        return f"{self.film} {self.seconds:.3f}"


def assign_frames(session: Session, config: Config) -> FramesReport:
    """Put every key frame that people should see next into a task.

    A task holds neighbours of one film in the order of time, so that who draws knows the people,
    with gold at random places. Gold is used in turn, and each once in a task. Reads `key_frame`
    and `gold`; writes `task` and `task_slot`. A second run adds nothing.

    Raises:
        StageOrderError: There is no key frame.

    """
    if session.scalar(select(KeyFrame.id).limit(1)) is None:
        raise StageOrderError("assign", needs="ava keyframes", what="key frames")
    asked_before = session.scalar(
        select(func.count(TaskSlot.key_frame_id.distinct())).where(
            TaskSlot.gold_id.is_(None), TaskSlot.person_box_id.is_(None)
        )
    )
    tasks = _deal(_new_frames(session), _gold(session), config.assign)
    _write(session, tasks)
    num_gold = sum(frame.gold_id is not None for task in tasks for frame in task)
    return FramesReport(
        num_tasks=len(tasks),
        num_questions=sum(map(len, tasks)) - num_gold,
        num_gold_slots=num_gold,
        num_gold_missing=len(tasks) * config.assign.gold_per_task - num_gold,
        num_asked_before=asked_before or 0,
    )


def _deal(
    frames: Iterable[_Frame], gold: Sequence[_Frame], config: AssignConfig
) -> list[list[_Frame]]:
    room = config.slots_per_task - min(config.gold_per_task, len(gold))
    uses = Counter({frame: 0 for frame in gold})
    tasks = []
    for _, film in groupby(frames, key=lambda frame: frame.film):
        for some in _chunks(list(film), room):
            known = sorted(gold, key=lambda one: (uses[one], _digest(config.seed, one.content)))
            known = known[: config.gold_per_task]
            uses.update(known)
            tasks.append(_mixed(some, known, config.seed))
    return tasks


def _chunks(frames: Sequence[_Frame], size: int) -> Iterator[list[_Frame]]:
    for start in range(0, len(frames), size):
        yield list(frames[start : start + size])


def _mixed(frames: Sequence[_Frame], gold: Iterable[_Frame], seed: int) -> list[_Frame]:
    mixed = list(frames)
    for one in gold:
        place = int(_digest(seed, frames[0].content, one.content)[:8], 16) % (len(mixed) + 1)
        mixed.insert(place, one)
    return mixed


def _new_frames(session: Session) -> list[_Frame]:
    """Return the frames to ask about, by film and in the order of time."""
    is_asked = exists().where(
        TaskSlot.key_frame_id == KeyFrame.id, TaskSlot.person_box_id.is_(None)
    )
    is_gold = exists().where(Gold.key_frame_id == KeyFrame.id, Gold.person_box_id.is_(None))
    return _read(session, select(*_COLUMNS).where(~KeyFrame.is_withdrawn, ~is_asked, ~is_gold))


def _gold(session: Session) -> list[_Frame]:
    query = select(*_COLUMNS, Gold.id).join(
        Gold, and_(Gold.key_frame_id == KeyFrame.id, Gold.person_box_id.is_(None))
    )
    return _read(session, query)


def _read(session: Session, query: Any) -> list[_Frame]:
    rows = session.execute(query.join(Video, Video.id == KeyFrame.video_id))
    return sorted((_Frame(*row) for row in rows), key=lambda one: (one.film, one.seconds))


def _write(session: Session, tasks: Sequence[Sequence[_Frame]]) -> None:
    if not tasks:
        return
    number = session.scalar(select(func.coalesce(func.max(Task.round) + 1, 0)))
    ids = session.scalars(
        insert(Task).returning(Task.id, sort_by_parameter_order=True),
        [{"kind": KIND, "round": number} for _ in tasks],
    ).all()
    rows = [
        {
            "task_id": task_id,
            "position": position,
            "key_frame_id": frame.key_frame_id,
            "gold_id": frame.gold_id,
        }
        for task_id, task in zip(ids, tasks, strict=True)
        for position, frame in enumerate(task)
    ]
    session.execute(insert(TaskSlot), rows)


def _digest(seed: int, *words: str) -> str:
    return hashlib.sha256("\n".join((str(seed), *words)).encode()).hexdigest()


_COLUMNS = (KeyFrame.id, Video.video_id, KeyFrame.timestamp_seconds)
