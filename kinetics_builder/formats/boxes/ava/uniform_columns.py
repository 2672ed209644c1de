"""The quickest way through AVA's CSV files: rows of one width alone, by Arrow's parser.

Shapes, as name suffixes: R rows of the file, 4 corners.
"""

import codecs
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION, Layout, action_of, number_of
from kinetics_builder.formats.boxes.ava.meanings import Meanings
from kinetics_builder.formats.boxes.ava.odd_rows import Columns
from kinetics_builder.formats.text import open_bytes

if TYPE_CHECKING:
    import pyarrow

CORNERS = ("x1", "y1", "x2", "y2")
TEXTS = ("video", "timestamp", "action")
NAMES = ("video", "timestamp", *CORNERS, "action", "value")
_BLOCK = 1 << 24
"""Bytes that one thread parses at a time."""
_STRANGE = (b'"', b"\0", b"\r")
"""What may join lines, or end a cell or a line, in other readers' eyes."""


class NotUniform(Exception):
    """The file holds something that this way does not see as the others do."""


def read_uniform(
    path: Path, layout: Layout, videos: Meanings[float], timestamps: Meanings[int]
) -> Columns:
    """Return the columns of a file in UTF-8 whose rows all have a box, and as many cells.

    Raises:
        NotUniform: Read it in another way; nothing was learnt of videos and timestamps.
        ValueError: A text without a meaning, or a box that the ground truth may not have.

    """
    table = _table(path, layout)
    actions = Meanings(action_of)
    places_R = _places(table["action"], actions)
    if not layout.has_scores and min(actions.meanings, default=FIRST_ACTION) < FIRST_ACTION:
        raise ValueError("the ground truth has no such class")
    boxes_R4 = np.empty((len(table), len(CORNERS)))
    for place, name in enumerate(CORNERS):
        _put(table[name], boxes_R4[:, place])
    if not np.isfinite(boxes_R4).all():
        raise ValueError("a corner is no number")
    if not layout.has_scores and (boxes_R4[:, :2] > boxes_R4[:, 2:]).any():
        raise ValueError("a box of the ground truth is inverted")
    value_R = _values(table, layout)
    return {
        "video_R": _places(table["video"], videos),
        "timestamp_R": _places(table["timestamp"], timestamps),
        "has_box_R": np.ones(len(table), np.bool_),
        "boxes_N4": boxes_R4,
        "action_N": np.array(actions.meanings, np.int32)[places_R],
        "value_N": value_R,
    }


def _table(path: Path, layout: Layout) -> "pyarrow.Table":
    import pyarrow
    from pyarrow import csv

    with open_bytes(path) as file:
        data = file.read()
    if data.startswith(codecs.BOM_UTF8) or any(found in data for found in _STRANGE):
        raise NotUniform
    width = data[: data.find(b"\n")].count(b",") + 1
    if width not in (7, 8):
        raise NotUniform
    text = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    types: dict[str, Any] = dict.fromkeys(CORNERS, pyarrow.float64()) | dict.fromkeys(TEXTS, text)
    types["value"] = pyarrow.float64() if layout.has_scores else text
    try:
        return csv.read_csv(
            pyarrow.BufferReader(data),
            read_options=csv.ReadOptions(column_names=NAMES[:width], block_size=_BLOCK),
            parse_options=csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=types, null_values=[], true_values=[], false_values=[]
            ),
        )
    except pyarrow.ArrowInvalid as error:
        raise NotUniform from error


def _numbers(column: "pyarrow.ChunkedArray") -> NDArray[np.float64]:
    """Return a column of its own."""
    numbers_R = np.empty(len(column))
    _put(column, numbers_R)
    return numbers_R


def _put(column: "pyarrow.ChunkedArray", numbers_R: NDArray[np.float64]) -> None:
    """Write a column there; `to_numpy` would load pandas for it."""
    start = 0
    for chunk in column.chunks:
        numbers_R[start : start + len(chunk)] = np.from_dlpack(chunk)
        start += len(chunk)


def _places(column: "pyarrow.ChunkedArray", meanings: Meanings[Any]) -> NDArray[np.int32]:
    """Return the place of each text, numbered as they come; ValueError for one without meaning."""
    parts = [np.array([], np.int32)]
    for chunk in column.chunks:
        places = np.array([meanings.place(text) for text in chunk.dictionary.to_pylist()], np.int32)
        parts.append(places[np.from_dlpack(chunk.indices)])
    return np.concatenate(parts)


def _values(table: "pyarrow.Table", layout: Layout) -> NDArray[np.float64]:
    if "value" not in table.column_names:
        return np.full(len(table), np.nan)
    if layout.has_scores:
        scores_R = _numbers(table["value"])
        if not np.isfinite(scores_R).all():
            raise ValueError("a score is no number")
        return scores_R
    persons = Meanings(lambda text: float(number_of(text, "person_id")))
    places_R = _places(table["value"], persons)
    return np.array(persons.meanings, float)[places_R]
