"""Who gets which task next.

Each clip lies in one task; a task goes to several workers, one after another or side by
side, until every clip in it is decided. Rules, all of them held inside one write
transaction, so that two workers never overshoot:

- nobody is asked about the same clip and label twice;
- a question is before as many workers at a time as votes could decide it at best;
- a decided question is asked no more, and a task of decided questions is not handed out;
- the task with the fewest takers goes first, so that clips get their votes evenly.

A worker who has finished a task gets the rest of it later if questions in it that were
before enough others turn out to need one more answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    CursorResult,
    Table,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk
from annotation_ui.desk_rows import counts, read_desk
from kinetics_builder.config import Config, VerifyConfig
from kinetics_builder.crowd.policy import votes_to_decide
from kinetics_builder.database.tables import (
    Answer,
    Assignment,
    Clip,
    Task,
    TaskSlot,
    Vote,
    WorkerStanding,
)


@dataclass
class FinishedTasks:
    """Remembers which tasks have no undecided clip, so that nobody looks at them again.

    Votes only add up, so a finished task stays finished, until a worker's standing changes
    which votes count, a worker changes an answer, or a transaction that found it finished fails.
    """

    config: VerifyConfig
    task_ids: set[int] = field(default_factory=set)
    set_aside: frozenset[int] = frozenset()
    newest_change: int | None = None
    """The id of the last vote that replaced another."""

    def refresh(self, session: Session) -> None:
        """Forget everything if other votes count than last time."""
        set_aside = frozenset(
            session.scalars(select(WorkerStanding.worker_id).where(WorkerStanding.is_warned))
        )
        newest_change = session.scalar(_NEWEST_CHANGE)
        if (set_aside, newest_change) != (self.set_aside, self.newest_change):
            self.task_ids.clear()
            self.set_aside, self.newest_change = set_aside, newest_change


def current_desk(session: Session, worker_id: int, config: Config, now: float) -> Desk | None:
    """Return the task the worker holds, if it has a question left to ask."""
    task_id = session.scalar(_HELD_NOW, {"worker_id": worker_id, "now": now})
    if task_id is None:
        return None
    desk = read_desk(session, task_id, worker_id, config.verify, now)
    return desk if desk.remaining() else None


def take_task(
    session: Session, worker_id: int, config: Config, finished: FinishedTasks, now: float
) -> Desk | None:
    """Return the worker's next task, written down as theirs; None when nothing is waiting.

    An unfinished task comes first, then a fresh one, then the rest of a finished one.
    Call it inside a write transaction.
    """
    finished.refresh(session)
    for task_id in _candidates(session, worker_id, finished):
        desk = read_desk(session, task_id, worker_id, config.verify, now)
        if desk.is_worth_taking():
            _hold(session, desk, now, config)
            return read_desk(session, task_id, worker_id, config.verify, now)
    return None


def submit(session: Session, worker_id: int, task_id: int) -> None:
    """Note that the task holds no more questions for the worker."""
    session.execute(_SUBMIT, {"holder_id": worker_id, "held_id": task_id})


def _candidates(session: Session, worker_id: int, finished: FinishedTasks) -> Iterator[int]:
    """Yield ids of tasks with undecided questions, the most wanted first."""
    me = {"worker_id": worker_id}
    for task_id in session.scalars(_HELD, me).all():
        yield task_id
        submit(session, worker_id, task_id)
    for tasks in (_FRESH, _REST):
        yield from _undecided(session, session.scalars(tasks, me).all(), finished)


def _undecided(session: Session, found: Sequence[int], finished: FinishedTasks) -> Iterator[int]:
    """Yield those of the tasks that hold an undecided clip; remember the others."""
    task_ids = [task_id for task_id in found if task_id not in finished.task_ids]
    start, size = 0, 4
    while start < len(task_ids):
        chunk = task_ids[start : start + size]
        rows = session.execute(_TALLIES, {"task_ids": chunk})
        undecided = {
            task_id
            for task_id, num_yes, num_votes in rows
            if votes_to_decide(num_yes, num_votes, finished.config)
        }
        finished.task_ids.update(set(chunk) - undecided)
        yield from (task_id for task_id in chunk if task_id in undecided)
        start, size = start + size, min(size * 4, 256)


def _hold(session: Session, desk: Desk, now: float, config: Config) -> None:
    expires_at = now + config.assign.expires_seconds
    holder = {"holder_id": desk.worker_id, "held_id": desk.task_id, "until": expires_at}
    result = cast(CursorResult[Any], session.execute(_HOLD_AGAIN, holder))
    if result.rowcount == 0:
        row = {
            "task_id": desk.task_id,
            "worker_id": desk.worker_id,
            "expires_at": expires_at,
            "taken_at": now,
        }
        session.execute(insert(Assignment), row)


_NEWEST_CHANGE = select(func.max(Vote.id)).where(Vote.revision > 0)
_ME: BindParameter[int] = bindparam("worker_id")
_HELD = (
    select(Assignment.task_id)
    .where(Assignment.worker_id == _ME, Assignment.submitted_at.is_(None))
    .order_by(Assignment.id)
)
_HELD_NOW = _HELD.where(Assignment.expires_at > bindparam("now")).limit(1)
_FRESH = (
    select(Task.id)
    .outerjoin(Assignment, Assignment.task_id == Task.id)
    .where(Task.id.not_in(select(Assignment.task_id).where(Assignment.worker_id == _ME)))
    .group_by(Task.id)
    .order_by(func.count(Assignment.id), Task.id)
)
_REST = (
    select(TaskSlot.task_id)
    .distinct()
    .join(Assignment, Assignment.task_id == TaskSlot.task_id)
    .outerjoin(
        Vote,
        and_(
            Vote.worker_id == _ME,
            Vote.clip_id == TaskSlot.clip_id,
            Vote.label_id == TaskSlot.label_id,
            Vote.stands(),
        ),
    )
    .where(Assignment.worker_id == _ME, TaskSlot.gold_id.is_(None), Vote.id.is_(None))
    .order_by(TaskSlot.task_id)
)
_TALLIES = (
    select(
        TaskSlot.task_id,
        func.count(case((and_(counts(), Vote.answer == Answer.YES), Vote.id))),
        func.count(case((counts(), Vote.id))),
    )
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .outerjoin(
        Vote,
        and_(Vote.clip_id == TaskSlot.clip_id, Vote.label_id == TaskSlot.label_id, Vote.stands()),
    )
    .outerjoin(WorkerStanding, WorkerStanding.worker_id == Vote.worker_id)
    .where(TaskSlot.task_id.in_(bindparam("task_ids", expanding=True)))
    .where(TaskSlot.gold_id.is_(None), Clip.is_withdrawn.is_(False))
    .group_by(TaskSlot.task_id, TaskSlot.id)
)
_ASSIGNMENT = Assignment.__table__
assert isinstance(_ASSIGNMENT, Table)
_THIS = and_(
    _ASSIGNMENT.c.worker_id == bindparam("holder_id"),
    _ASSIGNMENT.c.task_id == bindparam("held_id"),
)
_SUBMIT = (
    update(_ASSIGNMENT)
    .where(_THIS, _ASSIGNMENT.c.submitted_at.is_(None))
    .values(submitted_at=func.now())
)
_HOLD_AGAIN = (
    update(_ASSIGNMENT).where(_THIS).values(submitted_at=None, expires_at=bindparam("until"))
)
