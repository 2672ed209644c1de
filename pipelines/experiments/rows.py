"""What became of each cell: a row of a file, done or failed with a reason."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from enum import StrEnum
from pathlib import Path

from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems


class Standing(StrEnum):
    """How a cell stands."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, order=True)
class CellRow:
    """One cell, once it has ended."""

    name: str
    identity: str
    """Of the settings that it ended under."""
    standing: Standing
    reason: str
    """Why it failed; empty where it did not."""
    seconds: float
    """Wall time of the run that ended it."""


HEADER = [field.name for field in fields(CellRow)]


def write_rows(path: Path, rows: Iterable[CellRow]) -> None:
    """Write the rows sorted by name: whole, or what was there before stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing_text(path) as file:
        file.write(csv_line(HEADER))
        for row in sorted(rows):
            file.write(csv_line([*astuple(row)[:-1], f"{row.seconds:.1f}"]))


def read_rows(path: Path) -> dict[str, CellRow]:
    """Return the rows by identity; none where there is no file.

    Raises:
        FormatError: A row that does not fit, with its line.

    """
    if not path.is_file():
        return {}
    problems = Problems(path)
    header, rows = table(path, HEADER, problems)
    places = [header.index(name) for name in HEADER]
    found = parsed(([cells[at] for at in places] for cells in rows), _row, problems)
    return {row.identity: row for row in found}


def _row(cells: list[str]) -> CellRow:
    name, identity, standing, reason, seconds = cells
    return CellRow(name, identity, Standing(standing), reason, float(seconds))
