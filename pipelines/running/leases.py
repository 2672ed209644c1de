"""Leases: who works on which item, so that several runs share a stage and none is lost.

An item is free when nobody has begun it, when its lease ran out, or when the process that
held it on this machine is gone.
"""

import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import Item, State
from kinetics_builder.errors import RETRYABLE, ItemFailed, Reason
from kinetics_builder.text.foreign import one_line
from pipelines.running.owners import described, is_alive, is_gone, this_owner
from pipelines.running.stage import Stage

_STREAMED = 5000
"""Rows looked at at once where all of a stage are."""


class Standing(NamedTuple):
    """How an item's row stands."""

    key: str
    state: State
    reason: Reason | None
    lease_owner: str | None
    lease_until: float | None


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


def rows_of(session: Session, stage: Stage[Any, Any], keys: Sequence[str]) -> dict[str, Standing]:
    """Return how the stage's rows for `keys` stand, by key; keys without a row are absent."""
    rows: dict[str, Standing] = {}
    for chunk in chunks(keys):
        found = session.execute(select(*_STANDING).where(*_of(stage), Item.key.in_(chunk)))
        rows |= {row.key: Standing(*row) for row in found}
    return rows


def unfinished_rows(session: Session, stage: Stage[Any, Any]) -> list[Standing]:
    """Return how the stage's rows stand that are neither done nor failed."""
    is_open = Item.state.in_([State.RUNNING, State.PENDING])
    return [
        Standing(*row) for row in session.execute(select(*_STANDING).where(*_of(stage), is_open))
    ]


def claim(
    session: Session, stage: Stage[Any, Any], keys: Sequence[str], lease_seconds: float
) -> list[str]:
    """Take the free ones of `keys` for this process and return them, in order."""
    rows = rows_of(session, stage, keys)
    moment = now(session)
    mine = {
        "state": State.RUNNING,
        "lease_owner": this_owner(),
        "lease_until": moment + lease_seconds,
    }
    new = [key for key in keys if key not in rows]
    again = [key for key in keys if key in rows and is_free(rows[key], moment)]
    if new:
        same = {"stage": stage.name, "settings_hash": stage.settings_hash, "attempts": 1}
        known = mine | same | {"retryable": False}
        session.execute(insert(_ITEM), [known | {"key": key} for key in new])
    _change(session, stage, {key: mine for key in again})
    begin_again(session, stage, again)
    taken = {*new, *again}
    return [key for key in keys if key in taken]


def is_free(row: Standing, moment: float) -> bool:
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


def forget_others(session: Session, stage: Stage[Any, Any], keys: Container[str]) -> int:
    """Delete the stage's rows of other settings and of items not among `keys`.

    What somebody is working on stays. Returns how many of `keys` were done under other settings.
    """
    overtaken, hash_now = set[str](), stage.settings_hash
    for rows in _finished_rows(session, stage):
        gone = [row for row in rows if row.settings_hash != hash_now or row.key not in keys]
        overtaken |= {row.key for row in gone if row.state is State.DONE and row.key in keys}
        if gone:
            session.execute(_DELETE, [{"_stage": stage.name, **_named(row)} for row in gone])
    return len(overtaken)


def _finished_rows(session: Session, stage: Stage[Any, Any]) -> Iterator[Sequence[Any]]:
    """Yield the key, settings and state of the rows that nobody works on, some at a time."""
    after: tuple[str, str] = ("", "")
    place = tuple_(Item.key, Item.settings_hash)
    query = select(Item.key, Item.settings_hash, Item.state).where(
        Item.stage == stage.name, Item.state != State.RUNNING
    )
    while rows := session.execute(
        query.where(place > after).order_by(Item.key, Item.settings_hash).limit(_STREAMED)
    ).all():
        yield rows
        after = rows[-1].key, rows[-1].settings_hash


def _named(row: Any) -> dict[str, str]:
    return {"_key": row.key, "_hash": row.settings_hash}


def renew(session: Session, stage: Stage[Any, Any], lease_seconds: float) -> None:
    """Prolong every lease of this process on the stage."""
    lease_until = now(session) + lease_seconds
    session.execute(update(Item).where(*_mine(stage)).values(lease_until=lease_until))


def held_by_others(rows: Iterable[Standing], moment: float) -> list[Held]:
    """Return who works on which of `rows`, at a moment."""
    held: dict[str, list[float]] = {}
    for row in rows:
        if row.state is State.RUNNING:
            held.setdefault(row.lease_owner or "", []).append(row.lease_until or moment)
    return [
        Held(owner, len(ends), max(0.0, max(ends) - moment)) for owner, ends in sorted(held.items())
    ]


