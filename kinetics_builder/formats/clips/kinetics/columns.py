"""Rows of Kinetics' CSV and entries of its JSON, made of columns: for releases of many clips."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from json.encoder import encode_basestring
from operator import lt
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.checks import LONGEST_SECONDS, trimmed
from kinetics_builder.formats.output import csv_line, csv_rows, write_lines, writing_text

COLUMNS = ("label", "youtube_id", "time_start", "time_end", "split")
"""Of the CSV; the times are whole seconds."""
Columns = Mapping[str, Sequence[Any]]


@contextmanager
def writing_kinetics(path: Path) -> Iterator[Callable[[Columns], None]]:
    """Give what adds clips to a CSV, which is there when the block ends well."""
    with writing_text(path) as file:
        file.write(csv_line(COLUMNS))

        def add(clips: Columns) -> None:
            write_lines(file, kinetics_rows(clips))

        yield add


@contextmanager
def writing_json(path: Path) -> Iterator[Callable[[Columns], None]]:
    """Give what adds clips to a JSON file, which is there when the block ends well.

    Of several clips of one video the first is kept.
    """
    there: set[str] = set()
    with writing_text(path) as file:
        file.write("{")

        def add(clips: Columns) -> None:
            comma, new = "," if there else "", []
            for video, entry in zip(clips["youtube_id"], kinetics_entries(clips), strict=True):
                if video not in there:
                    there.add(video)
                    new.append(entry)
            if new:
                file.write(f"{comma}\n{_PARTED.join(new)}")

        yield add
        file.write("\n}\n")


_PARTED = ",\n"


def kinetics_rows(clips: Columns) -> list[str]:
    """Return the line of each clip as `write_kinetics` writes it, without a line end.

    Raises:
        FormatError: A row that readers would not take.

    """
    _check(clips)
    return csv_rows([clips[name] for name in COLUMNS])


def kinetics_entries(clips: Columns) -> list[str]:
    """Return the entry of each clip as `write_json` writes it, without a comma and a line end.

    `clips` has the column `url` beside those of `COLUMNS`, which are as `kinetics_rows` takes them.
    """
    labels = {label: encode_basestring(label) for label in set(clips["label"])}
    cells = zip(*(clips[name] for name in (*COLUMNS, "url")), strict=True)
    return [
        f'{encode_basestring(video)}: {{"annotations": {{"label": {labels[label]}, '
        f'"segment": [{start}.0, {end}.0]}}, "duration": {end - start}.0, '
        f'"subset": "{split}", "url": {encode_basestring(url)}}}'
        for label, video, start, end, split, url in cells
    ]


def _check(clips: Columns) -> None:
    """Raise a FormatError for the first row that readers would not take."""
    try:
        for label in sorted(set(clips["label"])):
            trimmed(label, "label")
        for video in clips["youtube_id"]:
            if not video or video.strip() is not video:  # the same where there is no space
                trimmed(video, "youtube_id")
    except ValueError as error:
        raise FormatError(f"a clip cannot be released: {error}.") from error
    starts, ends = clips["time_start"], clips["time_end"]
    if all(map(lt, starts, ends)) and min(starts) >= 0 and max(ends) <= LONGEST_SECONDS:
        return
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if not 0 <= start < end <= LONGEST_SECONDS:
            raise FormatError(
                f"a clip of {clips['youtube_id'][row]} cannot be released: expected 0 <= start < "
                f"end in seconds, found {start} and {end}."
            )
