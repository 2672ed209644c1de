"""Who gets which task next.

A task holds questions of one kind, and what is to be decided lies in one task; it goes to
several workers, one after another or side by side, until all in it is decided. Rules, all of
them held inside one write transaction, so that two workers never overshoot:

- nobody is asked about the same subject twice, but on purpose, on a second occasion;
- a question is before as many workers at a time as answers could decide it at best;
- a decided question is asked no more, and a task of decided questions is not handed out;
- the task with the fewest takers goes first, so that answers come evenly;
- whoever has met a task's gold in another task is asked other gold in its place;
- whoever the owner asks a round of gold answers that first.

Where a kind's policy has a dealer, that makes each task for one worker alone, and a task whose time
is over is given up: what it asked about goes to others.

A worker who has finished a task gets the rest of it later if questions in it that were
before enough others turn out to need one more answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    CursorResult,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from annotation_ui.desk import Desk
from annotation_ui.desk_rows import Seat, read_desk
from annotation_ui.kinds.kind import Kind
from annotation_ui.own_gold import add_own_gold
from kinetics_builder.config import Config
from kinetics_builder.crowd.rounds import open_task
from kinetics_builder.database.tables import Assignment, Task, TaskSlot


@dataclass(frozen=True, slots=True)
class Queries:
    """Which tasks of one kind a worker may get: ids, the most wanted first."""

    held: Select[Any]
    """The worker's own, not finished."""
    held_now: Select[Any]
    """Those of them whose time is not over."""
    fresh: Select[Any]
    rest: Select[Any]
    """Those the worker had, in which something was never answered."""


def current_desk(
    kind: Kind, session: Session, worker_id: int, config: Config, now: float
) -> Desk | None:
    """Return the task of this kind that the worker holds, if it has a question left to ask.

    A round of gold that the owner asks for goes first.
    """
    if desk := _round_desk(kind, session, worker_id, config, now):
        return desk
    held_now = queries(kind).held_now.limit(1)
    task_id = session.scalar(held_now, {"worker_id": worker_id, "now": now})
    if task_id is None:
        return None
    desk = read_desk(kind, session, Seat(task_id, worker_id, now), config.verify)
    return None if desk.is_done() else desk


def take_task(
    kind: Kind, session: Session, worker_id: int, config: Config, now: float
) -> Desk | None:
    """Return the worker's next task, written down as theirs; None when nothing is waiting.

    A round of gold that the owner asks for comes first, then an unfinished task, then a fresh one,
    then the rest of a finished one. Call it inside a write transaction.
    """
    if desk := _round_desk(kind, session, worker_id, config, now):
        _hold(session, desk, now, config)
        return desk
    for task_id in _candidates(kind, session, worker_id, config, now):
        if desk := _taken(kind, session, Seat(task_id, worker_id, now), config):
            return desk
    return None


def take_ahead(kind: Kind, session: Session, seat: Seat, config: Config) -> Desk | None:
    """Return a task more for a worker who is at work on that of the seat; None without any.

    So the page has it ready when that one is done. A worker who holds another task already gets
    that one: nobody holds more than two. Call it inside a write transaction.
    """
    me = {"worker_id": seat.worker_id}
    held = [
        task_id for task_id in session.scalars(queries(kind).held, me) if task_id != seat.task_id
    ]
    for task_id in held or _new(kind, session, seat.worker_id, config, seat.now):
        if desk := _taken(kind, session, replace(seat, task_id=task_id), config):
            return desk
    return None


def task_at(session: Session, slot_id: int) -> int:
    """Return the task of a slot; 0 where there is no such slot."""
    return session.scalar(select(TaskSlot.task_id).where(TaskSlot.id == slot_id)) or 0


def submit(session: Session, worker_id: int, task_id: int) -> None:
    """Note that the task holds no more questions for the worker."""
    session.execute(_SUBMIT, {"holder_id": worker_id, "held_id": task_id})


def _round_desk(
    kind: Kind, session: Session, worker_id: int, config: Config, now: float
) -> Desk | None:
    task_id = open_task(session.connection(), kind.name, worker_id)
    if task_id is None:
        return None
    desk = read_desk(kind, session, Seat(task_id, worker_id, now), config.verify)
    return desk if desk.remaining() else None


