"""Leases: who works on which item, so that several runs share a stage and none is lost.

An item is free when nobody has begun it, when its lease ran out, or when the process that
held it on this machine is gone.
"""

import os
import socket
import time
from collections.abc import Collection, Sequence
from functools import cache

import psutil
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Item, State
from kinetics_builder.errors import RETRYABLE, ItemFailed
from kinetics_builder.text.foreign import one_line
from pipelines.stage import Stage

_CHUNK = 400  # below SQLite's limit of variables in one statement


@cache
def this_owner() -> str:
    """Return host/pid/start of this process."""
    pid = os.getpid()
    return f"{socket.gethostname()}/{pid}/{psutil.Process(pid).create_time():.2f}"


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
    now = time.time()
    taken = []
    for key in keys:
        row = rows.get(key)
        if row is None:
            row = Item(stage=stage.name, key=key, settings_hash=stage.settings_hash, attempts=0)
            session.add(row)
        elif not is_free(row, now):
            continue
        row.state, row.lease_owner = State.RUNNING, this_owner()
        row.lease_until = now + lease_seconds
        row.attempts += 1
        taken.append(key)
    return taken


def is_free(row: Item, now: float) -> bool:
    """Return whether nobody works on `row` and it is not done."""
    if row.state is State.PENDING:
        return True
    if row.state is not State.RUNNING or row.lease_owner == this_owner():
        return False
    return row.lease_until is None or row.lease_until < now or _is_gone(row.lease_owner or "")


def forget_others(session: Session, stage: Stage[object, object], keys: Collection[str]) -> None:
    """Delete the stage's rows of other settings and of items not among `keys`.

    What somebody is working on stays.
    """
    stays = set(keys)
    rows = session.scalars(
        select(Item).where(Item.stage == stage.name, Item.state != State.RUNNING)
    )
    for row in rows:
        if row.settings_hash != stage.settings_hash or row.key not in stays:
            session.delete(row)


def renew(session: Session, stage: Stage[object, object], lease_seconds: float) -> None:
    """Prolong every lease of this process on the stage."""
    session.execute(
        update(Item).where(*_mine(stage)).values(lease_until=time.time() + lease_seconds)
    )


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


def _mine(stage: Stage[object, object]) -> tuple[ColumnElement[bool], ...]:
    return (
        Item.stage == stage.name,
        Item.settings_hash == stage.settings_hash,
        Item.state == State.RUNNING,
        Item.lease_owner == this_owner(),
    )


def _is_gone(owner: str) -> bool:
    """Return whether `owner` was a process of this machine that runs no more."""
    host, _, rest = owner.partition("/")
    pid, _, started = rest.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        return f"{psutil.Process(int(pid)).create_time():.2f}" != started
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        return False