def give_back(session: Session, stage: Stage[Any, Any]) -> None:
    """Make everything this process holds of the stage pending again."""
    session.execute(
        update(Item)
        .where(*_mine(stage))
        .values(state=State.PENDING, lease_owner=None, lease_until=None)
    )


def free_failed(session: Session, stage: Stage[Any, Any]) -> None:
    """Make everything pending again that failed for a reason that may have passed."""
    session.execute(
        update(Item)
        .where(*_of(stage), Item.state == State.FAILED, Item.retryable)
        .values(state=State.PENDING)
    )


def mark_done(session: Session, stage: Stage[Any, Any], seconds: Mapping[str, float]) -> None:
    """Write down that items are done, and how long each took."""
    finished = _FINISHED | {"state": State.DONE, "reason": None, "message": None}
    _change(
        session,
        stage,
        {
            key: finished | {"retryable": False, "seconds": took, "finished_at": time.time()}
            for key, took in seconds.items()
        },
    )


def mark_failed(
    session: Session, stage: Stage[Any, Any], failed: Mapping[str, tuple[ItemFailed, float]]
) -> None:
    """Write down that items failed, why, and how long each took."""
    _change(
        session,
        stage,
        {
            key: _FINISHED
            | {"state": State.FAILED, "reason": failure.reason}
            | {"message": one_line(failure.message), "retryable": failure.reason in RETRYABLE}
            | {"seconds": took, "finished_at": time.time()}
            for key, (failure, took) in failed.items()
        },
    )


def hold(session: Session, stage: Stage[Any, Any], keys: Sequence[str], lease_until: float) -> None:
    """Keep items that failed for another try of this run; their last failure stays written."""
    mine = {"state": State.RUNNING, "lease_owner": this_owner(), "lease_until": lease_until}
    _change(session, stage, {key: mine for key in keys})


def release(session: Session, stage: Stage[Any, Any], keys: Sequence[str]) -> None:
    """Let anybody take items that wait for their site; their last failure stays written."""
    free = _FINISHED | {"state": State.PENDING}
    _change(session, stage, {key: free for key in keys})


def undo(session: Session, stage: Stage[Any, Any], keys: Sequence[str]) -> int:
    """Make those of `keys` pending again that are done, and return how many were."""
    rows = rows_of(session, stage, keys)
    done = [key for key, row in rows.items() if row.state is State.DONE]
    _change(session, stage, {key: {"state": State.PENDING} for key in done})
    return len(done)


def begin_again(session: Session, stage: Stage[Any, Any], keys: Sequence[str]) -> None:
    """Count another attempt of items that were held."""
    if keys:
        session.execute(
            update(_ITEM).where(*_ONE).values(attempts=_ITEM.c.attempts + 1),
            [_one(stage, key) for key in keys],
        )


def _change(
    session: Session, stage: Stage[Any, Any], rows: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write the same columns of several items of the stage, by key."""
    if rows:
        names = next(iter(rows.values()))
        values: dict[str, Any] = {name: bindparam(f"_new_{name}") for name in names}
        session.execute(
            update(_ITEM).where(*_ONE).values(values),
            [
                _one(stage, key) | {f"_new_{name}": value for name, value in row.items()}
                for key, row in rows.items()
            ],
        )


def _one(stage: Stage[Any, Any], key: str) -> dict[str, Any]:
    return {"_stage": stage.name, "_key": key, "_hash": stage.settings_hash}


def _of(stage: Stage[Any, Any]) -> tuple[ColumnElement[bool], ...]:
    return Item.stage == stage.name, Item.settings_hash == stage.settings_hash


def _mine(stage: Stage[Any, Any]) -> tuple[ColumnElement[bool], ...]:
    return (*_of(stage), Item.state == State.RUNNING, Item.lease_owner == this_owner())


_ITEM: Any = Item.__table__
_STANDING = Item.key, Item.state, Item.reason, Item.lease_owner, Item.lease_until
_ONE = (
    _ITEM.c.stage == bindparam("_stage"),
    _ITEM.c.key == bindparam("_key"),
    _ITEM.c.settings_hash == bindparam("_hash"),
)
_DELETE = delete(_ITEM).where(*_ONE)
_FINISHED: dict[str, Any] = {"lease_owner": None, "lease_until": None}
