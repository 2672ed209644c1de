"""What is said beside a release that was given away: clips that must be used no more."""

import csv
from collections.abc import Iterable
from pathlib import Path

from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.release_files import MANIFEST

ERRATA = "errata.csv"
COLUMNS = ("youtube_id", "time_start", "time_end", "label", "date", "reason")


def add_errata(release: Path, taken: dict[str, tuple[str, str]]) -> int:
    """Write beside a release which of its clips were taken down; return how many are new.

    Its other files stay as they are, with their checksums.

    Args:
        release: The folder of a release of clips.
        taken: When and why a video was taken down, by its id.

    """
    rows = _known(release)
    new = [
        (row.youtube_id, str(row.time_start), str(row.time_end), row.label, *taken[row.youtube_id])
        for row in read_manifest(release / MANIFEST)
        if row.youtube_id in taken
    ]
    added = sorted(set(new) - set(rows))
    if added:
        _write(release / ERRATA, [*rows, *added])
    return len(added)


def _known(release: Path) -> list[tuple[str, ...]]:
    if not (release / ERRATA).is_file():
        return []
    with (release / ERRATA).open(encoding="utf-8", newline="") as file:
        return [tuple(cells) for cells in list(csv.reader(file))[1:]]


def _write(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    with writing_text(path) as file:
        file.write(csv_line(COLUMNS))
        file.writelines(map(csv_line, rows))
