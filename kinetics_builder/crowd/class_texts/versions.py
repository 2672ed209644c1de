"""Versions of what is said of a class and asked about it; the newest is what workers see.

An answer was given under the newest version that was written before it: there is no column for
that. Who had the page open while another was written may have seen the one before.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import BY_COMMAND, note_act
from kinetics_builder.crowd.class_texts.examples import check_examples
from kinetics_builder.crowd.clips.full import note_full
from kinetics_builder.database.tables import Act, ClassVersion, Label, Vote
from kinetics_builder.errors import CrowdError
from kinetics_builder.text.foreign import flaw_of, spelled
from kinetics_builder.ways import Way

LONGEST_DESCRIPTION, LONGEST_EXAMPLE, LONGEST_REASON = 1000, 300, 300
CLASSES_FILE = "classes file"
"""Who has written what stands in it."""


@dataclass(frozen=True, slots=True)
class ClassText:
    """What is said of a class, and how it is asked about."""

    description: str = ""
    example: str = ""
    """In words, or an address."""
    accepted: tuple[int, ...] = ()
    """Clips that show the class; likewise the next, that don't."""
    refused: tuple[int, ...] = ()
    way: Way | None = None
    """How its clips are shown from the next `assign` on; None for `verify.way`."""
    target: int | None = None
    """Accepted clips after which no more are asked about; None for no bound."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version, as it was written."""

    number: int
    """From 1."""
    text: ClassText
    by: str
    reason: str
    at: datetime | None
    """When it was written, in UTC; None where the classes file alone has ever spoken."""
    num_answers: int = 0
    """First answers about the class that were given under it."""


def read_text(session: Session, label: Label) -> ClassText:
    """Return what is said of a class now."""
    row = _newest(session, label)
    return _of_label(label) if row is None else _text_of(row)


def read_versions(session: Session, label: Label) -> list[Version]:
    """Return all versions of a class, the oldest first; there is one at least."""
    rows = _rows(session, label)
    if not rows:
        num_answers = _num_answers(session, label, None, None)
        return [Version(1, _of_label(label), CLASSES_FILE, "", None, num_answers)]
    ends = [row.written_at for row in rows[1:]]
    begins = [None, *ends]
    return [
        Version(
            number=row.number,
            text=_text_of(row),
            by=row.written_by,
            reason=row.reason,
            at=row.written_at,
            num_answers=_num_answers(session, label, begin, end),
        )
        for row, begin, end in zip(rows, begins, [*ends, None], strict=True)
    ]


def write_version(
    session: Session, label: Label, text: ClassText, *, by: str = BY_COMMAND, why: str
) -> int:
    """Add a version, which holds from now on, and return its number.

    Raises:
        CrowdError: It says what the newest says, there is no reason, a text is too long or cannot
            be shown, or an example is none.

    """
    text = replace(text, description=spelled(text.description), example=spelled(text.example))
    why = spelled(why)
    _check(text, why)
    if text == read_text(session, label):
        raise CrowdError(f"{label.name} says so already: there is nothing to save.")
    check_examples(session, label, text.accepted, text.refused)
    number = _add(session, label, text, by, why)
    note_act(session, Act.CLASS_TEXT, label.name, by=by, why=f"version {number}: {why}")
    return number


def restore_version(
    session: Session, label: Label, number: int, *, by: str = BY_COMMAND, why: str
) -> int:
    """Add a version that says what an earlier one says, and return its number.

    Raises:
        CrowdError: There is no such version, or what it says cannot be written, see
            `write_version`.

    """
    found = [one.text for one in read_versions(session, label) if one.number == number]
    if not found:
        raise CrowdError(f"{label.name} has no version {number}.")
    return write_version(session, label, found[0], by=by, why=why or f"as in version {number}")


def adopt_file(session: Session, label: Label, text: ClassText) -> None:
    """Let a class say what the classes file says: description, example and way.

    What was written at the page stands until the file says something else than it did.
    """
    rows = _rows(session, label)
    if not rows:
        label.description, label.example, label.way = (
            text.description or None,
            text.example or None,
            text.way,
        )
        return
    was = _text_of([row for row in rows if row.written_by == CLASSES_FILE][-1])
    if (was.description, was.example, was.way) == (text.description, text.example, text.way):
        return
    newest = replace(
        _text_of(rows[-1]), description=text.description, example=text.example, way=text.way
    )
    _add(session, label, newest, CLASSES_FILE, "the classes file was changed")


def _check(text: ClassText, why: str) -> None:
    for name, words, longest in (
        ("The description", text.description, LONGEST_DESCRIPTION),
        ("The example", text.example, LONGEST_EXAMPLE),
        ("The reason", why, LONGEST_REASON),
    ):
        if len(words) > longest:
            raise CrowdError(f"{name} has {len(words):,} letters: {longest:,} are the most.")
        if flaw := flaw_of(words):
            raise CrowdError(f"{name} holds {flaw}: type it anew.")
    if not why:
        raise CrowdError("A class is changed with a reason: say why.")
    if text.target is not None and not 0 < text.target < 2**31:
        raise CrowdError(f"A target of {text.target} accepted clips is none: give 1 or more.")


def _add(session: Session, label: Label, text: ClassText, by: str, why: str) -> int:
    newest = _newest(session, label)
    if newest is None:
        first = _of_label(label)
        session.add(_row(label, 1, first, CLASSES_FILE, "as the classes file had it"))
    number = (newest.number if newest is not None else 1) + 1
    session.add(_row(label, number, text, by, why))
    label.description, label.example = text.description or None, text.example or None
    label.way, label.target = text.way, text.target
    label.num_examples = len(text.accepted) + len(text.refused)
    session.flush()
    note_full(session, [label.id])
    return number


def _row(label: Label, number: int, text: ClassText, by: str, why: str) -> ClassVersion:
    said = {**asdict(text), "accepted": list(text.accepted), "refused": list(text.refused)}
    return ClassVersion(label_id=label.id, number=number, written_by=by, reason=why, **said)


def _of_label(label: Label) -> ClassText:
    return ClassText(label.description or "", label.example or "", way=label.way)


def _text_of(row: ClassVersion) -> ClassText:
    accepted, refused = tuple(row.accepted), tuple(row.refused)
    return ClassText(row.description, row.example, accepted, refused, row.way, row.target)


def _rows(session: Session, label: Label) -> Sequence[ClassVersion]:
    query = select(ClassVersion).where(ClassVersion.label_id == label.id)
    return session.scalars(query.order_by(ClassVersion.number)).all()


def _newest(session: Session, label: Label) -> ClassVersion | None:
    return next(reversed(_rows(session, label)), None)


def _num_answers(
    session: Session, label: Label, begin: datetime | None, end: datetime | None
) -> int:
    is_first = Vote.revision == 0, Vote.occasion == 1
    query = select(func.count(Vote.id)).where(Vote.label_id == label.id, *is_first)
    if begin is not None:
        query = query.where(Vote.created_at >= begin)
    if end is not None:
        query = query.where(Vote.created_at < end)
    return session.scalar(query) or 0
