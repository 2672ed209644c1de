"""The class edits that were recorded, as they stand. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.curation.edits import Edit
from kinetics_builder.curation.language import parse_edit
from kinetics_builder.curation.log import live_numbers
from kinetics_builder.database.tables import ClassEdit


@dataclass(frozen=True)
class RecordedEdit:
    """One edit as `kbuild curate --list` and the owner's page show it."""

    number: int
    """1 for the first one recorded; what `undo` takes."""
    text: str
    is_live: bool
    """False for an edit that is undone, and for an undo that is undone."""
    author: str
    """Empty where nobody said so, as are the other two."""
    reason: str
    evidence: str
    recorded_at: str
    """UTC, as 2026-12-01 09:30:00."""


def recorded_edits(session: Session) -> list[Edit]:
    """Return every edit in the order it was recorded in, undone ones and undos included."""
    return [parse_edit(row.text) for row in edit_rows(session)]


def list_edits(session: Session) -> list[RecordedEdit]:
    """Return every edit with its number, whether it stands, who wanted it, why and when."""
    rows = edit_rows(session)
    live = live_numbers([parse_edit(row.text) for row in rows])
    return [
        RecordedEdit(
            number=number,
            text=row.text,
            is_live=number in live,
            author=row.author,
            reason=row.reason,
            evidence=row.evidence,
            recorded_at=row.recorded_at.isoformat(" ", "seconds"),
        )
        for number, row in enumerate(rows, start=1)
    ]


def edit_rows(session: Session) -> Sequence[ClassEdit]:
    """Return the rows, in the order in which they were recorded."""
    return session.scalars(select(ClassEdit).order_by(ClassEdit.id)).all()
