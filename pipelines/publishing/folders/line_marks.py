"""What every line of a release's texts was, so that one that was edited by hand is found."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

LINES = ".lines"
"""The folder of a workspace with a file of marks for each text of each release."""
_TEXTS = {".csv", ".json", ".txt", ".md", ".toml", ""}
_ENDING = ".crc32"
_BYTES_AT_ONCE = 1 << 22

Marks = NDArray[np.uint32]
"""The CRC-32 of each line: the checksums say whether a file was changed, these only where."""


def note_lines(
    folder: Path, marks: Path, *, names: Sequence[str] = (), known: Path | None = None
) -> None:
    """Write a mark for every line of the texts in a release's folder; `marks` appears at once.

    Args:
        folder: The release.
        marks: A folder with a file for each text.
        names: Of the texts; all without them.
        known: Such a folder of some of them, whose files are taken over.

    """
    partial = marks.with_name(f".{marks.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for path in sorted(folder.iterdir()):
        if path.suffix in _TEXTS and path.is_file() and (not names or path.name in names):
            name = f"{path.name}{_ENDING}"
            if known is not None and (known / name).is_file():
                shutil.move(known / name, partial / name)
            else:
                _marks(path).astype("<u4").tofile(partial / name)
    shutil.rmtree(marks, ignore_errors=True)
    partial.rename(marks)


def changed_line(path: Path, marks: Path) -> int | None:
    """Return the first line of a text that is not as it was, from 1; None if that is not known."""
    noted = marks / f"{path.name}{_ENDING}"
    if not noted.is_file():
        return None
    before, now = np.fromfile(noted, "<u4"), _marks(path)
    num_both = min(len(before), len(now))
    changed = np.flatnonzero(before[:num_both] != now[:num_both])
    if len(changed):
        return int(changed[0]) + 1
    return None if len(before) == len(now) else num_both + 1


def _marks(path: Path) -> Marks:
    parts = [np.empty(0, np.uint32)]
    with path.open("rb") as file:
        while lines := file.readlines(_BYTES_AT_ONCE):
            parts.append(np.fromiter(map(crc32, lines), np.uint32, len(lines)))
    return np.concatenate(parts)
