"""Reading `Desk`s from the database: four queries by indexes, for one of them or for many."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk, Question, Subject
from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.tables import (
    Answer,
    Assignment,
    Clip,
    ClipFile,
    Label,
    TaskSlot,
    Vote,
    WorkerStanding,
)

Votes = Mapping[Subject, Mapping[int, Answer]]


@dataclass(frozen=True, slots=True)
class Seat:
    """Before whom a task lies, and when."""

    task_id: int
    worker_id: int
    now: float
    """Unix time in seconds."""


def read_desk(
    session: Session, task_id: int, worker_id: int, config: VerifyConfig, now: float
) -> Desk:
    """Return the task as it lies before the worker, who need not hold it yet."""
    (desk,) = read_desks(session, [Seat(task_id, worker_id, now)], config)
    return desk


def read_desks(session: Session, seats: Sequence[Seat], config: VerifyConfig) -> list[Desk]:
    """Return the tasks as they lie before workers, each of whom has one seat here.

    Votes of workers who were set aside (`WorkerStanding.is_warned`) do not count, and such
    workers keep no seats from others.
    """
    rows = session.connection()
    tasks = {"tasks": sorted({seat.task_id for seat in seats})}
    questions: dict[int, list[Question]] = {}
    found: Iterable[Any] = rows.execute(_QUESTIONS, tasks)
    for task_id, *question in found:
        questions.setdefault(task_id, []).append(Question(*question))
    votes, mine = _read_votes(rows, questions, {seat.worker_id for seat in seats})
    holders = rows.execute(_HOLDERS, {**tasks, "now": min(seat.now for seat in seats)}).all()
    return [
        Desk(
            seat.worker_id,
            seat.task_id,
            config,
            tuple(questions.get(seat.task_id, ())),
            _ahead(holders, seat),
            votes,
            mine[seat.worker_id],
        )
        for seat in seats
    ]


def _read_votes(
    rows: Connection, questions: Mapping[int, Sequence[Question]], worker_ids: Collection[int]
) -> tuple[Votes, dict[int, dict[Subject, int]]]:
    """Return the votes that count, and by worker in which slot each subject was answered.

    Gold has many votes, and only the workers' own are read.
    """
    tasks = {"tasks": sorted(questions)}
    votes: dict[Subject, dict[int, Answer]] = {}
    mine: dict[int, dict[Subject, int]] = {worker_id: {} for worker_id in worker_ids}
    found: Iterable[Any] = rows.execute(_VOTES, tasks)
    for clip_id, label_id, voter_id, slot_id, answer, is_set_aside in found:
        if voter_id in mine:
            mine[voter_id][clip_id, label_id] = slot_id
        if not is_set_aside:
            votes.setdefault((clip_id, label_id), {})[voter_id] = answer
    if any(question.is_gold for task in questions.values() for question in task):
        own = {"workers": sorted(worker_ids), **tasks}
        for clip_id, label_id, voter_id, slot_id in rows.execute(_OWN, own):
            mine[voter_id][clip_id, label_id] = slot_id
    return votes, mine


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


def _among(column: Any, name: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.in_(bindparam(name, expanding=True))
    return condition


_QUESTIONS = (
    select(
        TaskSlot.task_id,
        TaskSlot.id,
        TaskSlot.clip_id,
        TaskSlot.label_id,
        TaskSlot.gold_id.is_not(None),
        Label.name,
        Label.description,
        Label.example,
    )
    .join(Label, Label.id == TaskSlot.label_id)
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .join(ClipFile, ClipFile.clip_id == Clip.id)
    .where(_among(TaskSlot.task_id, "tasks"))
    .where(or_(TaskSlot.gold_id.is_not(None), Clip.is_withdrawn.is_(False)))
    .order_by(TaskSlot.task_id, TaskSlot.position)
)
_CLIPS = select(TaskSlot.clip_id).where(_among(TaskSlot.task_id, "tasks"))
_VOTES = (
    select(
        Vote.clip_id,
        Vote.label_id,
        Vote.worker_id,
        Vote.slot_id,
        Vote.answer,
        WorkerStanding.is_warned,
    )
    .outerjoin(WorkerStanding, WorkerStanding.worker_id == Vote.worker_id)
    .where(Vote.clip_id.in_(_CLIPS.where(TaskSlot.gold_id.is_(None))), Vote.stands())
)
_OWN = select(Vote.clip_id, Vote.label_id, Vote.worker_id, Vote.slot_id).where(
    _among(Vote.worker_id, "workers"),
    Vote.clip_id.in_(_CLIPS.where(TaskSlot.gold_id.is_not(None))),
    Vote.stands(),
)
_HOLDERS = (
    select(
        Assignment.task_id, Assignment.worker_id, Assignment.expires_at, WorkerStanding.is_warned
    )
    .outerjoin(WorkerStanding, WorkerStanding.worker_id == Assignment.worker_id)
    .where(
        _among(Assignment.task_id, "tasks"),
        Assignment.submitted_at.is_(None),
        Assignment.expires_at > bindparam("now"),
    )
    .order_by(Assignment.expires_at, Assignment.id)
)
