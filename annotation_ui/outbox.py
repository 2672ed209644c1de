"""Whose answers a browser keeps until they are saved."""

import hashlib

from sqlalchemy import BindParameter, bindparam, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Worker


def outbox_keys(session: Session, worker_id: int) -> list[str]:
    """Return what names a worker in a browser's store, and those who were joined to the worker.

    Each has 16 hexadecimal digits; the worker's own comes first. It stays the same when the
    worker's code or the workspace's secret is made anew, and is another one for a worker of
    another dataset that is served at the same address.
    """
    found = session.execute(_PERSON, {"worker_id": worker_id})
    rows = sorted(found, key=lambda row: (row.id != worker_id, row.id))
    return [hashlib.sha256(f"{r.id} {r.invited_at}".encode()).hexdigest()[:16] for r in rows]


def is_same_person(session: Session, worker_id: int, name: str) -> bool:
    """Tell whether this is the name of the worker, or of one who was joined to the worker."""
    rows = session.execute(_PERSON, {"worker_id": worker_id})
    return any(row.name == name for row in rows)


_ME: BindParameter[int] = bindparam("worker_id")
_PERSON = select(Worker.id, Worker.name, Worker.invited_at).where(
    or_(Worker.id == _ME, Worker.same_as_id == _ME)
)
