"""The CSV files of Kinetics-400, 600, 700 and 700-2020."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.checks import flag, seconds, trimmed
from kinetics_builder.formats.clips.kinetics.csv_rows import SPLIT_NAME, TIMES, Rows
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.losses import EXTRA, Losses
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip, Kind
from kinetics_builder.formats.remembering import Remembered
from kinetics_builder.formats.splits import HOLDOUT, split_of, split_of_file

_KNOWN = {"label", *TIMES, "split"}


def read_kinetics(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each row. Columns go by their names in the header.

    `is_cc` goes to the details as a bool; other columns as text, named by the detail `extra`.
    An empty cell of these says nothing; an empty `is_cc` is named by `extra`, too.
    """
    header, rows = table(path, TIMES, problems, encoding=options.encoding)
    yield from parsed(rows, _parser(header, split_of_file(path, options)), problems)


def _parser(header: list[str], split: str | None) -> Callable[[list[str]], Clip]:
    """Return what makes a clip of a row's cells; `split` holds where no column says it."""
    video_at, start_at, end_at = map(header.index, TIMES)
    label_at = header.index("label") if "label" in header else None
    split_at = header.index("split") if "split" in header else None
    times, labels, splits = Remembered(seconds), Remembered(_label), Remembered(split_of)
    names = [name for name in header if name not in _KNOWN]
    details = Remembered(_details_of(names))
    others: Callable[[list[str]], Any] = itemgetter(*map(header.index, names)) if names else len

    def parse(cells: list[str]) -> Clip:
        video_id, start, end = cells[video_at], times[cells[start_at]], times[cells[end_at]]
        if not video_id or video_id.strip() is not video_id:  # the same where there is no space
            trimmed(video_id, "youtube_id")
        if not start < end:
            raise ValueError(f"expected time_start < time_end, found {start:g} and {end:g}")
        fields = (
            video_id,
            start,
            end,
            None if label_at is None else labels[cells[label_at]],
            split if split_at is None else splits[cells[split_at]],
            None,
            None,
            details[others(cells)] if names else NOTHING,
        )
        if split_at is not None and cells[split_at] == HOLDOUT:
            fields = (*fields[:-1], {**fields[-1], SPLIT_NAME: HOLDOUT})
        return tuple.__new__(Clip, fields)  # without Clip's own call a tenth faster in all

    return parse


def _label(cell: str) -> str:
    return trimmed(cell, "label")


def _details_of(names: list[str]) -> Callable[[Any], MappingProxyType[str, object]]:
    extra = tuple(name for name in names if name != "is_cc")

    def details(found: Any) -> MappingProxyType[str, object]:
        cells: Iterable[str] = (found,) if len(names) == 1 else found
        said: dict[str, object] = {
            name: flag(cell, name) if name == "is_cc" else cell
            for name, cell in zip(names, cells, strict=True)
            if cell
        }
        # Of an empty cell nothing else would tell that there is such a column.
        beside = extra if "is_cc" in said or "is_cc" not in names else (*extra, "is_cc")
        return MappingProxyType({**said, EXTRA: beside} if beside else said)

    return details


def write_kinetics(
    path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write a row for each clip; its times in whole seconds, the start down and the end up.

    The first clip decides on the header: `label` unless it has none, `is_cc` if it has that or
    comes from a file that has, and the columns it calls `extra`. A later clip is left out if it
    has a label where the first has none, or none where the first has one. Without clips, there is
    the header alone.
    """
    source = iter(records)
    first = next(source, None)
    clips = chain([] if first is None else [first], source)
    losses = Losses(problems, "kinetics")
    rows = Rows(first or Clip("", label=""), options, losses)
    with writing_text(path) as file:
        file.write(csv_line(rows.header))
        for clip in clips:
            problems.item = clip.video_id
            try:
                line = csv_line(rows.cells(clip))
            except ValueError as error:
                problems.error(str(error))
            else:
                file.write(line)
        losses.tell()


FORMATS = (
    Format(
        name="kinetics",
        kind=Kind.CLIPS,
        what="Kinetics-400, 600, 700 and 700-2020: train.csv, validate.csv, test.csv",
        source="storage.googleapis.com/deepmind-media/Datasets/kinetics700_2020.tar.gz, "
        "arXiv:1705.06950",
        traps="Test files have no label column, and is_cc stands in Kinetics-400's train.csv and "
        "in the crawler's files alone, so columns go by name; time_end is start + 10 even where "
        "the video is shorter, but for some rows of Kinetics-700 (5 to 9 s); a video id may come "
        "twice; mirrors write val for validate. Kinetics-600's holdout_test is a second test "
        "split, kept as the detail split_name.",
        read=read_kinetics,
        write=write_kinetics,
    ),
)
