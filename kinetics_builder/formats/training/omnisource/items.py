"""`items.csv`: one line for each picture, clip, or stretch of a whole video.

kind,file,label,start_seconds,end_seconds,source,score,licence
images,pictures/search/waving/4f2a.jpg,waving,,,https://i.org/4f2a,0.97,by
videos,media/dQw4w9WgXcQ.mp4,waving,10,20,https://a.org/dQw4w9WgXcQ,0.81,
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.checks import inside_folder, not_empty, seconds
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems

ITEMS = "items.csv"
KINDS = ("images", "clips", "videos")


@dataclass(frozen=True, slots=True)
class WebRow:
    """An item, or a stretch of one, and what is done there."""

    kind: str
    """`images`, `clips` or `videos`; only these last name a stretch."""
    file: str
    """Path relative to the folder of the media."""
    label: str
    start_seconds: float | None
    end_seconds: float | None
    """In the file's time, half-open; None for all of it."""
    source: str
    """The address that it is known by; empty for what came as a file."""
    score: float
    """The teacher's probability of the label, in [0, 1]."""
    licence: str


HEADER = [field.name for field in fields(WebRow)]


def write_items(path: Path, rows: Iterable[WebRow]) -> None:
    """Write rows in the order of kinds, files, labels and times: equal rows give equal bytes."""
    with writing_text(path) as file:
        file.write(csv_line(HEADER))
        for row in sorted(rows, key=order_of):
            times = map(_time, (row.start_seconds, row.end_seconds))
            end = row.source, f"{row.score:.6f}", row.licence
            file.write(csv_line([row.kind, row.file, row.label, *times, *end]))


def _time(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.10g}"


def order_of(row: WebRow) -> tuple[int, str, str, float, float]:
    """Return what rows are sorted by."""
    return (
        KINDS.index(row.kind),
        row.file,
        row.label,
        row.start_seconds or 0.0,
        row.end_seconds or 0.0,
    )


def read_items(
    path: Path, problems: Problems | None = None, encoding: str | None = None
) -> Iterator[WebRow]:
    """Yield the rows; one that does not fit names its file and line.

    Raises:
        FormatError: Another header; a bad row, where nobody listens to `problems`.

    """
    problems = problems or Problems(path)
    header, rows = table(path, HEADER, problems, encoding=encoding)
    places = [header.index(name) for name in HEADER]
    yield from parsed(([row[place] for place in places] for row in rows), _row, problems)


def _row(cells: list[str]) -> WebRow:
    kind, file, label, start, end, source, score, licence = cells
    if kind not in KINDS:
        raise ValueError(f"expected kind to be one of {', '.join(KINDS)}, found {kind!r}")
    times = None
    if start or end:
        times = seconds(start), seconds(end)
        if times[0] >= times[1]:
            raise ValueError(
                f"expected a stretch that ends after it begins, found {start} to {end}"
            )
    if (kind == "videos") != (times is not None):
        what = "a stretch" if kind == "videos" else "no stretch"
        raise ValueError(f"expected {what} of one of the {kind}, found {start!r} to {end!r}")
    if not 0 <= (share := seconds(score)) <= 1:
        raise ValueError(f"expected a score from 0 to 1, found {score}")
    first, last = times or (None, None)
    path = inside_folder(not_empty(file, "file"), "file")
    return WebRow(kind, path, not_empty(label, "label"), first, last, source, share, licence)
