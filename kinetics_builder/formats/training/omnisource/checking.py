"""Whether a folder of such lists holds together."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path, PurePosixPath

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.training.classes import CLASSES
from kinetics_builder.formats.training.omnisource.items import ITEMS, WebRow, order_of, read_items
from kinetics_builder.formats.training.omnisource.lists import PART_SECONDS, read_lists


def check_folder(folder: Path, media: Path | None = None) -> Iterator[str]:
    """Yield what is wrong with `items.csv`, the lists beside it, and the files that they name.

    Args:
        folder: Of the lists.
        media: That paths are relative to; None looks for no file.

    """
    heard: list[Problem] = []
    if not (folder / ITEMS).is_file():
        yield f"{folder / ITEMS} is not there: expected a folder that `kbuild omni write` wrote"
        return
    try:
        rows = list(read_items(folder / ITEMS, Problems(folder / ITEMS, on_error=heard.append)))
    except FormatError as error:
        yield str(error)
        return
    yield from map(str, heard)
    yield from _repeated(rows)
    if media is not None:
        for file in dict.fromkeys(row.file for row in rows):
            if not (media / file).is_file():
                yield f"{file} is not in {media}"
    if (folder / CLASSES).is_file():
        yield from _of_lists(folder, rows)


def _repeated(rows: list[WebRow]) -> Iterator[str]:
    for known, group in groupby(sorted(rows, key=order_of), order_of):
        if (number := len(list(group))) > 1:
            yield f"{ITEMS}: {known[1]} stands there {number} times for {known[2]!r}"


def _of_lists(folder: Path, rows: list[WebRow]) -> Iterator[str]:
    """Yield in what the lists and `items.csv` differ."""
    try:
        lines = read_lists(folder)
    except FormatError as error:
        yield str(error)
        return
    listed = {
        (kind, place, label, part)
        for kind, place, label, parts in lines
        for part in (parts if kind == "videos" else (-1,))
    }
    wanted = {_listed(row) for row in rows}
    for kind, place, label, _ in sorted(wanted - listed):
        yield f"{kind}.txt lacks {place} of {label!r}, which is in {ITEMS}"
    for kind, place, label, _ in sorted(listed - wanted):
        yield f"{kind}.txt has {place} of {label!r}, which is not in {ITEMS}"


def _listed(row: WebRow) -> tuple[str, str, str, int]:
    if row.start_seconds is None:
        return row.kind, row.file, row.label, -1
    place = str(PurePosixPath(row.file).with_suffix(""))
    return row.kind, place, row.label, int(row.start_seconds // PART_SECONDS)
