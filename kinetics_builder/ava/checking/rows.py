"""Rows as the readers see them: parted at each comma, blank lines and all, numbers by Python."""

import math
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from kinetics_builder.ava.checking.report import Tally

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 as shares of the frame."""

_FAR = 0.5
"""A corner so much outside of the frame is not a detector's: the box is in pixels."""


class Line(NamedTuple):
    """A line of a file, from 1, and its cells."""

    number: int
    cells: list[str]


def raw_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, from 1; bytes that are not UTF-8 as half characters."""
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        yield from enumerate(file, 1)


def lines_of(path: Path) -> Iterator[Line]:
    """Yield the lines parted at commas, as `line.strip().split(",")` does."""
    for number, text in raw_lines(path):
        yield Line(number, text.strip().split(","))


class Bad(StrEnum):
    """What keeps a row from being read."""

    CELLS = "cells"
    TIME = "time"
    BOX = "box"
    ACTION = "action"
    PERSON = "person"
    SCORE = "score"
    BYTES = "bytes"


class BadRow(Exception):
    """A row at which a reader stops."""

    def __init__(self, bad: Bad, found: str) -> None:
        super().__init__(found)
        self.bad = bad
        self.found = found


def whole(text: str, bad: Bad) -> int:
    """Return a whole number as Python reads it; BadRow for any other text."""
    try:
        return int(text)
    except ValueError:
        raise BadRow(bad, repr(text)) from None


def box_of(cells: list[str]) -> Box:
    """Return the corners in the third to sixth cell; BadRow unless they are numbers."""
    try:
        x1, y1, x2, y2 = map(float, cells[2:6])
    except ValueError:
        raise BadRow(Bad.BOX, repr(",".join(cells[2:6]))) from None
    return x1, y1, x2, y2


def counted(cells: list[str]) -> str:
    """Return how many cells a row has, in words."""
    if cells in ([], [""]):
        return "a blank line"
    return "1 cell" if len(cells) == 1 else f"{len(cells)} cells"


def need_cells(cells: list[str], number: int) -> None:
    """Raise BadRow for a row of fewer cells, or of bytes that are no text."""
    if len(cells) < number:
        raise BadRow(Bad.CELLS, counted(cells))
    if not cells[0].isascii() and any("\udc80" <= letter <= "\udcff" for letter in cells[0]):
        raise BadRow(Bad.BYTES, ascii(cells[0]))


class OddBox(StrEnum):
    """What is wrong with a box that a reader takes."""

    NAN = "nan"
    INVERTED = "inverted"
    EMPTY = "empty"
    FAR = "far"
    OUTSIDE = "outside"


def oddity_of(box: Box) -> OddBox | None:
    """Return what is odd about a box; None for one with an area inside the frame.

    >>> oddity_of((0.1, 0.1, 0.5, 0.9)), oddity_of((12.0, 8.0, 60.0, 90.0))
    (None, <OddBox.FAR: 'far'>)
    """
    x1, y1, x2, y2 = box
    if not all(map(math.isfinite, box)):
        return OddBox.NAN
    if x1 > x2 or y1 > y2:
        return OddBox.INVERTED
    if x1 == x2 or y1 == y2:
        return OddBox.EMPTY
    if min(box) < -_FAR or max(box) > 1 + _FAR:
        return OddBox.FAR
    if min(box) < 0 or max(box) > 1:
        return OddBox.OUTSIDE
    return None


def tally_stated(tally: Tally, cells: list[str]) -> None:
    """Count what a row states, whichever reader takes it: rows of 2 cells are key frames too."""
    try:
        key = (cells[0], float(cells[1]))
        if len(cells) == 2:
            tally.add(key)
        elif len(cells) > 6:
            tally.add(key, box_of(cells), cells[6].strip() or None)
    except (BadRow, IndexError, ValueError):
        return
