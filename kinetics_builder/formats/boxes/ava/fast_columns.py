"""The quick ways through AVA's CSV files: by Arrow's parser, or by pandas'.

The latter takes a second to import, and knows key frames without a box.

Shapes, as name suffixes: R rows of the file, N of them with a box, M key frames listed without
one, 4 corners.
"""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.ava.csv_rows import Layout, microseconds_of, seconds_of
from kinetics_builder.formats.boxes.ava.meanings import Meanings
from kinetics_builder.formats.boxes.ava.odd_rows import Columns, tell_of_odd_rows
from kinetics_builder.formats.boxes.ava.uniform_columns import NotUniform, read_uniform
from kinetics_builder.formats.problems import Problems


class NotPlain(Exception):
    """The file holds something that has to be read row by row."""


def read_fast(
    path: Path, problems: Problems, layout: Layout, encoding: str | None = None
) -> dict[str, Any]:
    """Return the columns of a plain file by the names `BoxColumns` gives them.

    Warns of odd rows like `read_boxes`.

    Raises:
        NotPlain: Read the file row by row; nothing has been told of yet.

    """
    videos = Meanings(lambda text: seconds_of(text, "0"))
    timestamps = Meanings(lambda text: microseconds_of(seconds_of("any", text)))
    try:
        columns = _columns(path, layout, encoding, videos, timestamps)
    except (ValueError, OSError, EOFError, zlib.error) as error:  # the parsers' are ValueErrors
        raise NotPlain from error
    has_box_R = columns.pop("has_box_R")
    video_R, timestamp_R = columns.pop("video_R"), columns.pop("timestamp_R")
    run_R = _runs(video_R, timestamp_R)
    microseconds_R = np.array(timestamps.meanings, np.int64)[timestamp_R]
    columns["video_N"], columns["microseconds_N"] = video_R[has_box_R], microseconds_R[has_box_R]
    columns["line_N"] = np.flatnonzero(has_box_R).astype(np.int32) + np.int32(1)
    tell_of_odd_rows(columns, run_R[has_box_R], layout, problems)
    return columns | {
        "empty_video_M": video_R[~has_box_R],
        "empty_microseconds_M": microseconds_R[~has_box_R],
        "videos": list(videos.places),
    }


def _columns(
    path: Path,
    layout: Layout,
    encoding: str | None,
    videos: Meanings[float],
    timestamps: Meanings[int],
) -> Columns:
    if encoding is None:
        try:
            return read_uniform(path, layout, videos, timestamps)
        except NotUniform:
            pass
    # Here alone: pandas takes a second to import.
    from kinetics_builder.formats.boxes.ava.chunked_columns import read_chunks

    parts = list(read_chunks(path, layout, encoding, videos, timestamps))
    return {name: np.concatenate([part.pop(name) for part in parts]) for name in [*parts[0]]}


def _runs(video_R: NDArray[np.int32], timestamp_R: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return for each row which it is of the runs of rows of one key frame."""
    is_new_R = np.ones(len(video_R), bool)
    is_new_R[1:] = (video_R[1:] != video_R[:-1]) | (timestamp_R[1:] != timestamp_R[:-1])
    run_R: NDArray[np.int64] = np.cumsum(is_new_R)
    return run_R
