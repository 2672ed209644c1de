"""How a worker does on questions whose answer is known, as of now."""

from dataclasses import dataclass

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.gold import is_warned
from kinetics_builder.database.tables import Gold, TaskSlot, Vote, WorkerStanding


@dataclass(frozen=True, slots=True)
class LiveStanding:
    """A worker's answers so far."""

    num_votes: int
    num_gold: int
    num_gold_right: int
    is_warned: bool
    """Below `verify.gold_warn_below` now, or when votes were last aggregated."""


def read_standing(session: Session, worker_id: int, config: VerifyConfig) -> LiveStanding:
    """Count a worker's votes and gold answers; a few milliseconds after a year's work."""
    me = {"worker_id": worker_id}
    num_votes, num_gold, num_right = session.execute(_COUNTS, me).one()
    was_warned = session.scalar(_WARNED, me)
    warned = bool(was_warned) or is_warned(num_right, num_gold, config)
    return LiveStanding(num_votes, num_gold, num_right, warned)


_COUNTS = (
    select(
        func.count(Vote.id),
        func.count(Gold.id),
        func.count(case((Vote.answer == Gold.expected, 1))),
    )
    .join(TaskSlot, TaskSlot.id == Vote.slot_id)
    .outerjoin(Gold, Gold.id == TaskSlot.gold_id)
    .where(Vote.worker_id == bindparam("worker_id"), Vote.stands())
)
_WARNED = select(WorkerStanding.is_warned).where(WorkerStanding.worker_id == bindparam("worker_id"))
