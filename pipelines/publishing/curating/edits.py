"""Recording class edits: lines of an edits file become rows, which are only ever added."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.crowd.class_edits import edit_rows, recorded_edits
from kinetics_builder.curation.classes_after import Classes, check_names, check_new, classes_after
from kinetics_builder.curation.edits import Edit, Undo
from kinetics_builder.curation.edits_file import EditLine, read_edits
from kinetics_builder.curation.language import parse_edit
from kinetics_builder.curation.log import resolved
from kinetics_builder.database.tables import Act, ClassEdit, Label, Vote
from kinetics_builder.errors import FormatError
from kinetics_builder.text.normalise import normalise
from pipelines.classes.groups import groups_of


def record_edits(session: Session, path: Path, *, author: str = "") -> list[str]:
    """Record the lines of a file that are new, and return them.

    Args:
        session: A writing session.
        path: See `kinetics_builder.curation.edits_file`.
        author: Of lines that name none.

    Raises:
        FormatError: A line that is no edit or makes no sense; nothing is recorded then.

    """
    new = new_edits(session, path)
    for line in new:
        _add(session, line, line.author or author)
    return [str(line.edit) for line in new]


def new_edits(session: Session, path: Path) -> list[EditLine]:
    """Return the lines of a file that are not recorded yet, and record nothing.

    A line is new if the file holds it more often than it was recorded, so a file applied
    twice records nothing, and a file may grow. New lines act after all older ones.

    Raises:
        FormatError: A line that is no edit or makes no sense.

    """
    edits = recorded_edits(session)
    unseen = Counter(map(str, edits))
    classes, answers = classes_asked(session), names_given(session)
    new = []
    for line in read_edits(path):
        if unseen[str(line.edit)] > 0:
            unseen[str(line.edit)] -= 1
            continue
        try:
            _check(edits, line.edit, classes, answers)
        except ValueError as error:
            raise FormatError(f"{path}:{line.number}: {error}.") from error
        edits.append(line.edit)
        new.append(line)
    return new


def check_line(session: Session, line: EditLine) -> None:
    """Raise ValueError unless an edit makes sense after all that are recorded."""
    _check(recorded_edits(session), line.edit, classes_asked(session), names_given(session))


def _check(edits: Sequence[Edit], edit: Edit, classes: Classes, answers: Collection[str]) -> None:
    check_new(edits, edit)
    classes_after([*edits, edit], classes, answers)
    check_names(edit, classes_after(edits, classes, answers).labels)


def record_line(session: Session, line: EditLine) -> None:
    """Record an edit that makes sense, with all that is said of it."""
    _add(session, line, line.author)


def undo_edit(session: Session, number: int, *, author: str = "", reason: str = "") -> str:
    """Record that edit `number` never happened, and return what it was.

    Raises:
        FormatError: There is no such edit, it is undone already, or a later one needs it.

    """
    line = EditLine(0, Undo(number), author, reason)
    try:
        check_line(session, line)
    except ValueError as error:
        raise FormatError(f"`kbuild curate --undo {number}`: {error}.") from error
    undone = str(recorded_edits(session)[number - 1])
    record_line(session, line)
    return undone


def classes_asked(session: Session) -> Classes:
    """Return the classes that annotators were asked about, retired ones included.

    Parts that a split made come by the split.
    """
    is_own = Label.part_of_id.is_(None)
    rows = session.execute(select(Label.id, Label.name).where(is_own))
    labels = {number: name for number, name in rows}
    groups, of_labels = groups_of(session)
    return Classes(
        labels=frozenset(labels.values()),
        groups={name: tuple(of_labels.get(number, ())) for number, name in labels.items()},
        parents={group.name: group.parent for group in groups},
    )


def edited_classes(session: Session) -> Classes:
    """Return the classes after all edits that stand."""
    return classes_after(recorded_edits(session), classes_asked(session), names_given(session))


def names_given(session: Session) -> frozenset[str]:
    """Return every name that any annotator gave in place of the label, normalised."""
    given = session.scalars(
        select(Vote.better_name).where(Vote.better_name.is_not(None), Vote.occasion == 1).distinct()
    )
    return frozenset(name for text in given if text and (name := normalise(text)))


def _add(session: Session, line: EditLine, author: str) -> None:
    rows = edit_rows(session)
    then = resolved([*(parse_edit(row.text) for row in rows), line.edit])[-1]
    reverts_id = rows[then.number - 1].id if isinstance(then, Undo) else None
    session.add(
        ClassEdit(
            text=str(line.edit),
            reverts_id=reverts_id,
            author=author,
            reason=line.reason,
            evidence=line.evidence,
        )
    )
    note_act(session, Act.CLASS_EDITED, str(line.edit), by=author or BY_COMMAND, why=line.reason)
