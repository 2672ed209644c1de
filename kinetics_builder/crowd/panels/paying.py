"""What a panel is told about its sessions: whom to approve, whom to reject and why, what bonus.

What was told is kept (`panel_payment`), and told once.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.crowd.panels.people import worker_of
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.crowd.records import read_standing
from kinetics_builder.database.tables import Decided, Outcome, PanelPayment, PanelVisit

_CENT = Decimal("0.01")
_TOLD = (Outcome.COMPLETE, Outcome.SCREENED_OUT)


@dataclass(frozen=True, slots=True)
class Payment:
    """A session as the panel is told of it."""

    run: int
    study: str
    session: str
    participant: str
    worker: str
    """What we call the participant."""
    outcome: Outcome
    minutes: float
    num_answers: int
    num_gold: int
    num_gold_right: int
    decided: Decided
    reason: str
    bonus: Decimal
    """In the study's currency, two decimals; 0 for none."""


def settle(session: Session, panel: PanelConfig, config: VerifyConfig) -> int:
    """Write down what the panel is to be told of each session that has ended since.

    Returns:
        How many there were.

    """
    query = (
        select(PanelVisit)
        .outerjoin(PanelPayment, PanelPayment.visit_id == PanelVisit.id)
        .where(
            PanelVisit.panel == panel.name,
            PanelVisit.outcome.in_(_TOLD),
            PanelPayment.visit_id.is_(None),
        )
        .order_by(PanelVisit.id)
    )
    visits = session.scalars(query).all()
    run = last_run(session, panel) + 1
    for visit in visits:
        decided, reason = _decide(session, visit, config)
        bonus = bonus_of(visit, panel) if decided is Decided.APPROVE else Decimal(0)
        session.add(
            PanelPayment(
                visit=visit,
                run=run,
                decided=decided,
                reason=reason,
                bonus_cents=int(bonus * 100),
            )
        )
    session.flush()
    return len(visits)


def last_run(session: Session, panel: PanelConfig) -> int:
    """Return the number of the last run that told the panel anything; 0 before the first."""
    query = select(func.max(PanelPayment.run)).join(PanelVisit)
    return session.scalar(query.where(PanelVisit.panel == panel.name)) or 0


def read_payments(session: Session, panel: PanelConfig, run: int | None = None) -> list[Payment]:
    """Return what the panel was told, in one run or ever: by study, time and session."""
    query = select(PanelPayment).join(PanelVisit).where(PanelVisit.panel == panel.name)
    if run is not None:
        query = query.where(PanelPayment.run == run)
    order = (PanelVisit.study, PanelVisit.ended_at, PanelVisit.session)
    return [_told(session, one) for one in session.scalars(query.order_by(*order))]


def num_open(session: Session, panel: PanelConfig) -> int:
    """Return how many sessions have not ended."""
    query = select(func.count(PanelVisit.id)).where(PanelVisit.panel == panel.name)
    return session.scalar(query.where(PanelVisit.ended_at.is_(None))) or 0


def bonus_of(visit: PanelVisit, panel: PanelConfig) -> Decimal:
    """Return the bonus of an approved session, in whole cents; half a cent is rounded up."""
    num_gold, num_right = visit.num_gold or 0, visit.num_gold_right or 0
    bonus = Decimal(str(panel.bonus_per_answer)) * (visit.num_answers or 0)
    if num_gold and num_right >= panel.bonus_right_share * num_gold:
        bonus += Decimal(str(panel.bonus_right))
    return bonus.quantize(_CENT, ROUND_HALF_UP)


def _decide(session: Session, visit: PanelVisit, config: VerifyConfig) -> tuple[Decided, str]:
    known = f"Known answers given in the session: {visit.num_gold_right} of {visit.num_gold}."
    if visit.outcome is Outcome.SCREENED_OUT:
        return Decided.SCREENED_OUT, known
    worker = worker_of(session, visit.person)
    standings = (read_standing(session, worker.id, config, kind) for kind in KINDS)
    faults = dict.fromkeys(fault.value for one in standings for fault in one.faults)
    if not faults:
        return Decided.APPROVE, ""
    return Decided.REJECT, f"{known} Its answers cannot be used: {'; '.join(faults)}."


def _told(session: Session, one: PanelPayment) -> Payment:
    visit = one.visit
    ended_at = visit.ended_at if visit.ended_at is not None else visit.began_at
    return Payment(
        run=one.run,
        study=visit.study,
        session=visit.session,
        participant=visit.person.participant,
        worker=worker_of(session, visit.person).name or "",
        outcome=visit.outcome or Outcome.COMPLETE,
        minutes=round((ended_at - visit.began_at) / 60, 1),
        num_answers=visit.num_answers or 0,
        num_gold=visit.num_gold or 0,
        num_gold_right=visit.num_gold_right or 0,
        decided=one.decided,
        reason=one.reason,
        bonus=Decimal(one.bonus_cents).scaleb(-2).quantize(_CENT),
    )


def table_of(payments: Sequence[Payment]) -> str:
    """Return all that is known of the sessions as one CSV, whatever the platform."""
    header = list(Payment.__dataclass_fields__)
    rows = [[str(getattr(one, name)) for name in header] for one in payments]
    return rows_of(header, rows)


def rows_of(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV with LF at the ends of its lines."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def lines_of(lines: Iterable[str]) -> str:
    """Return lines, LF at the end of each."""
    return "".join(f"{line}\n" for line in lines)
