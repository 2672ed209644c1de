"""Recording class edits: lines of an edits file become rows, which are only ever added."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import note_act
from kinetics_builder.curation.edits import Edit, Undo
from kinetics_builder.curation.language import parse_edit, read_edits
from kinetics_builder.curation.replay import labels_after, live_edits, live_numbers
from kinetics_builder.database.tables import Act, ClassEdit, Label, Vote
from kinetics_builder.errors import FormatError
from kinetics_builder.text.normalise import normalise


@dataclass(frozen=True)
class RecordedEdit:
    """One edit as `kbuild curate --list` shows it."""

    number: int
    """1 for the first one recorded; what `undo` takes."""
    text: str
    is_live: bool
    """False for an edit that is undone, and for an undo that is undone."""


def recorded_edits(session: Session) -> list[Edit]:
    """Return every edit in the order it was recorded in, undone ones and undos included."""
    return [parse_edit(row.text) for row in _rows(session)]


def list_edits(session: Session) -> list[RecordedEdit]:
    """Return every edit with its number, and whether it stands."""
    edits = recorded_edits(session)
    live = live_numbers(edits)
    return [RecordedEdit(n, str(edit), n in live) for n, edit in enumerate(edits, start=1)]


def record_edits(session: Session, path: Path) -> list[str]:
    """Record the lines of a file that are new, and return them.

    A line is new if the file holds it more often than it was recorded, so a file applied
    twice records nothing, and a file may grow. New lines act after all older ones.

    Raises:
        FormatError: A line that is no edit or names no label; nothing is recorded then.

    """
    edits = recorded_edits(session)
    unseen = Counter(map(str, edits))
    new = []
    for line, edit in read_edits(path):
        if unseen[str(edit)] > 0:
            unseen[str(edit)] -= 1
            continue
        try:
            _record(session, edits, edit)
        except ValueError as error:
            raise FormatError(f"{path}:{line}: {error}.") from error
        edits.append(edit)
        new.append(str(edit))
    return new


def undo_edit(session: Session, number: int) -> str:
    """Record that edit `number` never happened, and return what it was.

    Raises:
        FormatError: There is no such edit, it is undone already, or a later one needs it.

    """
    edits = recorded_edits(session)
    try:
        _record(session, edits, Undo(number))
    except ValueError as error:
        raise FormatError(f"`kbuild curate --undo {number}`: {error}.") from error
    return str(edits[number - 1])


def _record(session: Session, edits: Sequence[Edit], edit: Edit) -> None:
    """Add one edit after `edits`, if all that stand then make sense."""
    if isinstance(edit, Undo):
        _check_undo(edits, edit.number)
    _check_labels(session, [*edits, edit])
    reverts_id = _rows(session)[edit.number - 1].id if isinstance(edit, Undo) else None
    session.add(ClassEdit(text=str(edit), reverts_id=reverts_id))
    note_act(session, Act.CLASS_EDITED, str(edit))


def _check_undo(edits: Sequence[Edit], number: int) -> None:
    if not 1 <= number <= len(edits):
        raise ValueError(f"there is no edit {number}, only {len(edits)} are recorded")
    if number not in live_numbers(edits):
        raise ValueError(f"edit {number} (`{edits[number - 1]}`) is undone already")


def _check_labels(session: Session, edits: Sequence[Edit]) -> None:
    labels = frozenset(session.scalars(select(Label.name)))
    given = session.scalars(
        select(Vote.better_name).where(Vote.better_name.is_not(None)).distinct()
    )
    answers = {name for text in given if text and (name := normalise(text))}
    for number, edit in live_edits(edits):
        try:
            labels = labels_after(edit, labels, answers)
        except ValueError as error:
            if number == len(edits):
                raise
            raise ValueError(f"edit {number} (`{edit}`) would not fit any more: {error}") from error


def _rows(session: Session) -> Sequence[ClassEdit]:
    return session.scalars(select(ClassEdit).order_by(ClassEdit.id)).all()
