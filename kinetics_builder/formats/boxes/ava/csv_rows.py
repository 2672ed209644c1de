"""The rows of AVA's CSV files: ground truth, detections and key frames without a box.

`video_id,timestamp,x1,y1,x2,y2,action_id` and then a person's number (ground truth), a score
(detections) or nothing; `video_id,timestamp` alone lists a key frame without a box.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kinetics_builder.formats.cells import cells, counted
from kinetics_builder.formats.checks import LONGEST_SECONDS, inside_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box

Values = tuple[float, float, float, float, int, int | float | None]
"""x1, y1, x2, y2, action_id, and what stands in the eighth column."""

FIRST_ACTION = 1
NO_ACTION = "AVA's classes count from 1, and its evaluators refuse others"

MOST = 2**31
"""Numbers of classes and persons are below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What the eighth column is, and what follows from it."""

    has_scores: bool
    """Detections: a score. Otherwise ground truth: a person's number."""
    has_last: bool = True
    """Whether there may be an eighth column at all."""

    @property
    def widths(self) -> str:
        """How many cells a row may have, in words."""
        return "2, 7 or 8" if self.has_last else "2 or 7"


GROUND_TRUTH = Layout(has_scores=False)
DETECTIONS = Layout(has_scores=True)
WITHOUT_PERSONS = Layout(has_scores=False, has_last=False)


def seconds_of(video_id: str, timestamp: str) -> float:
    """Return the timestamp of a key frame; ValueError unless it names a video and a moment."""
    if not video_id:
        raise ValueError("expected a video id, found an empty cell")
    try:
        seconds = float(timestamp)
    except ValueError as error:
        is_header = timestamp.strip().isidentifier()
        hint = f"found {timestamp!r}; AVA's files have no header"
        raise ValueError(f"expected a number of seconds, {hint}" if is_header else error) from None
    if not 0 <= seconds <= LONGEST_SECONDS:
        most = f"to {LONGEST_SECONDS:,}" if seconds > 0 else "or more"
        raise ValueError(f"expected a timestamp of 0 {most} seconds, found {timestamp}")
    inside_folder(video_id, "video id")
    return seconds


def microseconds_of(seconds: float) -> int:
    """Return a timestamp as the official evaluator tells key frames apart: to six decimals.

    Source: ActivityNet `get_ava_performance.py`, `make_image_key` ("%s,%.6f").

    >>> microseconds_of(902.0000005), microseconds_of(902.0000015)
    (902000001, 902000002)
    """
    return int(f"{seconds:.6f}".replace(".", ""))


@lru_cache(maxsize=4096)
def number_of(text: str, what: str) -> int:
    """Return a whole number; ValueError unless it is one, and fits 32 bits."""
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"expected a whole number as {what}, found {text!r}") from None
    if not -MOST <= number < MOST:
        raise ValueError(f"expected a {what} of 32 bits, found {number}")
    return number


def person_of(text: str) -> int:
    """Return the number of a person; ValueError unless it is a whole number of 32 bits."""
    try:
        return number_of(text, "person_id")
    except ValueError as error:
        is_share = text.strip().replace(".", "", 1).isdigit()
        hint = "; where a score stands last, the rows are detections" if is_share else ""
        raise ValueError(f"{error}{hint}") from None


@lru_cache(maxsize=4096)
def action_of(text: str) -> int:
    """Return the number of an action; ValueError unless it is a whole number from 0 on."""
    number = number_of(text, "action_id")
    if number < 0:
        raise ValueError(f"expected an action_id of 0 or more, found {number}")
    return number


