"""Whose answers a browser keeps until they are saved."""

import hashlib

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Worker


def outbox_key(session: Session, worker_id: int) -> str:
    """Return what names a worker in a browser's store, in 16 hexadecimal digits.

    It stays the same when the worker's code or the workspace's secret is made anew, and is
    another one for a worker of another dataset that is served at the same address.
    """
    invited_at = session.scalar(_INVITED_AT, {"worker_id": worker_id})
    return hashlib.sha256(f"{worker_id} {invited_at}".encode()).hexdigest()[:16]


_INVITED_AT = select(Worker.invited_at).where(Worker.id == bindparam("worker_id"))
