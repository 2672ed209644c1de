"""One worker as the owner sees them: answers, speed, messages, pay, what was done. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.acts import list_acts
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.crowd.messages import list_messages
from kinetics_builder.crowd.people import Access, access_of
from kinetics_builder.crowd.portraits.marks import Marks, read_marks, summed
from kinetics_builder.crowd.portraits.pace import (
    answers_by_day,
    median_seconds,
    median_seconds_of_others,
)
from kinetics_builder.crowd.portraits.sessions import PaidSession, read_sessions
from kinetics_builder.crowd.records import read_standing
from kinetics_builder.crowd.repeats import Consistency, read_consistency
from kinetics_builder.crowd.standing import Standing
from kinetics_builder.database.tables import OwnerAct, Worker, WorkerMessage

_NUM_ACTS = 100


@dataclass(frozen=True, slots=True)
class Work:
    """What a worker did of one kind."""

    kind: str
    standing: Standing
    marks: Marks | None
    """Of all its classes together; None where there are none, see `read_marks`."""
    classes: Sequence[Marks]
    median_seconds: float | None
    """An answer; None where no browser told."""
    median_seconds_of_others: float | None
    consistency: Consistency | None
    """Of clips that were asked about once more; None where none was."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One worker."""

    worker_id: int
    title: str
    """The name, or `#7` before the first login."""
    access: Access
    same_as: str | None
    """The worker to whom this one was joined."""
    also: Sequence[str]
    """Those who were joined to this one."""
    invited_at: datetime
    joined_at: datetime | None
    revoked_at: datetime | None
    excluded_at: datetime | None
    work: Sequence[Work]
    """Of the kinds that were answered; of the first where none was."""
    days: Sequence[tuple[date, int]]
    """Answers by day in UTC."""
    messages: Sequence[WorkerMessage]
    sessions: Sequence[PaidSession]
    acts: Sequence[OwnerAct]
    """What was done about the worker, the newest first."""


def read_portrait(session: Session, worker: Worker, config: VerifyConfig) -> Portrait:
    """Return all that is known of a worker."""
    work = [one for kind in KINDS if (one := _work(session, worker, kind, config))]
    others = session.scalars(select(Worker).where(Worker.same_as_id == worker.id)).all()
    same_as = None if worker.same_as_id is None else session.get_one(Worker, worker.same_as_id)
    return Portrait(
        worker_id=worker.id,
        title=_title(worker),
        access=access_of(worker),
        same_as=None if same_as is None else _title(same_as),
        also=sorted(map(_title, others)),
        invited_at=worker.invited_at,
        joined_at=worker.joined_at,
        revoked_at=worker.revoked_at,
        excluded_at=worker.excluded_at,
        work=work,
        days=answers_by_day(session, worker.id),
        messages=list_messages(session, worker.id),
        sessions=read_sessions(session, worker.id),
        acts=list_acts(session, _NUM_ACTS, worker_id=worker.id),
    )


def _work(session: Session, worker: Worker, kind: Kind, config: VerifyConfig) -> Work | None:
    standing = read_standing(session, worker.id, config, kind)
    is_first = kind is KINDS[0]
    if not standing.num_votes and not is_first:
        return None
    classes = read_marks(session, worker.id, kind)
    return Work(
        kind=kind.name,
        standing=standing,
        marks=summed(classes),
        classes=[one for one in classes if one.label],
        median_seconds=median_seconds(session, worker.id, kind),
        median_seconds_of_others=median_seconds_of_others(session, worker.id, kind),
        consistency=read_consistency(session, [worker.id]).get(worker.id) if is_first else None,
    )


def _title(worker: Worker) -> str:
    return worker.name or f"#{worker.id}"
