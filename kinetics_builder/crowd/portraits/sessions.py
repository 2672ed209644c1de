"""A worker's sessions of paid panels, and what the panels were told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import PanelPayment, PanelPerson, PanelVisit, Worker


@dataclass(frozen=True, slots=True)
class PaidSession:
    """One session, as its pay stands."""

    panel: str
    began_at: datetime
    """In UTC."""
    outcome: str
    """How it ended; `not ended` before that."""
    num_answers: int | None
    """Given in it; None before it ended."""
    pay: str
    """What the panel was told; `not told yet` before that."""
    reason: str
    bonus: Decimal
    """In the study's currency."""


def read_sessions(session: Session, worker_id: int) -> Sequence[PaidSession]:
    """Return the worker's sessions, and those of workers who were joined to them, newest first."""
    query = (
        select(PanelVisit, PanelPayment)
        .join(PanelPerson, PanelPerson.id == PanelVisit.person_id)
        .join(Worker, Worker.id == PanelPerson.worker_id)
        .outerjoin(PanelPayment, PanelPayment.visit_id == PanelVisit.id)
        .where(or_(Worker.id == worker_id, Worker.same_as_id == worker_id))
        .order_by(PanelVisit.began_at.desc(), PanelVisit.id.desc())
    )
    return [_paid(visit, payment) for visit, payment in session.execute(query)]


def _paid(visit: PanelVisit, payment: PanelPayment | None) -> PaidSession:
    return PaidSession(
        panel=visit.panel,
        began_at=datetime.fromtimestamp(visit.began_at, UTC),
        outcome=visit.outcome.value if visit.outcome else "not ended",
        num_answers=visit.num_answers,
        pay=payment.decided.value if payment else "not told yet",
        reason=payment.reason if payment else "",
        bonus=Decimal(payment.bonus_cents if payment else 0).scaleb(-2),
    )
