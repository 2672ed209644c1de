"""What the owner did: a row for each act, written in the transaction that does it."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Act, Clip, OwnerAct, Worker
from kinetics_builder.text.foreign import one_line

AT_PAGE = "owner"
BY_COMMAND = "owner, by command"
_LONGEST = 300


def note_act(
    session: Session,
    act: Act,
    about: Worker | Clip | str,
    *,
    by: str = BY_COMMAND,
    why: str = "",
) -> None:
    """Add a row about something that is done now; a clip and a worker are named in words, too."""
    words = about
    if isinstance(about, Worker):
        words = about.name or f"#{about.id}"
    elif isinstance(about, Clip):
        words = f"clip {about.id}: {about.label.name}"
    session.add(
        OwnerAct(
            act=act,
            acted_by=by,
            about=one_line(words, _LONGEST) or "",
            why=one_line(why, _LONGEST) or "",
            worker_id=about.id if isinstance(about, Worker) else None,
            clip_id=about.id if isinstance(about, Clip) else None,
        )
    )
    session.flush()


def list_acts(
    session: Session, number: int, skip: int = 0, worker_id: int | None = None
) -> Sequence[OwnerAct]:
    """Return so many of the last acts, the newest first: all, or those about one worker."""
    query = select(OwnerAct).order_by(OwnerAct.id.desc()).limit(number).offset(skip)
    if worker_id is not None:
        query = query.where(OwnerAct.worker_id == worker_id)
    return session.scalars(query).all()


def count_acts(session: Session) -> int:
    """Return how many acts there are."""
    return session.scalar(select(func.count(OwnerAct.id))) or 0
