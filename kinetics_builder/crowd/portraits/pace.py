"""What an answer takes a worker, and all others; how many answers came on which day."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS

NUM_LOOKED_AT = 10_000
"""Of the newest answers so many are looked at, however many there are."""
NUM_DAYS = 60


def median_seconds(session: Session, worker_id: int, kind: Kind) -> float | None:
    """Return the median of what first answers took a worker; None where no browser told any."""
    return _median(session, kind, kind.answers.worker_id == worker_id)


def median_seconds_of_others(session: Session, worker_id: int, kind: Kind) -> float | None:
    """Return the median of what first answers took all others; None where none was told."""
    return _median(session, kind, kind.answers.worker_id != worker_id)


def answers_by_day(session: Session, worker_id: int) -> Sequence[tuple[date, int]]:
    """Return (day in UTC, first answers of all kinds) up to the last such day, without gaps.

    At most `NUM_DAYS` days, the newest last; empty before the first answer.
    """
    days: Counter[date] = Counter()
    for kind in KINDS:
        day = func.date(kind.answers.created_at)
        query = select(day, func.count()).where(
            kind.answers.worker_id == worker_id, kind.answers.revision == 0, ~kind.is_repeat()
        )
        for found, number in session.execute(query.group_by(day)):
            days[date.fromisoformat(str(found))] += number
    if not days:
        return []
    last = max(days)
    first = max(min(days), last - timedelta(NUM_DAYS - 1))
    every = (first + timedelta(number) for number in range((last - first).days + 1))
    return [(one, days[one]) for one in every]


def _median(session: Session, kind: Kind, whose: ColumnElement[bool]) -> float | None:
    answers = kind.answers
    query = (
        select(answers.seconds)
        .where(whose, answers.seconds.is_not(None), answers.revision == 0, ~kind.is_repeat())
        .order_by(answers.id.desc())
        .limit(NUM_LOOKED_AT)
    )
    seconds = session.scalars(query).all()
    return median(seconds) if seconds else None