def values_of(row: list[str], layout: Layout) -> Values:
    """Return what stands behind the key frame, as numbers.

    Raises:
        ValueError: A wrong number of cells, no number, NaN or an infinity, or a box of the
            ground truth that is inverted (the official evaluator stops there).

    """
    last: int | float | None = None
    if len(row) == 8 and layout.has_last:
        last = float(row[7]) if layout.has_scores else person_of(row[7])
    elif len(row) != 7:
        raise ValueError(f"expected {layout.widths} cells, found {counted(row)}")
    x1, y1, x2, y2 = float(row[2]), float(row[3]), float(row[4]), float(row[5])
    values = (x1, y1, x2, y2, action_of(row[6]), last)
    if values[4] < FIRST_ACTION and not layout.has_scores:
        raise ValueError(f"expected an action_id of 1 or more, found {values[4]}: {NO_ACTION}")
    if layout.has_scores or not is_inside(values):
        _refuse(values, layout)
    return values


def is_inside(values: Values) -> bool:
    """Return whether a box has an area and lies inside the frame."""
    x1, y1, x2, y2, _, _ = values
    return 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1


def _refuse(values: Values, layout: Layout) -> None:
    x1, y1, x2, y2, _, last = values
    if not math.isfinite(x1 + y1 + x2 + y2):
        raise ValueError(f"expected numbers as a box, found {x1:g}, {y1:g}, {x2:g}, {y2:g}")
    if last is not None and not math.isfinite(last):
        raise ValueError(f"expected a number as score, found {last}")
    if not layout.has_scores and (x1 > x2 or y1 > y2):
        raise ValueError("expected x1 <= x2 and y1 <= y2, found an inverted box")


def oddities(values: Values, layout: Layout) -> Iterator[str]:
    """Yield what is odd about a row that the official evaluator takes."""
    x1, y1, x2, y2, action, last = values
    if layout.has_scores and last is None:
        yield "found no score; the official evaluator takes it as 1.0"
    if layout.has_scores and action == 0:
        yield f"found the action_id 0, which counts nowhere: {NO_ACTION}"
    if min(x1, y1, x2, y2) < 0 or max(x1, y1, x2, y2) > 1:
        yield (
            f"expected a box inside [0, 1], found {x1:g}, {y1:g}, {x2:g}, {y2:g}; "
            "the official evaluator takes it as it stands"
        )
    if x1 >= x2 or y1 >= y2:
        fate = "leaves the detection out" if layout.has_scores else "takes it as one never found"
        yield f"found a box without an area; the official evaluator {fate}"


TWICE = "the same row stands here twice; the official evaluator counts both"


def read_boxes(
    path: Path, problems: Problems, layout: Layout, encoding: str | None = None
) -> Iterator[Box]:
    """Yield the boxes of a file, and the key frames it lists without one.

    A row is told of as a repetition where it stands again among rows of its key frame that
    follow one another.
    """
    key: list[str] = []
    seconds = 0.0
    seen: set[Values] = set()
    for row in cells(path, problems, encoding=encoding):
        try:
            if row[:2] != key:
                if len(row) == 1:
                    raise ValueError(f"expected {layout.widths} cells, found {counted(row)}")
                seconds = seconds_of(row[0], row[1])
                key, seen = row[:2], set()
            if len(row) == 2:
                yield Box(row[0], seconds)
                continue
            values = values_of(row, layout)
        except ValueError as error:
            problems.error(f"{error}, in {row}")
            continue
        is_odd = layout.has_scores and (len(row) == 7 or values[4] < FIRST_ACTION)
        if is_odd or values in seen or not is_inside(values):
            tell(values, layout, problems, is_twice=values in seen)
        seen.add(values)
        yield _box(row[0], seconds, values, layout)


def tell(values: Values, layout: Layout, problems: Problems, *, is_twice: bool) -> None:
    """Warn of all that is odd about a row."""
    for oddity in oddities(values, layout):
        problems.warning(oddity)
    if is_twice:
        problems.warning(TWICE)


def _box(video_id: str, seconds: float, values: Values, layout: Layout) -> Box:
    x1, y1, x2, y2, action, last = values
    if layout.has_scores:
        return Box(video_id, seconds, x1, y1, x2, y2, action, None, last)
    return Box(video_id, seconds, x1, y1, x2, y2, action, last)  # type: ignore[arg-type]  # a person's number is whole
