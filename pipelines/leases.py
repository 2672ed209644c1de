"""Leases: who works on which item, so that several runs share a stage and none is lost.

An item is free when nobody has begun it, when its lease ran out, or when the process that
held it on this machine is gone.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Item, State
from kinetics_builder.errors import RETRYABLE, ItemFailed, Reason
from kinetics_builder.text.foreign import one_line
from pipelines.owners import described, is_alive, is_gone, this_owner
from pipelines.stage import Stage

_CHUNK = 400  # below SQLite's limit of variables in one statement


@dataclass(frozen=True, slots=True)
class Held:
    """Items that another run works on."""

    owner: str
    count: int
    seconds_left: float
    """Until they are free, if nobody says any more that the owner runs."""

    @property
    def line(self) -> str:
        """Return one line for a person who waits for them."""
        items = f"{self.count} item{'' if self.count == 1 else 's'}"
        if is_alive(self.owner):
            return f"waiting for {items} that another run has ({described(self.owner)})."
        return (
            f"waiting for {items} of {described(self.owner)}. If it runs no more, this run "
            f"takes over in {self.seconds_left:.0f} s."
        )


def now(session: Session) -> float:
    """Return Unix time in seconds by the clock that all runs share: a server's own, if any.

    A writer's is taken once it has the write lock, so that no writer is before one who wrote.
    """
    session.connection()
    if session.get_bind().dialect.name != "postgresql":
        return time.time()
    return float(
        session.execute(select(func.extract("epoch", func.clock_timestamp()))).scalar_one()
    )


def rows_of(session: Session, stage: Stage[object, object], keys: Sequence[str]) -> dict[str, Item]:
    """Return the stage's rows for `keys`, by key; keys without a row are absent."""
    rows: dict[str, Item] = {}
    for start in range(0, len(keys), _CHUNK):
        found = session.scalars(
            select(Item).where(
                Item.stage == stage.name,
                Item.settings_hash == stage.settings_hash,
                Item.key.in_(keys[start : start + _CHUNK]),
            )
        )
        rows |= {row.key: row for row in found}
    return rows


def claim(
    session: Session, stage: Stage[object, object], keys: Sequence[str], lease_seconds: float
) -> list[str]:
    """Take the free ones of `keys` for this process and return them, in order."""
    rows = rows_of(session, stage, keys)
    moment = now(session)
    taken = []
    for key in keys:
        row = rows.get(key)
        if row is None:
            row = Item(stage=stage.name, key=key, settings_hash=stage.settings_hash, attempts=0)
            session.add(row)
        elif not is_free(row, moment):
            continue
        row.state, row.lease_owner = State.RUNNING, this_owner()
        row.lease_until = moment + lease_seconds
        row.attempts += 1
        taken.append(key)
    return taken


def is_free(row: Item, moment: float) -> bool:
    """Return whether at a moment nobody works on `row` and it is not done.

    A lease that is over is free, unless its owner is seen to run: then it is the clock that
    was set.
    """
    if row.state is State.PENDING:
        return True
    if row.state is not State.RUNNING or row.lease_owner == this_owner():
        return False
    owner = row.lease_owner or ""
    is_over = row.lease_until is None or row.lease_until < moment
    return (is_over and not is_alive(owner)) or is_gone(owner)


def forget_others(session: Session, stage: Stage[object, object], keys: Collection[str]) -> int:
    """Delete the stage's rows of other settings and of items not among `keys`.

    What somebody is working on stays. Returns how many of `keys` were done under other settings.
    """
    stays, overtaken = set(keys), set[str]()
    rows = session.scalars(
        select(Item).where(Item.stage == stage.name, Item.state != State.RUNNING)
    )
    for row in rows:
        if row.settings_hash != stage.settings_hash or row.key not in stays:
            session.delete(row)
            if row.state is State.DONE and row.key in stays:
                overtaken.add(row.key)
    return len(overtaken)


def renew(session: Session, stage: Stage[object, object], lease_seconds: float) -> None:
    """Prolong every lease of this process on the stage."""
    lease_until = now(session) + lease_seconds
    session.execute(update(Item).where(*_mine(stage)).values(lease_until=lease_until))


def held_by_others(rows: Collection[Item], moment: float) -> list[Held]:
    """Return who works on which of `rows`, at a moment."""
    held: dict[str, list[float]] = {}
    for row in rows:
        if row.state is State.RUNNING:
            held.setdefault(row.lease_owner or "", []).append(row.lease_until or moment)
    return [
        Held(owner, len(ends), max(0.0, max(ends) - moment)) for owner, ends in sorted(held.items())
    ]


def give_back(session: Session, stage: Stage[object, object]) -> None:
    """Make everything this process holds of the stage pending again."""
    session.execute(
        update(Item)
        .where(*_mine(stage))
        .values(state=State.PENDING, lease_owner=None, lease_until=None)
    )


def mark_done(row: Item, seconds: float) -> None:
    """Write down that an item is done."""
    row.state, row.reason, row.message, row.retryable = State.DONE, None, None, False
    row.lease_owner = row.lease_until = None
    row.seconds, row.finished_at = seconds, time.time()


def mark_failed(row: Item, failure: ItemFailed, seconds: float) -> None:
    """Write down that an item failed, and why."""
    row.state, row.reason, row.message = State.FAILED, failure.reason, one_line(failure.message)
    row.retryable = failure.reason in RETRYABLE
    row.lease_owner = row.lease_until = None
    row.seconds, row.finished_at = seconds, time.time()


def hold(row: Item, lease_until: float) -> None:
    """Keep an item that failed for another try of this run; its last failure stays written."""
    row.state, row.lease_owner, row.lease_until = State.RUNNING, this_owner(), lease_until


def begin_again(session: Session, stage: Stage[object, object], keys: Sequence[str]) -> None:
    """Count another attempt of items that were held."""
    for row in rows_of(session, stage, keys).values():
        row.attempts += 1


def _mine(stage: Stage[object, object]) -> tuple[ColumnElement[bool], ...]:
    return (
        Item.stage == stage.name,
        Item.settings_hash == stage.settings_hash,
        Item.state == State.RUNNING,
        Item.lease_owner == this_owner(),
    )


def count_reasons(reasons: Iterable[Reason | None]) -> dict[str, int]:
    """Return how often each reason of a failure stands there, most frequent first."""
    counts = Counter(reason.value for reason in reasons if reason is not None)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