def _candidates(
    kind: Kind, session: Session, worker_id: int, config: Config, now: float
) -> Iterator[int]:
    """Yield ids of tasks that are not finished, the most wanted first."""
    me = {"worker_id": worker_id, "now": now}
    found = queries(kind)
    is_dealt_anew = kind.dealer(config.verify) is not None
    held_now = set(session.scalars(found.held_now, me))
    for task_id in session.scalars(found.held, me).all():
        if task_id in held_now or not is_dealt_anew:
            yield task_id
        submit(session, worker_id, task_id)
    yield from _new(kind, session, worker_id, config, now)
    if not is_dealt_anew:
        yield from session.scalars(found.rest, me).all()


def _new(kind: Kind, session: Session, worker_id: int, config: Config, now: float) -> Iterator[int]:
    """Yield ids of tasks that the worker never had."""
    dealer = kind.dealer(config.verify)
    if dealer is None:
        yield from _in_parts(session, queries(kind).fresh, {"worker_id": worker_id})
    elif (task_id := dealer(session, worker_id, config, now)) is not None:
        yield task_id


def _in_parts(session: Session, query: Select[Any], who: dict[str, int]) -> Iterator[int]:
    """Yield ids: some, as the first of them is mostly good, and then all others."""
    yield from (first := session.scalars(query.limit(_FEW), who).all())
    if len(first) == _FEW:
        yield from session.scalars(query.offset(_FEW), who).all()


def _taken(kind: Kind, session: Session, seat: Seat, config: Config) -> Desk | None:
    """Return a task, written down as the worker's; None if nothing in it is to be asked."""
    desk = read_desk(kind, session, seat, config.verify)
    if not desk.is_worth_taking():
        return None
    is_first = _hold(session, desk, seat.now, config)
    has_own = is_first and add_own_gold(kind, session, desk, config.assign.seed)
    has_repeats = is_first and kind.add_repeats(session, desk, config)
    if is_first and not (has_own or has_repeats) and not desk.ahead:
        return desk  # as it would be read again: who comes now comes behind nobody
    return read_desk(kind, session, seat, config.verify)


def _hold(session: Session, desk: Desk, now: float, config: Config) -> bool:
    """Write the task down as the worker's; tell whether it never was before."""
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
        session.execute(_TAKE, {"taken_id": desk.task_id})
    return result.rowcount == 0


@cache
def queries(kind: Kind) -> Queries:
    """Return the queries for tasks of a kind."""
    answers, names = kind.crowd.answers, kind.crowd.subject
    is_about_it = [getattr(answers, name) == getattr(TaskSlot, name) for name in names]
    held = _HELD.where(Task.kind == kind.name)
    # Looked up by its key, so that the tasks that are left are read from their index alone.
    same = aliased(Task)
    is_of_kind = exists(same.id).where(same.id == Task.id, same.kind == kind.name).correlate(Task)
    is_answered = (
        exists(answers.id).where(answers.worker_id == _ME, *is_about_it).correlate(TaskSlot)
    )
    has_rest = (
        exists(TaskSlot.id)
        .where(TaskSlot.task_id == Task.id, TaskSlot.gold_id.is_(None), ~is_answered)
        .where(TaskSlot.behind_id.is_(None))
        .correlate(Task)
    )
    return Queries(
        held=held,
        held_now=held.where(Assignment.expires_at > bindparam("now")),
        fresh=_FRESH.where(Task.kind == kind.name),
        rest=select(Task.id)
        .where(~Task.is_finished, is_of_kind, _WAS_MINE, has_rest)
        .order_by(Task.id),
    )


_ME: BindParameter[int] = bindparam("worker_id")
_HELD = (
    select(Assignment.task_id)
    .join(Task, Task.id == Assignment.task_id)
    .where(Assignment.worker_id == _ME, Assignment.submitted_at.is_(None))
    .order_by(Assignment.id)
)
_WAS_MINE = exists(Assignment.id).where(Assignment.task_id == Task.id, Assignment.worker_id == _ME)
_FRESH = (
    select(Task.id)
    .where(~Task.is_finished, ~_WAS_MINE.correlate(Task))
    .order_by(Task.num_takers, Task.id)
)
_FEW = 8
_ASSIGNMENT = Assignment.__table__
assert isinstance(_ASSIGNMENT, Table)
_TASK: Any = Task.__table__
_TAKE = (
    update(_TASK)
    .where(_TASK.c.id == bindparam("taken_id"))
    .values(num_takers=_TASK.c.num_takers + 1)
)
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
