"""Which films of a release that was given away must be used no more."""

from pathlib import Path

from pipelines.ava.released.folder import FilmsFolder
from pipelines.publishing.errata import add_rows
from pipelines.publishing.kind import Taken

COLUMNS = ("video_id", "file", "start_seconds", "split", "date", "reason")
"""Who is seen in a film, and where in the picture, is not said: it may be who asked."""


def add_errata(release: Path, taken: Taken) -> int:
    """Write beside a release which of its films were taken down; return how many are new."""
    rows = [
        (
            *(one.film.video_id, one.film.file, f"{one.film.start_seconds:g}", one.film.split),
            *taken[one.name],
        )
        for one in FilmsFolder.of(release).films
        if one.name in taken
    ]
    return add_rows(release, COLUMNS, rows)
