"""What is said beside a release that was given away: what must be used no more."""

import csv
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.release_files import MANIFEST
from pipelines.publishing.kind import Taken

ERRATA = "errata.csv"
COLUMNS = ("youtube_id", "time_start", "time_end", "label", "date", "reason")

Row = tuple[str, ...]


def add_errata(release: Path, taken: Taken) -> int:
    """Write beside a release which of its clips were taken down; return how many are new."""
    rows = [
        (row.youtube_id, str(row.time_start), str(row.time_end), row.label, *taken[row.youtube_id])
        for row in read_manifest(release / MANIFEST)
        if row.youtube_id in taken
    ]
    return add_rows(release, COLUMNS, rows)


def add_rows(release: Path, columns: Sequence[str], rows: Collection[Row]) -> int:
    """Add rows to those beside a release; return how many are new.

    Its other files stay as they are, with their checksums.
    """
    known = read_errata(release)[1]
    added = sorted(set(rows) - set(known))
    if added:
        _write(release / ERRATA, columns, [*known, *added])
    return len(added)


def read_errata(release: Path) -> tuple[Row, list[Row]]:
    """Return the columns and the rows of what is said beside a release; none where nothing is."""
    if not (release / ERRATA).is_file():
        return (), []
    with (release / ERRATA).open(encoding="utf-8", newline="") as file:
        columns, *rows = (tuple(cells) for cells in csv.reader(file))
    return columns, rows


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with writing_text(path) as file:
        file.write(csv_line(columns))
        file.writelines(map(csv_line, rows))
