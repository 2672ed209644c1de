"""Verb `assign`, for key frames: those nobody was asked about yet, as to who is seen there."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import and_, exists, func, select, true
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.boxes.decisions import FRAME_TASKS, KIND
from kinetics_builder.database.tables import Gold, KeyFrame, Task, TaskSlot, Video
from kinetics_builder.errors import StageOrderError
from pipelines.verifying.gold_slots import is_for_all, mix_in_tasks
from pipelines.verifying.new_tasks import write_tasks


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
    num_gold_mixed_in: int = 0
    """Gold questions put into tasks of earlier runs that are not finished."""


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

    @property
    def thing(self) -> int:
        return self.key_frame_id

    @property
    def label(self) -> str:
        return self.film

    @property
    def is_yes(self) -> bool:
        return True

    @property
    def slot(self) -> dict[str, int | None]:
        return {"key_frame_id": self.key_frame_id}


def assign_frames(
    session: Session, config: Config, *, whatever_was_asked: bool = True
) -> FramesReport:
    """Put every key frame that people should see next into a task.

    A task holds neighbours of one film in the order of time, so that who draws knows the people,
    with gold at random places. Gold is used in turn, and each once in a task. Reads `key_frame`
    and `gold`; writes `task` and `task_slot`. A second run adds nothing.

    Args:
        session: A writing one.
        config: How tasks are dealt.
        whatever_was_asked: Whether key frames come too of which people are asked already what
            the persons of the boxes do.

    Raises:
        StageOrderError: There is no key frame.

    """
    if not has_frames(session):
        raise StageOrderError("assign", needs="ava keyframes", what="key frames")
    asked_before = session.scalar(
        select(func.count(TaskSlot.key_frame_id.distinct())).where(
            TaskSlot.gold_id.is_(None), TaskSlot.person_box_id.is_(None)
        )
    )
    num_mixed_in = mix_frames_gold_in(session, config.assign)
    tasks = _deal(
        _new_frames(session, whatever_was_asked=whatever_was_asked), _gold(session), config.assign
    )
    _write(session, tasks)
    num_gold = sum(frame.gold_id is not None for task in tasks for frame in task)
    return FramesReport(
        num_tasks=len(tasks),
        num_questions=sum(map(len, tasks)) - num_gold,
        num_gold_slots=num_gold,
        num_gold_missing=len(tasks) * config.assign.gold_per_task - num_gold,
        num_asked_before=asked_before or 0,
        num_gold_mixed_in=num_mixed_in,
    )


def mix_frames_gold_in(session: Session, config: AssignConfig) -> int:
    """Put gold into unfinished tasks about boxes, see `mix_in_tasks`; return how many questions."""
    uses = Counter(session.scalars(select(TaskSlot.gold_id).where(TaskSlot.gold_id.is_not(None))))
    gold = sorted(
        _gold(session), key=lambda one: (uses[one.gold_id], _digest(config.seed, one.content))
    )
    return mix_in_tasks(session, gold, _unfinished(session), config)


def _unfinished(session: Session) -> dict[int, list[tuple[int, _Frame]]]:
    """Return (slot id, question) in the order of the task, by task."""
    query = (
        select(*_COLUMNS, TaskSlot.gold_id, TaskSlot.id, TaskSlot.task_id)
        .join(TaskSlot, TaskSlot.key_frame_id == KeyFrame.id)
        .join(Task, Task.id == TaskSlot.task_id)
        .join(Video, Video.id == KeyFrame.video_id)
        .where(Task.kind == KIND, ~Task.is_finished, is_for_all())
        .order_by(TaskSlot.task_id, TaskSlot.position)
    )
    found: dict[int, list[tuple[int, _Frame]]] = {}
    rows: Iterable[Any] = session.execute(query)
    for *frame, slot_id, task_id in rows:
        found.setdefault(task_id, []).append((slot_id, _Frame(*frame)))
    return found


def has_frames(session: Session) -> bool:
    """Tell whether there is any key frame to ask about."""
    wanted = select(KeyFrame.id).where(KeyFrame.is_withdrawn.is_(False)).limit(1)
    return session.scalar(wanted) is not None


def count_new_frames(session: Session) -> int:
    """Return how many key frames `assign` would ask about now."""
    return len(_new_frames(session, whatever_was_asked=False))


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


def _new_frames(session: Session, *, whatever_was_asked: bool) -> list[_Frame]:
    """Return the frames to ask about, by film and in the order of time."""
    is_asked = exists().where(
        TaskSlot.key_frame_id == KeyFrame.id,
        TaskSlot.person_box_id.is_(None) if whatever_was_asked else true(),
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
    write_tasks(session, KIND, tasks)
    asked = {frame.key_frame_id for task in tasks for frame in task if frame.gold_id is None}
    FRAME_TASKS.note(session.connection(), asked)


def _digest(seed: int, *words: str) -> str:
    return hashlib.sha256("\n".join((str(seed), *words)).encode()).hexdigest()


_COLUMNS = (KeyFrame.id, Video.video_id, KeyFrame.timestamp_seconds)
