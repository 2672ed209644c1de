"""Reading `Desk`s from the database: five queries by indexes, for one of them or for many.

Each kind of task has its own five, made once from what the kind says of its tables.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Select, bindparam, or_, select
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk, Question, Subject
from annotation_ui.kinds.kind import Kind
from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.among import among
from kinetics_builder.database.bulk import listed
from kinetics_builder.database.tables import (
    Assignment,
    PassedSlot,
    Task,
    TaskSlot,
    Worker,
    WorkerStanding,
)
from kinetics_builder.ways import Way

Votes = Mapping[Subject, Mapping[int, Any]]


@dataclass(frozen=True, slots=True)
class Seat:
    """Before whom a task lies, and when."""

    task_id: int
    worker_id: int
    now: float
    """Unix time in seconds."""
    slots: frozenset[int] = frozenset()
    """Those of its questions that are being answered."""
    holds: frozenset[int] = frozenset()
    """Slots of those that the worker's page has read before."""


@dataclass(frozen=True, slots=True)
class Queries:
    """What is asked of the database about tasks of one kind."""

    questions: Select[Any]
    votes: Select[Any]
    own: Select[Any]
    passed: Select[Any]
    holders: Select[Any]


def read_desk(kind: Kind, session: Session, seat: Seat, config: VerifyConfig) -> Desk:
    """Return the task as it lies before the worker, who need not hold it yet."""
    (desk,) = read_desks(kind, session, [seat], config)
    return desk


def read_desks(
    kind: Kind, session: Session, seats: Sequence[Seat], config: VerifyConfig
) -> list[Desk]:
    """Return the tasks, all of one kind, as they lie before workers: each has one seat here.

    Answers of workers who were set aside (`WorkerStanding.is_warned`) do not count, and such
    workers keep no seats from others. Complete (`Kind.complete`) are the questions that come
    next, unless the seat holds them, and those that are being answered.
    """
    rows = session.connection()
    tasks = {"tasks": listed(seat.task_id for seat in seats)}
    asked = _read_questions(kind, rows, seats)
    workers = {seat.worker_id for seat in seats}
    everything = [question for before in asked for question in before.questions]
    is_gold_asked = any(question.is_gold for question in everything)
    usual = len(kind.crowd.subject)  # What is asked once more has one part more.
    about = {q.subject[0] for q in everything if not q.is_gold and len(q.subject) == usual}
    votes, mine = _read_votes(kind, rows, about, workers)
    if is_gold_asked:
        _add_own(kind, rows, tasks, mine)
    for subject, worker_id, slot_id in kind.answered_again(rows, everything, workers):
        mine[worker_id][subject] = slot_id
    passed = _read_passed(kind, rows, tasks, mine)
    earliest = {**tasks, "now": min(seat.now for seat in seats)}
    holders = rows.execute(queries(kind).holders, earliest).all()
    desks = [
        kind.desk(
            seat.worker_id,
            seat.task_id,
            config,
            before.questions,
            _ahead(holders, seat),
            votes,
            mine[seat.worker_id],
            before.addresses,
            before.way,
            passed,
        )
        for seat, before in zip(seats, asked, strict=True)
    ]
    _complete(kind, rows, seats, desks)
    return desks


@dataclass(frozen=True, slots=True)
class _Before:
    """What one worker is asked of a task."""

    questions: tuple[Question, ...]
    addresses: Mapping[int, int]
    way: Way


def _read_questions(kind: Kind, rows: Connection, seats: Sequence[Seat]) -> list[_Before]:
    """Return what each seat's worker is asked: what everybody is, and gold of one's own.

    That stands where the gold does that the worker has met, and has that one's address. A worker
    has what was asked of those who were joined to them.
    """
    ids = {
        "tasks": listed(seat.task_id for seat in seats),
        "workers": listed(seat.worker_id for seat in seats),
    }
    found: dict[int, list[_Asked]] = {}
    for task_id, slot_id, *row in rows.execute(queries(kind).questions, ids):
        *question, way, position, instead_of, behind, owner, owner_is = row
        one = kind.question(slot_id, *question)
        asked = _Asked(one, way, position, instead_of, behind, owner, owner_is)
        found.setdefault(task_id, []).append(asked)
    return [_before(seat, found.get(seat.task_id, ())) for seat in seats]


def _before(seat: Seat, asked: Iterable["_Asked"]) -> _Before:
    own = [one for one in asked if one.is_for(seat.worker_id)]
    addresses = {
        one.question.slot_id: one.instead_of_id for one in own if one.instead_of_id is not None
    }
    return _Before(tuple(_in_order(own)), addresses, own[0].way if own else Way.CLIP)


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    way: Way
    position: int
    instead_of_id: int | None
    behind_id: int | None
    owner_id: int | None
    owner_same_as_id: int | None

    def is_for(self, worker_id: int) -> bool:
        if self.behind_id is not None:
            return self.owner_id == worker_id
        return self.owner_id is None or worker_id in (self.owner_id, self.owner_same_as_id)


def _in_order(asked: Sequence[_Asked]) -> list[Question]:
    """Return questions by position; one's own behind the one whose place it takes.

    So is what is asked once more behind the one that it was put behind.
    """
    places: dict[int, tuple[int, int]] = {}
    # One's own count down from -1, and stand for one that was there before.
    for own in sorted(asked, key=lambda one: (one.position < 0, abs(one.position))):
        number = own.question.slot_id
        place, _ = places.get(own.instead_of_id or own.behind_id or number, (own.position, 0))
        places[number] = place, -min(own.position, 0)
    return sorted((one.question for one in asked), key=lambda one: places[one.slot_id])


