"""Rows of Kinetics' CSV and entries of its JSON, made of columns: for releases of many clips."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from json.encoder import encode_basestring
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.checks import LONGEST_SECONDS, trimmed
from kinetics_builder.formats.column_lines import (
    Texts,
    as_lines,
    as_texts,
    csv_texts,
    data_of,
    joined,
)
from kinetics_builder.formats.output import csv_line, writing_bytes

if TYPE_CHECKING:
    import pyarrow

COLUMNS = ("label", "youtube_id", "time_start", "time_end", "split")
"""Of the CSV; the times are whole seconds."""
_TO_ESCAPE = re.compile(rb'["\\\x00-\x1f]')
"""What stands otherwise in a text of JSON."""

Add = Callable[["pyarrow.RecordBatch"], None]
"""Takes some clips."""


@contextmanager
def writing_kinetics(path: Path) -> Iterator[Add]:
    """Give what adds clips to a CSV, which is there when the block ends well."""
    with writing_bytes(path) as file:
        file.write(csv_line(COLUMNS).encode())

        def add(clips: "pyarrow.RecordBatch") -> None:
            file.write(as_lines(kinetics_texts(clips)))

        yield add


@contextmanager
def writing_json(path: Path) -> Iterator[Add]:
    """Give what adds clips to a JSON file, which is there when the block ends well.

    Of several clips of one video the first is kept.
    """
    there: set[str] = set()
    with writing_bytes(path) as file:
        file.write(b"{")

        def add(clips: "pyarrow.RecordBatch") -> None:
            is_first = not there
            data = data_of(joined([",\n", kinetics_entries(_new_ones(clips, there))]))
            file.write(data[1:] if is_first else data)

        yield add
        file.write(b"\n}\n")


def _new_ones(clips: "pyarrow.RecordBatch", there: set[str]) -> "pyarrow.RecordBatch":
    """Return the first clip of each video that was not there; it is from now on."""
    import pyarrow

    are_new = []
    for video in clips["youtube_id"].to_pylist():
        are_new.append(video not in there)
        there.add(video)
    return clips.filter(pyarrow.array(are_new, pyarrow.bool_()))


def kinetics_texts(clips: "pyarrow.RecordBatch") -> Texts:
    """Return the line of each clip as `write_kinetics` writes it, without a line end.

    Raises:
        FormatError: A row that readers would not take.

    """
    _check(clips)
    return csv_texts([clips[name] for name in COLUMNS])


def kinetics_entries(clips: "pyarrow.RecordBatch") -> Texts:
    """Return the entry of each clip as `write_json` writes it, without a comma and a line end.

    `clips` has the column `url` beside those of `COLUMNS`, which are as `kinetics_texts` takes
    them.
    """
    from pyarrow import compute

    label, video, start, end, split = (clips[name] for name in COLUMNS)
    parts = [
        *(_quoted(video), ': {"annotations": {"label": ', _quoted(label), ', "segment": ['),
        *(as_texts(start), ".0, ", as_texts(end), '.0]}, "duration": '),
        *(as_texts(compute.subtract(end, start)), '.0, "subset": "', split),
        *('", "url": ', _quoted(clips["url"]), "}"),
    ]
    return joined(parts)


def _quoted(texts: Texts) -> Texts:
    """Return texts as JSON has them."""
    import pyarrow

    if _TO_ESCAPE.search(data_of(texts)) is None:
        return joined(['"', texts, '"'])
    return pyarrow.array(map(encode_basestring, texts.to_pylist()), pyarrow.string())


def _check(clips: "pyarrow.RecordBatch") -> None:
    """Raise a FormatError for the first row that readers would not take."""
    from pyarrow import compute

    try:
        for label in sorted(clips["label"].unique().to_pylist()):
            trimmed(label, "label")
        for video in clips["youtube_id"].to_pylist():
            if not video or video.strip() is not video:  # the same where there is no space
                trimmed(video, "youtube_id")
    except ValueError as error:
        raise FormatError(f"a clip cannot be released: {error}.") from error
    start, end = clips["time_start"], clips["time_end"]
    sound = compute.and_(compute.less_equal(0, start), compute.less(start, end))
    sound = compute.and_(sound, compute.less_equal(end, LONGEST_SECONDS))
    if (row := compute.index(sound, False).as_py()) >= 0:
        raise FormatError(
            f"a clip of {clips['youtube_id'][row]} cannot be released: expected 0 <= start < "
            f"end in seconds, found {start[row]} and {end[row]}."
        )
