"""The lists of Moments in Time: a file, its label and the workers' votes."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kinetics_builder.formats.cells import cells, counted, parsed
from kinetics_builder.formats.checks import not_empty, whole_number
from kinetics_builder.formats.clips.file_lists import Lines, file_in_folder, stem
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Clip, Kind
from kinetics_builder.formats.splits import split_of_file

_VOTES = ("num_agree", "num_disagree")


def read_moments(path: Path, options: Options, problems: Problems) -> Iterator[Clip]:
    """Yield a clip for each row: `file,label,agree,disagree`, or `file` alone in the test list.

    The votes go to the details `num_agree` and `num_disagree`.
    """
    rows = cells(path, problems, encoding=options.encoding)
    yield from parsed(rows, _parser(split_of_file(path, options)), problems)


def _parser(split: str | None) -> Callable[[list[str]], Clip]:
    def parse(row: list[str]) -> Clip:
        file, *rest = row
        details = NOTHING
        if len(rest) == 3:
            votes = zip(_VOTES, rest[1:], strict=True)
            details = {name: whole_number(cell, name) for name, cell in votes}
        elif len(rest) > 1:
            raise ValueError(f"expected file,label,agree,disagree, found {counted(row)}")
        label = not_empty(rest[0], "label") if rest else None
        return Clip(stem(file), None, None, label, split, file, details=details)

    return parse


def write_moments(
    path: Path, records: Iterable[Clip], options: Options, problems: Problems
) -> None:
    """Write a row for each clip, its file in the folder of its class."""
    lines = Lines("moments", path, options, problems)

    def line_of(clip: Clip) -> str:
        if clip.label is None:
            return csv_line([clip.file or file_in_folder(clip, None, ".mp4", lines.losses)])
        label = not_empty(clip.label, "label")
        file = clip.file or file_in_folder(clip, label, ".mp4", lines.losses)
        votes = [clip.details[name] for name in _VOTES if name in clip.details]
        if len(votes) == 1:
            raise ValueError(f"one of {' and '.join(_VOTES)} without the other")
        return csv_line([file, label, *votes])

    lines.write(records, line_of, _VOTES)


FORMATS = (
    Format(
        name="moments",
        kind=Kind.CLIPS,
        what="Moments in Time: trainingSet.csv, validationSet.csv, testingSet.csv",
        source="moments.csail.mit.edu (README of the download), arXiv:1801.03150",
        traps="No header; the split stands in the file's name alone; test rows are a bare file "
        "name, others lie in the folder of their class.",
        read=read_moments,
        write=write_moments,
    ),
)
