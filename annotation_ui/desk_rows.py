"""Reading a `Desk` from the database: four queries, each by an index."""

from collections.abc import Iterable
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select
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


def read_desk(
    session: Session, task_id: int, worker_id: int, config: VerifyConfig, now: float
) -> Desk:
    """Return the task as it lies before the worker, who need not hold it yet.

    Votes of workers who were set aside (`WorkerStanding.is_warned`) do not count, and such
    workers keep no seats from others.
    """
    task = {"task_id": task_id, "worker_id": worker_id, "now": now}
    rows = session.connection()
    found: Iterable[Any] = rows.execute(_QUESTIONS, task)
    questions = tuple(Question(*row) for row in found)
    clips = {"worker_id": worker_id, "clips": sorted({q.clip_id for q in questions})}
    ordinary = {"clips": sorted({q.clip_id for q in questions if not q.is_gold})}
    votes: dict[Subject, dict[int, Answer]] = {}
    for clip_id, label_id, voter_id, answer in rows.execute(_VOTES, ordinary):
        votes.setdefault((clip_id, label_id), {})[voter_id] = answer
    mine = {(clip, label): slot for clip, label, slot in rows.execute(_MINE, clips)}
    holders = list(rows.scalars(_HOLDERS, task))
    ahead = tuple(takewhile(lambda holder: holder != worker_id, holders))
    return Desk(worker_id, task_id, config, questions, ahead, votes, mine)


def counts() -> ColumnElement[bool]:
    """Return the condition that a row's worker, outer-joined to a standing, is not set aside."""
    return or_(WorkerStanding.is_warned.is_(None), WorkerStanding.is_warned.is_(False))


def _among(column: Any) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.in_(bindparam("clips", expanding=True))
    return condition


_QUESTIONS = (
    select(
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
    .where(TaskSlot.task_id == bindparam("task_id"))
    .where(or_(TaskSlot.gold_id.is_not(None), Clip.is_withdrawn.is_(False)))
    .order_by(TaskSlot.position)
)
_VOTES = (
    select(Vote.clip_id, Vote.label_id, Vote.worker_id, Vote.answer)
    .outerjoin(WorkerStanding, WorkerStanding.worker_id == Vote.worker_id)
    .where(_among(Vote.clip_id), counts(), Vote.stands())
)
_MINE = select(Vote.clip_id, Vote.label_id, Vote.slot_id).where(
    Vote.worker_id == bindparam("worker_id"), _among(Vote.clip_id), Vote.stands()
)
_HOLDERS = (
    select(Assignment.worker_id)
    .outerjoin(WorkerStanding, WorkerStanding.worker_id == Assignment.worker_id)
    .where(
        Assignment.task_id == bindparam("task_id"),
        Assignment.submitted_at.is_(None),
        Assignment.expires_at > bindparam("now"),
        or_(Assignment.worker_id == bindparam("worker_id"), counts()),
    )
    .order_by(Assignment.expires_at, Assignment.id)
)
