"""A quick way through AVA's CSV files: plain files alone, by pandas' parser.

Shapes, as name suffixes: R rows of the file or of a chunk of it, N of them with a box, M key
frames listed without one, 4 corners.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.ava.csv_rows import (
    FIRST_ACTION,
    Layout,
    action_of,
    number_of,
)
from kinetics_builder.formats.boxes.ava.meanings import Meanings
from kinetics_builder.formats.boxes.ava.odd_rows import Columns
from kinetics_builder.formats.text import open_text

CHUNK = 1 << 18
"""Rows parsed at a time."""
CORNERS = ["x1", "y1", "x2", "y2"]
NAMES = ["video", "timestamp", *CORNERS, "action", "value"]


class _Strange(ValueError):
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
        """Return the next characters; ValueError if there is one of those among them."""
        text = self._file.read(size)
        self.num_commas += text.count(",")
        if any(found in text for found in ('"', "\0", ",T", ",t", ",F", ",f")):
            raise _Strange
        return text

    def __iter__(self) -> Iterator[str]:
        return iter(self._file)


def read_chunks(
    path: Path,
    layout: Layout,
    encoding: str | None,
    videos: Meanings[float],
    timestamps: Meanings[int],
) -> Iterator[Columns]:
    """Yield the columns of a chunk of rows after the other.

    Raises:
        ValueError: There is something that pandas' parser sees otherwise than `read_boxes` does.

    """
    for chunk in _chunks(path, layout, encoding):
        yield _part(chunk, videos, timestamps, layout)


def _places(meanings: Meanings[Any], chunk: "pd.Series[Any]") -> NDArray[np.int32]:
    """Return the places of a chunk's texts; ValueError for one without a meaning."""
    codes_N, texts = pd.factorize(chunk)
    places = np.array([meanings.place(text) for text in texts], np.int32)
    return places[codes_N]


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
            raise _Strange


def _width(path: Path, encoding: str | None) -> int:
    """Return the number of cells of the first row with a box; ValueError if there is none."""
    with open_text(path, encoding) as file:
        width = next((found for line in file if (found := line.count(",") + 1) != 2), 0)
    if width not in (7, 8):
        raise _Strange
    return width


def _part(
    chunk: pd.DataFrame, videos: Meanings[float], timestamps: Meanings[int], layout: Layout
) -> Columns:
    has_box_R = (chunk["action"] != "").to_numpy(bool)
    if not chunk.loc[~has_box_R, CORNERS].isna().all(axis=None):
        raise _Strange
    boxes = chunk if has_box_R.all() else chunk[has_box_R]
    actions = Meanings(action_of)
    action_N = _places(actions, boxes["action"])
    if not layout.has_scores and min(actions.meanings, default=FIRST_ACTION) < FIRST_ACTION:
        raise _Strange
    boxes_N4 = boxes[CORNERS].to_numpy()
    if not np.isfinite(boxes_N4).all():
        raise _Strange
    if not layout.has_scores and (boxes_N4[:, :2] > boxes_N4[:, 2:]).any():
        raise _Strange
    return {
        "video_R": _places(videos, chunk["video"]),
        "timestamp_R": _places(timestamps, chunk["timestamp"]),
        "has_box_R": has_box_R,
        "boxes_N4": boxes_N4,
        "action_N": np.array(actions.meanings, np.int32)[action_N],
        "value_N": _values(boxes, layout),
    }


def _values(chunk: pd.DataFrame, layout: Layout) -> NDArray[np.float64]:
    if "value" not in chunk:
        return np.full(len(chunk), np.nan)
    if not layout.has_scores:
        persons = Meanings(lambda text: float(number_of(text, "person_id")))
        places_N = _places(persons, chunk["value"])
        return np.array(persons.meanings, float)[places_N]
    scores_N: NDArray[np.float64] = chunk["value"].to_numpy()
    if not np.isfinite(scores_N).all():
        raise _Strange
    return scores_N