def _complete(kind: Kind, rows: Connection, seats: Sequence[Seat], desks: Sequence[Desk]) -> None:
    wanted = {
        question.slot_id: question
        for seat, desk in zip(seats, desks, strict=True)
        for question in desk.upcoming(seat.slots, seat.holds)
    }
    whole = {one.slot_id: one for one in kind.complete(rows, list(wanted.values()))}
    for desk in desks:
        desk.questions = tuple(whole.get(one.slot_id, one) for one in desk.questions)


def _read_votes(
    kind: Kind, rows: Connection, about: Collection[int], worker_ids: Collection[int]
) -> tuple[Votes, dict[int, dict[Subject, int]]]:
    """Return the answers that count, and by worker in which slot each subject was answered.

    What is asked about is named one by one: where PostgreSQL is to find it by the task, it may
    look at all answers there are instead.
    """
    votes: dict[Subject, dict[int, Any]] = {}
    mine: dict[int, dict[Subject, int]] = {worker_id: {} for worker_id in worker_ids}
    found: Iterable[Any] = rows.execute(queries(kind).votes, {"about": listed(about)})
    for *named, voter_id, slot_id, said, is_set_aside in found:
        subject = tuple(named)
        if voter_id in mine:
            mine[voter_id][subject] = slot_id
        if not is_set_aside:
            votes.setdefault(subject, {})[voter_id] = said
    return votes, mine


def _add_own(
    kind: Kind,
    rows: Connection,
    tasks: Mapping[str, Sequence[int]],
    mine: dict[int, dict[Subject, int]],
) -> None:
    """Add what the workers themselves answered of gold; it has many answers of others."""
    found: Iterable[Any] = rows.execute(queries(kind).own, {"workers": listed(mine), **tasks})
    for *about, voter_id, slot_id in found:
        mine[voter_id][tuple(about)] = slot_id


def _read_passed(
    kind: Kind,
    rows: Connection,
    tasks: Mapping[str, Sequence[int]],
    mine: Mapping[int, dict[Subject, int]],
) -> Mapping[Subject, Collection[int]]:
    """Return who could not see which subject; to those in `mine` it is added."""
    passed: dict[Subject, set[int]] = {}
    for *about, worker_id, slot_id, behind_id in rows.execute(queries(kind).passed, tasks):
        subject = tuple(about) if behind_id is None else (*about, 2)
        passed.setdefault(subject, set()).add(worker_id)
        if worker_id in mine:
            mine[worker_id].setdefault(subject, slot_id)
    return passed


def _ahead(holders: Sequence[Any], seat: Seat) -> tuple[int, ...]:
    """Return who took the task before: of all `holders`, in the order of their taking."""
    sitting = (
        holder.worker_id
        for holder in holders
        if holder.task_id == seat.task_id
        and holder.expires_at > seat.now
        and (holder.worker_id == seat.worker_id or not holder.is_warned)
    )
    return tuple(takewhile(lambda worker_id: worker_id != seat.worker_id, sitting))


@cache
def queries(kind: Kind) -> Queries:
    """Return the queries about tasks of a kind."""
    answers, names = kind.crowd.answers, kind.crowd.subject
    subject = [getattr(answers, name) for name in names]
    about = getattr(TaskSlot, names[0])
    things = select(about).where(among(TaskSlot.task_id, "tasks"))
    return Queries(
        questions=kind.questions.add_columns(
            Task.way,
            TaskSlot.position,
            TaskSlot.instead_of_id,
            TaskSlot.behind_id,
            TaskSlot.worker_id,
            Worker.same_as_id,
        )
        .join(Task, Task.id == TaskSlot.task_id)
        .outerjoin(Worker, Worker.id == TaskSlot.worker_id)
        .where(
            among(TaskSlot.task_id, "tasks"),
            or_(
                TaskSlot.worker_id.is_(None),
                among(TaskSlot.worker_id, "workers"),
                among(Worker.same_as_id, "workers"),
            ),
        ),
        votes=select(
            *subject,
            answers.worker_id,
            answers.slot_id,
            getattr(answers, kind.said),
            WorkerStanding.is_warned,
        )
        .outerjoin(WorkerStanding, WorkerStanding.of(kind.name, answers.worker_id))
        .where(among(subject[0], "about"), answers.stands()),
        own=select(*subject, answers.worker_id, answers.slot_id).where(
            among(answers.worker_id, "workers"),
            subject[0].in_(things.where(TaskSlot.gold_id.is_not(None))),
            answers.stands(),
        ),
        passed=select(
            *(getattr(TaskSlot, name) for name in names),
            PassedSlot.worker_id,
            PassedSlot.slot_id,
            TaskSlot.behind_id,
        )
        .join(TaskSlot, TaskSlot.id == PassedSlot.slot_id)
        .where(among(TaskSlot.task_id, "tasks")),
        holders=_HOLDERS.outerjoin(
            WorkerStanding, WorkerStanding.of(kind.name, Assignment.worker_id)
        ),
    )


_HOLDERS: Any = (
    select(
        Assignment.task_id, Assignment.worker_id, Assignment.expires_at, WorkerStanding.is_warned
    )
    .where(
        among(Assignment.task_id, "tasks"),
        Assignment.submitted_at.is_(None),
        Assignment.expires_at > bindparam("now"),
    )
    .order_by(Assignment.expires_at, Assignment.id)
)
