"""Opening a class that was closed: the owner's word that it goes on all the same."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.crowd.clips.gating import read_gates
from kinetics_builder.crowd.clips.open_tasks import finish_classes
from kinetics_builder.database.tables import Act, ClassGate, Label
from kinetics_builder.errors import CrowdError


def open_class(
    session: Session, label_id: int | None, *, by: str = BY_COMMAND, why: str = ""
) -> str:
    """Have the open clips of a class asked about again, from now on for good; return its name.

    Raises:
        CrowdError: The class is not closed.

    """
    gate = None if label_id is None else session.get(ClassGate, label_id)
    if gate is None or not gate.is_closed:
        closed = ", ".join(one.label for one in read_gates(session) if one.is_closed)
        raise CrowdError(f"This class is not closed. Closed: {closed or 'none'}.")
    gate.is_closed, gate.is_opened = False, True
    name = session.get_one(Label, gate.label_id).name
    note_act(session, Act.CLASS_OPENED, name, by=by, why=why)
    session.flush()
    finish_classes(session.connection(), [gate.label_id])
    return name


def find_label(session: Session, name: str) -> int | None:
    """Return the id of a class; None where there is none of this name."""
    return session.scalar(select(Label.id).where(Label.name == name))
