"""Verb `assign`, for whole videos: when in them their classes happen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import AssignConfig, Config
from kinetics_builder.crowd.segments.deciding import KIND, TIMELINE_TASKS
from kinetics_builder.crowd.tasks import deal
from kinetics_builder.database.tables import (
    Candidate,
    Gold,
    Label,
    Media,
    TakenVideo,
    Task,
    TaskSlot,
    Timeline,
    Video,
)
from kinetics_builder.errors import ConfigError, StageOrderError
from pipelines.collecting.classes import is_searched
from pipelines.verifying.gold_slots import is_for_all, mix_in_tasks
from pipelines.verifying.new_tasks import write_tasks


@dataclass(frozen=True)
class SegmentsDealt:
    """What `assign` did about whole videos."""

    num_tasks: int
    """New ones."""
    num_questions: int
    """Ordinary questions of the new tasks."""
    num_gold_slots: int
    num_gold_missing: int
    """Gold questions that the new tasks lack."""
    num_asked_before: int
    """Videos with a class each that tasks of earlier runs ask about."""
    num_gold_mixed_in: int = 0
    """Gold questions put into tasks of earlier runs that are not finished."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A timeline, named without ids."""

    timeline_id: int
    video: str
    label: str
    gold_id: int | None = None
    is_yes: bool = True

    @property
    def content(self) -> str:
        """Return its name."""
        return f"{self.video} {self.label}"

    @property
    def thing(self) -> int:
        """Return what a task asks about but once."""
        return self.timeline_id

    @property
    def slot(self) -> dict[str, int | None]:
        """Return the columns of `task_slot` that say what is asked."""
        return {"timeline_id": self.timeline_id}


def assign_segments(
    session: Session, config: Config, *, whatever_was_asked: bool = True
) -> SegmentsDealt:
    """Put every video that is here, with each class that its title names, into a task.

    Reads `candidate`, `media` and `gold`; writes `timeline`, `task` and `task_slot`. A second run
    adds nothing. No kind of question is behind it, so it does not matter `whatever_was_asked`.

    Raises:
        ConfigError: Nobody is to be asked.
        StageOrderError: No video was downloaded.

    """
    if not config.verify.segment_answers:
        raise ConfigError(
            "verify.segment_answers is 0: nobody is asked when actions happen. Say in kbuild.toml "
            "how many people are to mark each video."
        )
    if not has_videos(session):
        raise StageOrderError("assign", needs="download", what="videos")
    asked_before = session.scalar(
        select(func.count(TaskSlot.timeline_id.distinct())).where(TaskSlot.gold_id.is_(None))
    )
    num_mixed_in = mix_segments_gold_in(session, config.assign)
    _add_timelines(session)
    tasks = deal(_new(session), _gold(session), config.assign)
    _write(session, tasks)
    num_gold = sum(one.gold_id is not None for task in tasks for one in task)
    return SegmentsDealt(
        num_tasks=len(tasks),
        num_questions=sum(map(len, tasks)) - num_gold,
        num_gold_slots=num_gold,
        num_gold_missing=len(tasks) * config.assign.gold_per_task - num_gold,
        num_asked_before=asked_before or 0,
        num_gold_mixed_in=num_mixed_in,
    )


def mix_segments_gold_in(session: Session, config: AssignConfig) -> int:
    """Put gold into unfinished tasks, see `mix_in_tasks`; return how many questions."""
    uses = Counter(session.scalars(select(TaskSlot.gold_id).where(TaskSlot.gold_id.is_not(None))))
    gold = sorted(_gold(session), key=lambda one: (uses[one.gold_id], one.content))
    return mix_in_tasks(session, gold, _unfinished(session), config)


def has_videos(session: Session) -> bool:
    """Tell whether there is any video with a class."""
    return session.execute(_pairs().limit(1)).first() is not None


def timeline_of(session: Session, video_id: int, label_id: int) -> Timeline:
    """Return the timeline of a video and a class, made if it is new."""
    about = {"video_id": video_id, "label_id": label_id}
    found = session.scalar(select(Timeline).filter_by(**about))
    if found is None:
        session.add(found := Timeline(**about))
        session.flush()
    return found


def _pairs() -> Any:
    return (
        select(Candidate.video_id, Candidate.label_id)
        .join(Media, Media.video_id == Candidate.video_id)
        .join(Label, Label.id == Candidate.label_id)
        .where(is_searched(), TakenVideo.spares(Candidate.video_id))
        .distinct()
    )


def _add_timelines(session: Session) -> None:
    pairs = _pairs().subquery()
    is_known = exists(Timeline.id).where(
        Timeline.video_id == pairs.c.video_id, Timeline.label_id == pairs.c.label_id
    )
    new = select(pairs.c.video_id, pairs.c.label_id).where(~is_known)
    session.execute(
        insert(Timeline).from_select(
            ["video_id", "label_id"], new.order_by(pairs.c.video_id, pairs.c.label_id)
        )
    )


def _new(session: Session) -> list[Asked]:
    is_asked = exists(TaskSlot.id).where(TaskSlot.timeline_id == Timeline.id)
    is_gold = exists(Gold.id).where(Gold.timeline_id == Timeline.id)
    rows = session.execute(_named().where(is_searched(), ~is_asked, ~is_gold))
    return sorted((Asked(*row) for row in rows), key=lambda one: one.content)


def _gold(session: Session) -> list[Asked]:
    query = _named(Gold.id).join(Gold, Gold.timeline_id == Timeline.id)
    return sorted((Asked(*row) for row in session.execute(query)), key=lambda one: one.content)


def _named(*columns: Any) -> Any:
    return (
        select(Timeline.id, Video.video_id, Label.name, *columns)
        .join(Video, Video.id == Timeline.video_id)
        .join(Label, Label.id == Timeline.label_id)
        .join(Media, Media.video_id == Timeline.video_id)
        .where(TakenVideo.spares(Timeline.video_id))
    )


def _unfinished(session: Session) -> dict[int, list[tuple[int, Asked]]]:
    """Return (slot id, question) in the order of the task, by task."""
    query = (
        _named(TaskSlot.gold_id, TaskSlot.id, TaskSlot.task_id)
        .join(TaskSlot, TaskSlot.timeline_id == Timeline.id)
        .join(Task, Task.id == TaskSlot.task_id)
        .where(Task.kind == KIND, ~Task.is_finished, is_for_all())
        .order_by(TaskSlot.task_id, TaskSlot.position)
    )
    found: dict[int, list[tuple[int, Asked]]] = {}
    for *asked, slot_id, task_id in session.execute(query):
        found.setdefault(task_id, []).append((slot_id, Asked(*asked)))
    return found


def _write(session: Session, tasks: Sequence[Sequence[Asked]]) -> None:
    if not tasks:
        return
    write_tasks(session, KIND, tasks)
    asked = {one.timeline_id for task in tasks for one in task if one.gold_id is None}
    TIMELINE_TASKS.note(session.connection(), asked)
