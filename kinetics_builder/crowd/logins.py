"""Open sessions of the page. The database knows each of them, so that each can be ended."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import listed
from kinetics_builder.database.tables import Login, Reviewer

LONGEST_SECONDS = 7 * 86_400.0
"""Nobody stays logged in for longer than a week."""


def begin(
    session: Session, worker_id: int | None, now: float, reviewer_id: int | None = None
) -> str:
    """Open a session of a worker, or of the owner (None); return the token for the cookie.

    One of a reviewer is neither the owner's nor a worker's.

    Sessions that ran out are forgotten.
    """
    token = secrets.token_urlsafe(24)
    session.execute(delete(Login).where(Login.expires_at < now))
    row = {
        "token_hash": _hash(token),
        "worker_id": worker_id,
        "reviewer_id": reviewer_id,
        "expires_at": now + LONGEST_SECONDS,
    }
    session.execute(insert(Login), row)
    return token


def is_open(session: Session, token: str, worker_id: int | None, now: float) -> bool:
    """Tell whether `token` is of an open session of this worker, or of the owner (None)."""
    return are_open(session, [(token, worker_id)], now) == [True]


def find_reviewer(session: Session, token: str, now: float) -> str | None:
    """Return the name of the reviewer whose open session a token is of."""
    query = select(Reviewer.name).join(Login, Login.reviewer_id == Reviewer.id)
    return session.scalar(query.where(Login.token_hash == _hash(token), Login.expires_at > now))


def are_open(session: Session, claims: Sequence[tuple[str, int | None]], now: float) -> list[bool]:
    """Tell of each token and worker what `is_open` does."""
    hashes = [_hash(token) for token, _ in claims]
    rows = session.connection().execute(_FIND, {"tokens": listed(hashes), "now": now})
    found = {(row.token_hash, row.worker_id) for row in rows}
    return [
        (hash_, worker_id) in found for hash_, (_, worker_id) in zip(hashes, claims, strict=True)
    ]


def end(session: Session, token: str) -> None:
    """End one session: its cookie opens nothing from now on."""
    session.execute(delete(Login).where(Login.token_hash == _hash(token)))


def end_all(session: Session, worker_id: int | None) -> int:
    """End all sessions of a worker, or of the owner (None); return how many there were."""
    return len(
        session.scalars(
            delete(Login)
            .where(Login.worker_id.is_not_distinct_from(worker_id), Login.reviewer_id.is_(None))
            .returning(Login.token_hash)
        ).all()
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


_FIND = select(Login.token_hash, Login.worker_id).where(
    Login.token_hash.in_(bindparam("tokens", expanding=True)),
    Login.reviewer_id.is_(None),
    Login.expires_at > bindparam("now"),
)
