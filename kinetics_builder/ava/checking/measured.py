"""The truth as the measures of PySlowFast and MMAction2 read it: `read_csv`, `read_exclusions`.

Both are ActivityNet's evaluator of 2018, before it knew key frames without a box.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from kinetics_builder.ava.checking.report import Fate, Findings, Sort, Tally
from kinetics_builder.ava.checking.rows import (
    Bad,
    BadRow,
    Box,
    OddBox,
    box_of,
    counted,
    need_cells,
    oddity_of,
    tally_stated,
    whole,
)

BAD_ROW = {
    Bad.CELLS: Sort(
        fate=Fate.STOPS,
        what="found {found}; the measure takes 7 or 8 cells and ends with a TypeError",
        remedy="leave out rows of other widths, those of key frames without a box too: "
        "`kbuild convert` does",
    ),
    Bad.TIME: Sort(
        fate=Fate.STOPS,
        what="found {found} as time; the measure takes whole seconds and ends with a ValueError",
        remedy="write whole seconds",
    ),
    Bad.BOX: Sort(
        fate=Fate.STOPS,
        what="found {found} as box; the measure ends with a ValueError",
        remedy="write x1, y1, x2, y2 as shares of the frame",
    ),
    Bad.ACTION: Sort(
        fate=Fate.STOPS,
        what="found {found} as action; the measure takes whole numbers and ends with a ValueError",
        remedy="write a number of the list of classes",
    ),
    Bad.BYTES: Sort(
        fate=Fate.STOPS,
        what="found bytes that are not UTF-8, in {found}",
        remedy="save the file as UTF-8",
    ),
}
ODD_BOX = {
    OddBox.NAN: Sort(
        fate=Fate.MISREADS,
        what="the box {found} is no place: the measure expects it, and nothing can find it",
        remedy="write numbers",
    ),
    OddBox.INVERTED: Sort(
        fate=Fate.STOPS,
        what="the box {found} is inverted: the measure ends with a ValueError",
        remedy="write x1, y1, x2, y2 with x1 < x2 and y1 < y2, not a width and a height",
    ),
    OddBox.EMPTY: Sort(
        fate=Fate.MISREADS,
        what="the box {found} has no area: the measure expects it, and nothing can find it",
        remedy="leave it out",
    ),
    OddBox.FAR: Sort(
        fate=Fate.MISREADS,
        what="the box {found} lies outside of the frame, as one in pixels does: no prediction in "
        "[0, 1] overlaps it, so it is never found",
        remedy="divide x by the frame's width and y by its height",
    ),
}
NOT_LISTED = Sort(
    fate=Fate.NOTES,
    what="the class {found} is not in the list of classes: the measure passes over the label",
    remedy="add the class to the list if it is to count",
)
REPEATED = Sort(
    fate=Fate.MISREADS,
    what="the box has this label a second time: the measure expects it to be found twice, and even "
    "perfect predictions lose",
    remedy="leave out the repetition",
)
BAD_EXCLUSION = Sort(
    fate=Fate.STOPS,
    what="found {found}; the reader takes two cells, a video and a whole second",
    remedy="leave out blank lines and other cells",
)
Key = tuple[str, int]
"""A video and a second."""


def read_exclusions(path: Path, part: str, file: str, findings: Findings) -> dict[Key, int]:
    """Return the excluded key frames, each with its line."""
    found: dict[Key, int] = {}
    for number, cells, fault in csv_lines(path):
        try:
            video_id, second = cells
            found[video_id, int(second)] = number
        except ValueError:
            told = fault or ",".join(cells) or "a blank line"
            findings.add(BAD_EXCLUSION, part, file, number, found=told)
    return found


class Measured:
    """What of a truth the measure counts."""

    def __init__(self, part: str, file: str, classes: set[int], findings: Findings) -> None:
        self.stated, self.used = Tally(), Tally()
        self._part, self._file = part, file
        self._classes, self._findings = classes, findings
        self._seen: set[int] = set()

    def rows(self, path: Path) -> Iterator[tuple[int, Key, Box, int]]:
        """Yield line, key frame, box and action of the rows that the measure reads and counts."""
        for number, cells, fault in csv_lines(path):
            tally_stated(self.stated, cells)
            try:
                found = _read(cells)
            except BadRow as bad:
                self._add(BAD_ROW[bad.bad], number, found=fault or bad.found)
                continue
            if self._classes and found[2] not in self._classes:
                self._add(NOT_LISTED, number, found=found[2])
                continue
            yield number, *found

    def count(self, line: int, key: Key, box: Box, action: int) -> None:
        """Count a row that is measured, and tell what is odd about it."""
        self.used.add(key, box, action)
        place = hash((key, box, action))
        if place in self._seen:
            self._add(REPEATED, line)
        self._seen.add(place)
        if (oddity := oddity_of(box)) in ODD_BOX:
            found = ", ".join(f"{corner:g}" for corner in box)
            self._add(ODD_BOX[oddity], line, found=found)

    def _add(self, sort: Sort, line: int, **values: object) -> None:
        self._findings.add(sort, self._part, self._file, line, **values)


def csv_lines(path: Path) -> Iterator[tuple[int, list[str], str]]:
    """Yield line and cells as Python's csv parts them, blank lines without cells.

    Where csv itself ends, as at a cell without an end, the last one has no cells and the reason.
    """
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as opened:
        reader = csv.reader(opened)
        try:
            for row in reader:
                yield reader.line_num, row, ""
        except csv.Error as error:
            yield reader.line_num + 1, [], str(error)


def _read(cells: list[str]) -> tuple[Key, Box, int]:
    if len(cells) not in (7, 8):
        raise BadRow(Bad.CELLS, counted(cells))
    need_cells(cells, 7)
    key = (cells[0], whole(cells[1], Bad.TIME))
    return key, box_of(cells), whole(cells[6], Bad.ACTION)
