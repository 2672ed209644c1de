"""How many clips of a class are decided, and how many answers an hour brought.

Sums of what `decision` and `vote` hold, kept as those change: the owner's page reads them
instead of a million rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, func, insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    ClassTally,
    Clip,
    Decision,
    HourTally,
    Verdict,
)

Tally = Mapping[int, tuple[int, ...]]
"""Label id -> clips accepted, rejected and open, and votes."""


def tally(decisions: Iterable[tuple[int, Verdict, int]]) -> Tally:
    """Return the sums over some decisions: label id, verdict and number of votes of each."""
    sums: dict[int, list[int]] = {}
    for label_id, verdict, num_votes in decisions:
        row = sums.setdefault(label_id, [0] * len(_COLUMNS))
        row[_VERDICTS.index(verdict)] += 1
        row[-1] += num_votes
    return {label_id: tuple(row) for label_id, row in sums.items()}


def move_classes(connection: Connection, before: Tally, after: Tally) -> None:
    """Take sums that held before out of `class_tally`, and add those that hold now."""
    nothing = (0,) * len(_COLUMNS)
    changes = {}
    for label_id in sorted(before.keys() | after.keys()):
        old, new = before.get(label_id, nothing), after.get(label_id, nothing)
        if old != new:
            deltas = (n - o for o, n in zip(old, new, strict=True))
            changes[label_id] = dict(zip(_COLUMNS, deltas, strict=True))
    if not changes:
        return
    known = set(connection.scalars(_KNOWN, {"labels": list(changes)}))
    if missing := [{"label_id": number, **changes[number]} for number in changes.keys() - known]:
        connection.execute(insert(_CLASSES), missing)
    if found := [{"key": number, **changes[number]} for number in changes.keys() & known]:
        connection.execute(_ADD_TO_CLASS, found)


def add_hours(connection: Connection, times: Iterable[datetime]) -> None:
    """Count answers that were first given at these times (UTC)."""
    for hour, number in sorted(Counter(map(_hour, times)).items()):
        if not connection.execute(_ADD_TO_HOUR, {"key": hour, "num_votes": number}).rowcount:
            connection.execute(insert(_HOURS), {"hour": hour, "num_votes": number})


def remake_classes(session: Session) -> None:
    """Count clips by class anew."""
    connection = session.connection()
    connection.execute(delete(_CLASSES))
    connection.execute(insert(_CLASSES).from_select(["label_id", *_COLUMNS], _SUMS))
    session.expire_all()


def remake_hours(session: Session, tables: Iterable[Any]) -> None:
    """Count the answers of these tables by hour anew."""
    connection = session.connection()
    connection.execute(delete(_HOURS))
    hours: Counter[str] = Counter()
    for table in tables:
        times = select(table.created_at, func.count()).where(table.revision == 0)
        for time, number in connection.execute(times.group_by(table.created_at)):
            hours[_hour(time)] += number
    if hours:
        rows = [{"hour": hour, "num_votes": number} for hour, number in sorted(hours.items())]
        connection.execute(insert(_HOURS), rows)
    session.expire_all()


def _hour(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H")


_VERDICTS = (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.OPEN)
_COLUMNS = ("num_accepted", "num_rejected", "num_open", "num_votes")
_CLASSES: Any = ClassTally.__table__
_HOURS: Any = HourTally.__table__
_KNOWN = select(_CLASSES.c.label_id).where(
    _CLASSES.c.label_id.in_(bindparam("labels", expanding=True))
)
_ADD_TO_CLASS = (
    update(_CLASSES)
    .where(_CLASSES.c.label_id == bindparam("key"))
    .values({name: _CLASSES.c[name] + bindparam(name) for name in _COLUMNS})
)
_ADD_TO_HOUR = (
    update(_HOURS)
    .where(_HOURS.c.hour == bindparam("key"))
    .values({"num_votes": _HOURS.c.num_votes + bindparam("num_votes")})
)
_VOTES = (
    Decision.num_yes
    + Decision.num_no
    + Decision.num_unsure
    + Decision.num_bad
    + Decision.num_set_aside
)
_SUMS = (
    select(
        Clip.label_id,
        *(func.sum(case((Decision.verdict == verdict, 1), else_=0)) for verdict in _VERDICTS),
        func.sum(_VOTES),
    )
    .join(Clip, Clip.id == Decision.clip_id)
    .group_by(Clip.label_id)
)
