"""AVA's CSV files as columns, for measures: millions of rows in seconds.

A file without anything odd goes through Arrow's parser, or through pandas', a chunk at a time.
Whatever they see otherwise than `read_boxes` does (or not at all) sends the whole file through
`read_boxes`, which names file, line and value. All ways give the same columns and tell of the same
oddities.

Shapes, as name suffixes: N boxes, M key frames listed without a box, 4 corners.
"""

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.ava import fast_columns
from kinetics_builder.formats.boxes.ava.csv_rows import (
    DETECTIONS,
    GROUND_TRUTH,
    Layout,
    microseconds_of,
    read_boxes,
)
from kinetics_builder.formats.problems import Problems

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxColumns:
    """The rows of a file in its order; places in `videos` count in order of appearance."""

    videos: list[str]
    video_N: Ints
    """A place in `videos`."""
    microseconds_N: Longs
    """The timestamp, rounded as the official evaluator does to tell key frames apart."""
    boxes_N4: Floats
    """x1, y1, x2, y2 as shares of the frame."""
    action_N: Ints
    value_N: Floats
    """Detections: the score, 1.0 where there is none. Ground truth: the person, or NaN."""
    line_N: Ints
    """Where the row stands, from 1."""
    empty_video_M: Ints
    empty_microseconds_M: Longs


def read_columns(
    path: Path, problems: Problems, *, has_scores: bool, encoding: str | None = None
) -> BoxColumns:
    """Return all rows of a ground truth (`ava`, `ava-kinetics`) or of detections.

    Raises:
        FormatError: An empty file.

    """
    layout = DETECTIONS if has_scores else GROUND_TRUTH
    try:
        return BoxColumns(**fast_columns.read_fast(path, problems, layout, encoding))
    except fast_columns.NotPlain:
        return _read_exactly(path, problems, layout, encoding)


class _Growing:
    """Columns that grow row by row, in as few bytes as the arrays they become."""

    def __init__(self) -> None:
        self.videos: dict[str, int] = {}
        self.columns: dict[str, array[Any]] = {
            name: array(code)
            for name, code in (
                ("video_N", "i"),
                ("microseconds_N", "q"),
                ("boxes_N4", "d"),
                ("action_N", "i"),
                ("value_N", "d"),
                ("line_N", "i"),
                ("empty_video_M", "i"),
                ("empty_microseconds_M", "q"),
            )
        }

    def arrays(self) -> dict[str, Any]:
        """Return numpy's view of the columns."""
        found: dict[str, Any] = {
            name: np.frombuffer(column, column.typecode)
            if column
            else np.array([], column.typecode)
            for name, column in self.columns.items()
        }
        return found | {"videos": list(self.videos), "boxes_N4": found["boxes_N4"].reshape(-1, 4)}


def _read_exactly(
    path: Path, problems: Problems, layout: Layout, encoding: str | None
) -> BoxColumns:
    growing = _Growing()
    videos, columns = growing.videos, growing.columns
    for box in read_boxes(path, problems, layout, encoding):
        video = videos.setdefault(box.video_id, len(videos))
        microseconds = microseconds_of(box.timestamp_seconds)
        if box.x1 is None or box.y1 is None or box.x2 is None or box.y2 is None:
            columns["empty_video_M"].append(video)
            columns["empty_microseconds_M"].append(microseconds)
            continue
        columns["video_N"].append(video)
        columns["microseconds_N"].append(microseconds)
        columns["boxes_N4"].extend((box.x1, box.y1, box.x2, box.y2))
        columns["action_N"].append(box.action_id or 0)
        value = (1.0 if box.score is None else box.score) if layout.has_scores else box.person_id
        columns["value_N"].append(float("nan") if value is None else value)
        columns["line_N"].append(problems.line or 0)
    return BoxColumns(**growing.arrays())
