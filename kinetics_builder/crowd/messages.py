"""What the owner writes to workers, who read it at the page before they go on."""

from collections.abc import Sequence

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.database.tables import Act, Worker, WorkerMessage
from kinetics_builder.errors import CrowdError
from kinetics_builder.text.foreign import flaw_of

LONGEST = 1000
"""Letters of a message."""


def write_message(session: Session, worker: Worker, text: str, by: str = BY_COMMAND) -> None:
    """Add a message, which the worker is shown before the next task.

    Raises:
        CrowdError: It says nothing, or too much; or the worker is joined to another.

    """
    text = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if not 1 <= len(text) <= LONGEST:
        raise CrowdError(f"A message has 1 to {LONGEST:,} letters, and this one {len(text):,}.")
    if flaw := next(filter(None, map(flaw_of, text.splitlines())), None):
        raise CrowdError(f"The message holds {flaw}: type it anew.")
    if worker.same_as_id is not None:
        raise CrowdError(
            f"{worker.name or f'#{worker.id}'} is joined to another worker: write to that one."
        )
    session.add(WorkerMessage(worker_id=worker.id, text=text, written_by=by))
    note_act(session, Act.WROTE, worker, by=by, why=text)


def list_messages(session: Session, worker_id: int) -> Sequence[WorkerMessage]:
    """Return the messages to a worker, the newest first."""
    query = select(WorkerMessage).where(WorkerMessage.worker_id == worker_id)
    return session.scalars(query.order_by(WorkerMessage.id.desc())).all()


def has_unread(session: Session, worker_id: int) -> bool:
    """Tell whether there is a message that the worker has not confirmed."""
    return bool(session.connection().scalar(_HAS_UNREAD, {"worker_id": worker_id}))


def note_read(session: Session, worker_id: int, last_id: int) -> None:
    """Note that the worker has read the messages up to this one."""
    session.execute(
        update(WorkerMessage)
        .where(
            WorkerMessage.worker_id == worker_id,
            WorkerMessage.id <= last_id,
            WorkerMessage.read_at.is_(None),
        )
        .values(read_at=func.now())
    )


_HAS_UNREAD = select(
    exists().where(
        WorkerMessage.worker_id == bindparam("worker_id"), WorkerMessage.read_at.is_(None)
    )
)
