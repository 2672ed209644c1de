"""Sessions of panels: who may begin one or go on with it, and what ends it.

Whatever is asked here is asked inside one write transaction where something follows from it, so
that two who come at once never take one place.
"""

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from kinetics_builder.crowd.panels.arrival import Arrival, BadArrival, Refusal
from kinetics_builder.crowd.panels.people import find_person, person_for, worker_of
from kinetics_builder.crowd.panels.phase import Tally, given_in
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.tables import (
    Assignment,
    Outcome,
    PanelPerson,
    PanelVisit,
    Vote,
    WorkerStanding,
)

SECONDS_A_MINUTE = 60.0


def find_visit(session: Session, panel: PanelConfig, name: str) -> PanelVisit | None:
    """Return the panel's session of this id."""
    return session.scalar(
        select(PanelVisit).where(PanelVisit.panel == panel.name, PanelVisit.session == name)
    )


def check(session: Session, panel: PanelConfig, arrival: Arrival, now: float) -> PanelVisit | None:
    """Return the session that the arrival goes on with, or sees the end of; None for a new one.

    Raises:
        BadArrival: It is another participant's, the worker is shut out, or there is no place.

    """
    visit = find_visit(session, panel, arrival.session)
    if visit is not None and visit.person.participant != arrival.participant:
        raise BadArrival(Refusal.OTHER_ID)
    person = visit.person if visit else find_person(session, panel, arrival.participant)
    if person is not None and worker_of(session, person).revoked_at is not None:
        raise BadArrival(Refusal.SHUT_OUT)
    if visit is not None and (visit.ended_at is not None or visit.expires_at > now):
        return visit
    if not panel.is_open:
        raise BadArrival(Refusal.CLOSED)
    if panel.places and num_taken(session, panel, now, besides=person) >= panel.places:
        raise BadArrival(Refusal.PLACES_TAKEN)
    return visit


def num_taken(
    session: Session, panel: PanelConfig, now: float, besides: PanelPerson | None = None
) -> int:
    """Return how many places are taken: of sessions that are complete, or open and not late.

    Open ones of the person `besides` are left out: another of theirs goes on in their place.
    """
    is_open = PanelVisit.ended_at.is_(None) & (PanelVisit.expires_at > now)
    if besides is not None:
        is_open &= PanelVisit.person_id != besides.id
    query = select(func.count(PanelVisit.id)).where(
        PanelVisit.panel == panel.name, or_(PanelVisit.outcome == Outcome.COMPLETE, is_open)
    )
    return session.scalar(query) or 0


def count_outcomes(session: Session, panel: PanelConfig, now: float) -> dict[str, int]:
    """Return how many sessions of a panel are open, late, or have ended in each way."""
    is_late = PanelVisit.expires_at <= now
    query = select(PanelVisit.outcome, is_late, func.count()).where(PanelVisit.panel == panel.name)
    counts = dict.fromkeys(["open", "late", *(outcome.value for outcome in Outcome)], 0)
    for outcome, late, number in session.execute(query.group_by(PanelVisit.outcome, is_late)):
        name = outcome.value if outcome else "late" if late else "open"
        counts[name] += number
    return counts


def enter(session: Session, panel: PanelConfig, arrival: Arrival, now: float) -> PanelVisit:
    """Return the session that the arrival begins or goes on with; a late one has its time anew.

    Another session that the person has open ends; one of the same panel and study hands on what
    was answered in it.

    Raises:
        BadArrival: As of `check`.

    """
    visit = check(session, panel, arrival, now)
    if visit is None:
        return _begin(session, panel, arrival, now)
    if visit.ended_at is None and visit.expires_at <= now:
        visit.expires_at = now + SECONDS_A_MINUTE * panel.minutes
    return visit


def _begin(session: Session, panel: PanelConfig, arrival: Arrival, now: float) -> PanelVisit:
    person = person_for(session, panel, arrival.participant)
    tally = tally_of(session, worker_of(session, person).id)
    visit = PanelVisit(
        panel=panel.name,
        study=arrival.study,
        session=arrival.session,
        person=person,
        submit_to=arrival.submit_to,
        began_at=now,
        expires_at=now + SECONDS_A_MINUTE * panel.minutes,
        answers_before=tally.num_answers,
        gold_before=tally.num_gold,
        gold_right_before=tally.num_gold_right,
    )
    for earlier in _open_ones(session, person):
        if (earlier.panel, earlier.study) == (visit.panel, visit.study):
            visit.answers_before = earlier.answers_before
            visit.gold_before = earlier.gold_before
            visit.gold_right_before = earlier.gold_right_before
        end(session, earlier, Outcome.TAKEN_AGAIN, now)
    session.add(visit)
    session.flush()
    return visit


def _open_ones(session: Session, person: PanelPerson) -> list[PanelVisit]:
    query = select(PanelVisit).where(
        PanelVisit.person_id == person.id, PanelVisit.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(PanelVisit.id)))


def end(session: Session, visit: PanelVisit, outcome: Outcome, now: float) -> None:
    """End a session, once; questions that its worker still holds are free again."""
    if visit.ended_at is not None:
        return
    worker = worker_of(session, visit.person)
    given = given_in(visit, tally_of(session, worker.id))
    visit.num_answers, visit.num_gold = given.num_answers, given.num_gold
    visit.num_gold_right = given.num_gold_right
    visit.outcome, visit.ended_at = outcome, now
    session.flush()
    free_questions(session, worker.id, now)


def free_questions(session: Session, worker_id: int, now: float) -> None:
    """Let others have what a worker holds and has not answered; the worker may take it again."""
    session.execute(
        update(Assignment)
        .where(
            Assignment.worker_id == worker_id,
            Assignment.submitted_at.is_(None),
            Assignment.expires_at > now,
        )
        .values(expires_at=now)
    )


def tally_of(session: Session, worker_id: int) -> Tally:
    """Return what a worker has answered so far; repeats are work, too."""
    num_repeats = session.scalar(_NUM_REPEATS, {"worker_id": worker_id}) or 0
    rows = session.scalars(select(WorkerStanding).where(WorkerStanding.worker_id == worker_id))
    kinds = rows.all()
    return Tally(
        sum(one.num_votes for one in kinds) + num_repeats,
        sum(one.num_gold for one in kinds),
        sum(one.num_gold_right for one in kinds),
        any(one.is_warned for one in kinds),
    )


_NUM_REPEATS = select(func.count(Vote.id)).where(
    Vote.worker_id == bindparam("worker_id"), Vote.is_repeat(), Vote.revision == 0
)
