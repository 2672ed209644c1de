"""How many answers an hour brought: kept with every answer, for the owner's page."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import HourTally


def add_hours(connection: Connection, times: Iterable[datetime]) -> None:
    """Count answers that were first given at these times (UTC)."""
    for hour, number in sorted(Counter(map(_hour, times)).items()):
        if not connection.execute(_ADD_TO_HOUR, {"key": hour, "num_votes": number}).rowcount:
            connection.execute(insert(_HOURS), {"hour": hour, "num_votes": number})


def remake_hours(session: Session, kinds: Iterable[Any]) -> None:
    """Count the first answers of these kinds by hour anew."""
    connection = session.connection()
    connection.execute(delete(_HOURS))
    hours: Counter[str] = Counter()
    for kind in kinds:
        table = kind.answers
        is_first = table.revision == 0, ~kind.is_repeat()
        times = select(table.created_at, func.count()).where(*is_first)
        for time, number in connection.execute(times.group_by(table.created_at)):
            hours[_hour(time)] += number
    if hours:
        rows = [{"hour": hour, "num_votes": number} for hour, number in sorted(hours.items())]
        connection.execute(insert(_HOURS), rows)
    session.expire_all()


def _hour(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H")


_HOURS: Any = HourTally.__table__
_ADD_TO_HOUR = (
    update(_HOURS)
    .where(_HOURS.c.hour == bindparam("key"))
    .values({"num_votes": _HOURS.c.num_votes + bindparam("num_votes")})
)
