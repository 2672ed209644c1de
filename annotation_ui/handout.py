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

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    CursorResult,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk
from annotation_ui.desk_rows import read_desk
from kinetics_builder.config import Config
from kinetics_builder.database.tables import Assignment, Task, TaskSlot, Vote


def current_desk(session: Session, worker_id: int, config: Config, now: float) -> Desk | None:
    """Return the task the worker holds, if it has a question left to ask."""
    task_id = session.scalar(_HELD_NOW, {"worker_id": worker_id, "now": now})
    if task_id is None:
        return None
    desk = read_desk(session, task_id, worker_id, config.verify, now)
    return desk if desk.remaining() else None


def take_task(session: Session, worker_id: int, config: Config, now: float) -> Desk | None:
    """Return the worker's next task, written down as theirs; None when nothing is waiting.

    An unfinished task comes first, then a fresh one, then the rest of a finished one.
    Call it inside a write transaction.
    """
    for task_id in _candidates(session, worker_id):
        desk = read_desk(session, task_id, worker_id, config.verify, now)
        if desk.is_worth_taking():
            _hold(session, desk, now, config)
            return read_desk(session, task_id, worker_id, config.verify, now)
    return None


def submit(session: Session, worker_id: int, task_id: int) -> None:
    """Note that the task holds no more questions for the worker."""
    session.execute(_SUBMIT, {"holder_id": worker_id, "held_id": task_id})


def _candidates(session: Session, worker_id: int) -> Iterator[int]:
    """Yield ids of tasks that are not finished, the most wanted first."""
    me = {"worker_id": worker_id}
    for task_id in session.scalars(_HELD, me).all():
        yield task_id
        submit(session, worker_id, task_id)
    for tasks in (_FRESH, _REST):
        yield from session.scalars(tasks, me).all()


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


_ME: BindParameter[int] = bindparam("worker_id")
_HELD = (
    select(Assignment.task_id)
    .where(Assignment.worker_id == _ME, Assignment.submitted_at.is_(None))
    .order_by(Assignment.id)
)
_HELD_NOW = _HELD.where(Assignment.expires_at > bindparam("now")).limit(1)
_WAS_MINE = exists(Assignment.id).where(Assignment.task_id == Task.id, Assignment.worker_id == _ME)
_FRESH = (
    select(Task.id)
    .outerjoin(Assignment, Assignment.task_id == Task.id)
    .where(~Task.is_finished, ~_WAS_MINE.correlate(Task))
    .group_by(Task.id)
    .order_by(func.count(Assignment.id), Task.id)
)
_HAS_REST = (
    exists(TaskSlot.id)
    .where(TaskSlot.task_id == Task.id, TaskSlot.gold_id.is_(None))
    .where(
        ~exists(Vote.id)
        .where(
            Vote.worker_id == _ME,
            Vote.clip_id == TaskSlot.clip_id,
            Vote.label_id == TaskSlot.label_id,
        )
        .correlate(TaskSlot)
    )
    .correlate(Task)
)
_REST = select(Task.id).where(~Task.is_finished, _WAS_MINE, _HAS_REST).order_by(Task.id)
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
