"""The manifest of a release, `clips.csv`: one line a clip file, with its size and hash."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.checks import LONGEST_SECONDS, inside_folder, not_empty, seconds
from kinetics_builder.formats.column_lines import Texts, csv_texts
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import SPLITS

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True, order=True)
class ManifestRow:
    """One clip of a release, as a file."""

    label: str
    youtube_id: str
    time_start: int
    """Seconds from the start of the video, as the Kinetics CSV has it."""
    time_end: int
    split: str
    """train, validate or test."""
    file: str
    """Path relative to the folder of the manifest."""
    bytes: int
    sha256: str
    duration_seconds: float
    width: int
    height: int
    frames_per_second: float
    num_frames: int
    whole_clip: bool
    """Whether the annotators said that the action lasts for the whole clip."""
    licence: str


HEADER = [field.name for field in fields(ManifestRow)]
_CELLS = attrgetter(*HEADER)


def write_manifest(path: Path, rows: Iterable[ManifestRow], *, are_sorted: bool = False) -> None:
    """Write `rows` sorted, so that equal data gives equal bytes.

    Rows that come sorted, as `are_sorted` promises, are written as they come.
    """
    with writing_text(path) as file:
        file.write(csv_line(HEADER))
        for row in rows if are_sorted else sorted(rows):
            file.write(csv_line(_CELLS(row)))


def manifest_texts(clips: "pyarrow.RecordBatch") -> Texts:
    """Return the line of each clip, given by column, without a line end."""
    return csv_texts([clips[name] for name in HEADER])


def read_manifest(
    path: Path, problems: Problems | None = None, encoding: str | None = None
) -> Iterator[ManifestRow]:
    """Yield the rows of a manifest; a row that does not fit names its file and line.

    Raises:
        FormatError: Another header; a bad row, where nobody listens to `problems`.

    """
    problems = problems or Problems(path)
    header, rows = table(path, HEADER, problems, encoding=encoding)
    places = [header.index(name) for name in HEADER]
    if places != list(range(len(header))):
        rows = ([row[place] for place in places] for row in rows)
    yield from parsed(rows, _row, problems)


def manifest_table(path: Path) -> "pyarrow.Table":
    """Return the manifest by column, all of it in memory.

    Raises:
        FormatError: As `read_manifest`.

    """
    import pyarrow
    from pyarrow import csv

    kinds = [(one.name, pyarrow.type_for_alias(_TYPES[one.type])) for one in fields(ManifestRow)]
    schema = pyarrow.schema(kinds)
    options = csv.ConvertOptions(
        column_types=schema, true_values=["True"], false_values=["False"], null_values=[]
    )
    try:
        table = csv.read_csv(path, convert_options=options)
    except (pyarrow.ArrowException, OSError):
        table = None
    if table is None or table.schema != schema or not _are_sound(table):
        rows = [dict(zip(HEADER, _CELLS(row), strict=True)) for row in read_manifest(path)]
        return pyarrow.Table.from_pylist(rows, schema)
    return table


_TYPES: Mapping[Any, str] = {str: "string", int: "int64", float: "double", bool: "bool"}


def _are_sound(table: "pyarrow.Table") -> bool:
    """Say whether the rows say nothing that `_row` might refuse."""
    from pyarrow import compute

    times = [table[name] for name in ("time_start", "duration_seconds", "frames_per_second")]
    said = [compute.utf8_trim_whitespace(table[name]) for name in ("label", "youtube_id", "file")]
    sound = [
        *(compute.greater_equal(column, 0) for column in times),
        *(compute.less_equal(column, LONGEST_SECONDS) for column in times),
        *(compute.not_equal(column, "") for column in said),
        compute.less(table["time_start"], table["time_end"]),
        compute.invert(compute.match_substring_regex(table["file"], r"^/|\.\.|:")),
    ]
    splits = set(compute.unique(table["split"]).to_pylist())
    return splits <= set(SPLITS) and all(compute.all(one).as_py() is not False for one in sound)


def _row(cells: list[str]) -> ManifestRow:
    label, youtube_id, start, end, split, file, size, sha256, duration, *rest = cells
    width, height, rate, num_frames, whole_clip, licence = rest
    if whole_clip not in ("True", "False"):
        raise ValueError(f"whole_clip must be True or False, found {whole_clip!r}")
    if split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, found {split!r}")
    if not 0 <= int(start) < int(end):
        raise ValueError(f"expected 0 <= time_start < time_end, found {start} and {end}")
    return ManifestRow(
        label=not_empty(label, "label"),
        youtube_id=not_empty(youtube_id, "youtube_id"),
        time_start=int(start),
        time_end=int(end),
        split=split,
        file=inside_folder(not_empty(file, "file"), "file"),
        bytes=int(size),
        sha256=sha256,
        duration_seconds=seconds(duration),
        width=int(width),
        height=int(height),
        frames_per_second=seconds(rate),
        num_frames=int(num_frames),
        whole_clip=whole_clip == "True",
        licence=licence,
    )
