"""The quick way through AVA's CSV files: plain files alone, by pandas' parser.

Shapes, as name suffixes: R rows of the file or of a chunk of it, N of them with a box, M key
frames listed without one, 4 corners.
"""

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.ava.csv_rows import (
    FIRST_ACTION,
    Layout,
    action_of,
    microseconds_of,
    number_of,
    seconds_of,
)
from kinetics_builder.formats.boxes.ava.odd_rows import Columns, tell_of_odd_rows
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import open_text

CHUNK = 1 << 18
"""Rows parsed at a time."""
CORNERS = ["x1", "y1", "x2", "y2"]
NAMES = ["video", "timestamp", *CORNERS, "action", "value"]
TextT = TypeVar("TextT")


class NotPlain(Exception):
    """The file holds something that has to be read row by row."""


class _Plain:
    """A text file that ends where pandas' parser would see what is not there.

    Quotes join lines to it, a NUL ends a cell, and words like True can be numbers. (What could
    not be decoded it refuses by itself.)
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self.num_commas = 0
        """Of all that was read: the parser itself sees a missing cell and an empty one alike."""

    def read(self, size: int = -1) -> str:
        """Return the next characters; NotPlain if there is one of those among them."""
        text = self._file.read(size)
        self.num_commas += text.count(",")
        if any(found in text for found in ('"', "\0", ",T", ",t", ",F", ",f")):
            raise NotPlain
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._file)


class _Texts(Generic[TextT]):
    """The different texts of a column and what each means, in order of appearance."""

    def __init__(self, parse: Callable[[str], TextT]) -> None:
        self._parse = parse
        self.places: dict[str, int] = {}
        self.meanings: list[TextT] = []

    def of(self, chunk: "pd.Series[Any]") -> NDArray[np.int32]:
        """Return the places of a chunk's texts; ValueError for one without a meaning."""
        codes_N, texts = pd.factorize(chunk)
        places = np.array([self._place(text) for text in texts], np.int32)
        return places[codes_N]

    def _place(self, text: str) -> int:
        if text not in self.places:
            self.meanings.append(self._parse(text))
            self.places[text] = len(self.places)
        return self.places[text]


def read_fast(
    path: Path, problems: Problems, layout: Layout, encoding: str | None = None
) -> dict[str, Any]:
    """Return the columns of a plain file by the names `BoxColumns` gives them.

    Warns of odd rows like `read_boxes`.

    Raises:
        NotPlain: Read the file row by row; nothing has been told of yet.

    """
    videos = _Texts(lambda text: seconds_of(text, "0"))
    timestamps = _Texts(lambda text: microseconds_of(seconds_of("any", text)))
    try:
        parts = [
            _part(chunk, videos, timestamps, layout) for chunk in _chunks(path, layout, encoding)
        ]
    except (ValueError, OSError, EOFError, zlib.error) as error:  # pandas' are ValueErrors
        raise NotPlain from error
    columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in [*parts[0]]}
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


def _runs(video_R: NDArray[np.int32], timestamp_R: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return for each row which it is of the runs of rows of one key frame."""
    is_new_R = np.ones(len(video_R), bool)
    is_new_R[1:] = (video_R[1:] != video_R[:-1]) | (timestamp_R[1:] != timestamp_R[:-1])
    run_R: NDArray[np.int64] = np.cumsum(is_new_R)
    return run_R


def _chunks(path: Path, layout: Layout, encoding: str | None) -> Iterator[pd.DataFrame]:
    width = _width(path, encoding)
    types = dict.fromkeys(NAMES, "object") | dict.fromkeys(CORNERS, "float64")
    if layout.has_scores:
        types["value"] = "float64"
    num_cells = 0
    with open_text(path, encoding) as file:
        plain = _Plain(file)
        # Short rows end in cells that are NaN or empty; long ones are an error.
        for chunk in pd.read_csv(
            cast("TextIO", plain),
            header=None,
            names=NAMES[:width],
            dtype={name: types[name] for name in NAMES[:width]},
            keep_default_na=False,
            na_values={name: [""] for name in NAMES[:width] if types[name] == "float64"},
            skip_blank_lines=False,
            chunksize=CHUNK,
        ):
            has_box_R = chunk["action"] != ""
            num_cells += int(has_box_R.sum()) * (width - 2) + 2 * len(chunk)
            num_rows = chunk.index[-1] + 1
            yield chunk
        if plain.num_commas != num_cells - num_rows:
            raise NotPlain


def _width(path: Path, encoding: str | None) -> int:
    """Return the number of cells of the first row with a box; NotPlain if there is none."""
    with open_text(path, encoding) as file:
        width = next((found for line in file if (found := line.count(",") + 1) != 2), 0)
    if width not in (7, 8):
        raise NotPlain
    return width


def _part(
    chunk: pd.DataFrame, videos: _Texts[float], timestamps: _Texts[int], layout: Layout
) -> Columns:
    has_box_R = (chunk["action"] != "").to_numpy(bool)
    if not chunk.loc[~has_box_R, CORNERS].isna().all(axis=None):
        raise NotPlain
    boxes = chunk if has_box_R.all() else chunk[has_box_R]
    actions = _Texts(action_of)
    action_N = actions.of(boxes["action"])
    if not layout.has_scores and min(actions.meanings, default=FIRST_ACTION) < FIRST_ACTION:
        raise NotPlain
    boxes_N4 = boxes[CORNERS].to_numpy()
    if not np.isfinite(boxes_N4).all():
        raise NotPlain
    if not layout.has_scores and (boxes_N4[:, :2] > boxes_N4[:, 2:]).any():
        raise NotPlain
    return {
        "video_R": videos.of(chunk["video"]),
        "timestamp_R": timestamps.of(chunk["timestamp"]),
        "has_box_R": has_box_R,
        "boxes_N4": boxes_N4,
        "action_N": np.array(actions.meanings, np.int32)[action_N],
        "value_N": _values(boxes, layout),
    }


def _values(chunk: pd.DataFrame, layout: Layout) -> NDArray[np.float64]:
    if "value" not in chunk:
        return np.full(len(chunk), np.nan)
    if not layout.has_scores:
        persons = _Texts(lambda text: float(number_of(text, "person_id")))
        places_N = persons.of(chunk["value"])
        return np.array(persons.meanings, float)[places_N]
    scores_N: NDArray[np.float64] = chunk["value"].to_numpy()
    if not np.isfinite(scores_N).all():
        raise NotPlain
    return scores_N
