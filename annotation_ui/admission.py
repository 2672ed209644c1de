"""Letting workers in: the first login binds a name to an invitation code."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotation_ui.languages.words import gettext
from kinetics_builder.crowd.invitations import hash_code
from kinetics_builder.database.tables import Briefing, Worker
from kinetics_builder.errors import KbuildError
from kinetics_builder.text.foreign import flaw_of, spelled

MAX_NAME = 80


class Refused(KbuildError):
    """The name and the code do not let anybody in; the text says why."""


class WrongCode(Refused):
    """The code is nobody's, or not this person's: somebody may be guessing."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A worker who may come in."""

    worker_id: int
    name: str


def admit(session: Session, name: str, code: str) -> Admitted:
    """Return the worker with this name and invitation code.

    Raises:
        WrongCode: The code is unknown, or belongs to another name.
        Refused: The code was revoked, or the name belongs to another code.

    """
    name = spelled(name)
    if not 1 <= len(name) <= MAX_NAME or flaw_of(name):
        raise Refused(gettext("Type a name of 1 to %(number)s letters.", number=MAX_NAME))
    worker = session.scalar(select(Worker).where(Worker.code_hash == hash_code(code)))
    if worker is None:
        raise WrongCode(
            gettext("This code is unknown. Check it letter by letter, or ask for a new one.")
        )
    if worker.name is not None and worker.name.casefold() != name.casefold():
        raise WrongCode(
            gettext("This code belongs to another name. Type the name you chose at first.")
        )
    if worker.revoked_at is not None:
        raise Refused(gettext("This code does not work any more. Ask whoever gave it to you."))
    if worker.name is None:
        _bind(session, worker, name)
    return Admitted(worker.id, worker.name or name)


def has_read_instructions(session: Session, worker_id: int, kind: str) -> bool:
    """Tell whether the worker has read and accepted the instructions of a kind of task."""
    return session.get(Briefing, (worker_id, kind)) is not None


def note_instructions_read(session: Session, worker_id: int, kind: str) -> None:
    """Write down that the worker has read and accepted the instructions of a kind of task."""
    if not has_read_instructions(session, worker_id, kind):
        session.add(Briefing(worker_id=worker_id, kind=kind))
    worker = session.get_one(Worker, worker_id)
    if worker.joined_at is None:
        worker.joined_at = session.scalar(select(func.now()))


def _bind(session: Session, worker: Worker, name: str) -> None:
    if session.scalar(select(Worker.id).where(func.lower(Worker.name) == name.lower())):
        raise Refused(gettext("Somebody else has this name already. Choose another one."))
    worker.name = name
    session.flush()
