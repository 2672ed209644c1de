"""What every line of a release's texts was, so that one that was edited by hand is found."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

LINES = ".lines"
"""The folder of a workspace with a file of marks for each text of each release."""
_ENDINGS = {".csv", ".json", ".txt", ".md", ".toml", ""}


def note_lines(folder: Path, marks: Path) -> None:
    """Write a mark for every line of the texts in a release's folder; `marks` appears at once."""
    partial = marks.with_name(f".{marks.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in _ENDINGS:
            text = "".join(f"{mark}\n" for mark in _marks(path))
            (partial / path.name).write_text(text, "ascii")
    shutil.rmtree(marks, ignore_errors=True)
    partial.rename(marks)


def changed_line(path: Path, marks: Path) -> int | None:
    """Return the first line of a text that is not as it was, from 1; None if that is not known."""
    if not (marks / path.name).is_file():
        return None
    before = (marks / path.name).read_text("ascii").split()
    now = list(_marks(path))
    for number, (was, is_now) in enumerate(zip(before, now, strict=False), start=1):
        if was != is_now:
            return number
    return None if len(before) == len(now) else min(len(before), len(now)) + 1


def _marks(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            yield hashlib.sha256(line).hexdigest()[:12]
