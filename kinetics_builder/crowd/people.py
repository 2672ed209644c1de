"""What the owner does about workers: list, another code, revoke, exclude, join.

Votes are only ever added. Whoever is excluded keeps theirs, set aside; whoever is joined to
another keeps theirs too, and the other has a copy of those that were missing there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.crowd.invitations import hash_code, new_code
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.crowd.logins import end_all
from kinetics_builder.crowd.records import keep, read_standings, rejudge
from kinetics_builder.crowd.standing import Record, Standing
from kinetics_builder.database.tables import Act, Login, Worker
from kinetics_builder.errors import CrowdError


class Access(StrEnum):
    """Whether a worker can come in."""

    INVITED = "invited"
    """The code was not used yet."""
    ADMITTED = "admitted"
    REVOKED = "revoked"
    EXCLUDED = "excluded"
    JOINED = "joined"


@dataclass(frozen=True, slots=True)
class Person:
    """A worker as the owner sees one. The code is kept nowhere, so it cannot be listed.

    One who answers questions of several kinds stands in each as the answers there deserve,
    and is listed once for each.
    """

    worker_id: int
    name: str | None
    access: Access
    same_as: str | None
    """The worker to whom this one was joined."""
    num_open_sessions: int
    invited_at: datetime
    standing: Standing
    kind: str
    """Of the answers that `standing` is about."""

    @property
    def title(self) -> str:
        """What commands call the worker: the name, or `#7` before the first login."""
        return self.name or f"#{self.worker_id}"


def list_people(session: Session, config: VerifyConfig) -> list[Person]:
    """Return all workers, by name; those without a name last."""
    logins = select(Login.worker_id, func.count()).group_by(Login.worker_id)
    sessions = {worker_id: number for worker_id, number in session.execute(logins)}
    rows = session.scalars(select(Worker)).all()
    titles = {row.id: row.name or f"#{row.id}" for row in rows}
    standings = _standings(session, config)
    people = [
        Person(
            worker_id=row.id,
            name=row.name,
            access=access_of(row),
            same_as=titles.get(row.same_as_id) if row.same_as_id is not None else None,
            num_open_sessions=sessions.get(row.id, 0),
            invited_at=row.invited_at,
            standing=standing,
            kind=kind,
        )
        for row in rows
        for kind, standing in standings.get(row.id) or [(KINDS[0].name, Standing(Record()))]
    ]
    return sorted(
        people, key=lambda one: (one.name is None, (one.name or "").casefold(), one.worker_id)
    )


def _standings(session: Session, config: VerifyConfig) -> dict[int, list[tuple[str, Standing]]]:
    """Return (kind, standing) of each worker: where they answered, else of the first kind."""
    found: dict[int, list[tuple[str, Standing]]] = {}
    for kind in KINDS:
        for worker_id, standing in read_standings(session, config, kind).items():
            if standing.num_votes:
                found.setdefault(worker_id, []).append((kind.name, standing))
    for worker_id, standing in read_standings(session, config).items():
        found.setdefault(worker_id, [(KINDS[0].name, standing)])
    return found


def access_of(worker: Worker) -> Access:
    """Return whether this worker can come in."""
    if worker.same_as_id is not None:
        return Access.JOINED
    if worker.excluded_at is not None:
        return Access.EXCLUDED
    if worker.revoked_at is not None:
        return Access.REVOKED
    return Access.INVITED if worker.name is None else Access.ADMITTED


def find_worker(session: Session, title: str) -> Worker:
    """Return the worker of this name (capitals don't matter), or of this number as `#7`.

    Raises:
        CrowdError: There is none; the text lists those there are.

    """
    wanted = " ".join(title.split())
    workers: Sequence[Worker] = session.scalars(select(Worker).order_by(Worker.id)).all()
    for worker in workers:
        if worker.name is not None and worker.name.casefold() == wanted.casefold():
            return worker
        if wanted == f"#{worker.id}":
            return worker
    known = ", ".join(worker.name or f"#{worker.id}" for worker in workers[:20]) or "nobody"
    more = f" and {len(workers) - 20} more" if len(workers) > 20 else ""
    raise CrowdError(
        f"There is no worker {title!r}. Known: {known}{more}. `kbuild crowd workers` lists them."
    )


def reissue(session: Session, worker: Worker) -> str:
    """Return a new code of a worker; the old one and all open sessions end.

    Raises:
        CrowdError: The worker is excluded, or joined to another.

    """
    if worker.same_as_id is not None or worker.excluded_at is not None:
        raise CrowdError(
            f"{_title(worker)} is {access_of(worker)}, and gets no code. "
            "`kbuild crowd readmit NAME` takes an exclusion back."
        )
    code = new_code()
    worker.code_hash, worker.revoked_at = hash_code(code), None
    end_all(session, worker.id)
    note_act(session, Act.NEW_CODE, worker)
    return code


def revoke(session: Session, worker: Worker, *, by: str = BY_COMMAND, why: str = "") -> int:
    """Let the worker in no more, end open sessions, return their number. The votes count on."""
    note_act(session, Act.REVOKED, worker, by=by, why=why)
    return _revoke(session, worker)


def _revoke(session: Session, worker: Worker) -> int:
    if worker.revoked_at is None:
        worker.revoked_at = session.scalar(select(func.now()))
    session.flush()
    return end_all(session, worker.id)


def exclude(
    session: Session,
    worker: Worker,
    config: VerifyConfig,
    *,
    by: str = BY_COMMAND,
    why: str = "",
) -> int:
    """Revoke, and set all votes of the worker aside; return the number of sessions ended."""
    keep(session, config)
    note_act(session, Act.EXCLUDED, worker, by=by, why=why)
    if worker.excluded_at is None:
        worker.excluded_at = session.scalar(select(func.now()))
    num_ended = _revoke(session, worker)
    rejudge(session, [worker.id], config)
    return num_ended


def readmit(
    session: Session,
    worker: Worker,
    config: VerifyConfig,
    *,
    by: str = BY_COMMAND,
    why: str = "",
) -> None:
    """Take an exclusion or a revocation back: the code works again, and the votes count.

    Raises:
        CrowdError: The worker is joined to another.

    """
    if worker.same_as_id is not None:
        raise CrowdError(f"{_title(worker)} is joined to another worker; that cannot be undone.")
    keep(session, config)
    worker.excluded_at = worker.revoked_at = None
    note_act(session, Act.READMITTED, worker, by=by, why=why)
    rejudge(session, [worker.id], config)


def join(session: Session, keep_worker: Worker, other: Worker, config: VerifyConfig) -> int:
    """Make two workers one person: `keep_worker` gets the votes of `other` that it has not.

    Where both answered a question, the answer of `keep_worker` stays. The votes of `other`
    are set aside, its code and sessions end.

    Returns:
        How many votes were copied.

    Raises:
        CrowdError: They are the same worker already.

    """
    if keep_worker.id == other.id or None is not keep_worker.same_as_id:
        raise CrowdError(f"{_title(keep_worker)} cannot be joined with {_title(other)}.")
    if other.same_as_id is not None:
        raise CrowdError(f"{_title(other)} is joined to another worker already.")
    keep(session, config)
    num_copied = sum(kind.copy_answers(session, other.id, keep_worker.id) for kind in KINDS)
    other.same_as_id = keep_worker.id
    _revoke(session, other)
    note_act(session, Act.JOINED, other, why=f"is {_title(keep_worker)}")
    session.execute(
        update(Worker).where(Worker.same_as_id == other.id).values(same_as_id=keep_worker.id)
    )
    keep(session, config)
    rejudge(session, [other.id, keep_worker.id], config)
    return num_copied


def _title(worker: Worker) -> str:
    return worker.name or f"#{worker.id}"
