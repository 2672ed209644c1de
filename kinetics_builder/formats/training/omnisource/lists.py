"""The lists that MMAction2 0.x trains OmniSource from.

`images.txt` (ImageDataset) and `clips.txt` (VideoDataset) hold a path and a class; `videos.txt`
(RawVideoDataset) a folder of parts of ten seconds, a class, how many parts there are, and which of
them show it, from 0. Classes are numbers from 0; `classes.txt` names them.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.training.classes import CLASSES, write_classes
from kinetics_builder.formats.training.omnisource.items import KINDS, WebRow, order_of

PART_SECONDS = 10.0
"""What MMAction2's script cuts long videos into."""


def write_lists(
    folder: Path, rows: Iterable[WebRow], labels: Sequence[str], num_parts: Mapping[str, int]
) -> None:
    """Write the three lists and `classes.txt` into a folder that is there.

    Args:
        folder: Where.
        rows: What is trained on.
        labels: All classes, by their numbers.
        num_parts: Of each whole video, by its path, how many parts it has.

    Raises:
        FormatError: A path holds white space, which the lists cannot say; or a stretch is no
            part of ten seconds.

    """
    numbers = LabelMap.of_names(labels)
    write_classes(folder, numbers)
    ordered = sorted(rows, key=order_of)
    for kind in KINDS:
        found = [row for row in ordered if row.kind == kind]
        lines = (
            _videos(found, numbers, num_parts)
            if kind == "videos"
            else [f"{_plain(row.file)} {numbers.index(row.label)}" for row in found]
        )
        with writing_text(folder / f"{kind}.txt") as file:
            file.writelines(f"{line}\n" for line in lines)


def _videos(rows: Sequence[WebRow], labels: LabelMap, num_parts: Mapping[str, int]) -> list[str]:
    lines = []
    for (file, label), group in groupby(rows, lambda row: (row.file, row.label)):
        parts = [part_of(row) for row in group]
        place = _plain(str(PurePosixPath(file).with_suffix("")))
        numbers = [labels.index(label), num_parts[file], *parts]
        lines.append(" ".join([place, *map(str, numbers)]))
    return lines


def part_of(row: WebRow) -> int:
    """Return which part of its video a stretch is; the last one may be shorter.

    Raises:
        FormatError: It is none.

    """
    start, end = row.start_seconds or 0.0, row.end_seconds or 0.0
    if start % PART_SECONDS or end - start > PART_SECONDS:
        raise FormatError(
            f"{row.file}: the stretch from {start:g} to {end:g} s is none of the parts of "
            f"{PART_SECONDS:g} s that MMAction2 reads. Ask the teacher about such windows: "
            f"`kbuild omni score --teacher CHECKPOINT --only videos --window {PART_SECONDS:g}`."
        )
    return int(start // PART_SECONDS)


def _plain(path: str) -> str:
    if len(path.split()) != 1:
        raise FormatError(
            f"{path!r} holds white space, which MMAction2's lists cannot say: leave the lists out "
            "(--no-lists), items.csv holds all."
        )
    return path


def read_lists(
    folder: Path, problems: Problems | None = None
) -> list[tuple[str, str, str, tuple[int, ...]]]:
    """Return kind, path, label and parts of each line of the lists.

    Raises:
        FormatError: A list is missing; or a line that does not fit, where nobody listens to
            `problems`.

    """
    problems = problems or Problems(folder)
    names = _text(folder / CLASSES).splitlines()
    found = []
    for kind in KINDS:
        path = folder / f"{kind}.txt"
        problems.enter(path)
        for problems.line, line in enumerate(_text(path).splitlines(), start=1):
            try:
                found.append((kind, *_line(line, kind, names)))
            except ValueError as error:
                problems.error(str(error))
    return found


def _line(line: str, kind: str, names: Sequence[str]) -> tuple[str, str, tuple[int, ...]]:
    place, *cells = line.split() or [""]
    if not place or not all(cell.isdecimal() for cell in cells):
        raise ValueError(f"expected a path and numbers, found {line!r}")
    number, *parts = map(int, cells) if cells else (-1,)
    if not 0 <= number < len(names):
        raise ValueError(f"expected a class from 0 to {len(names) - 1}, found {line!r}")
    is_whole = kind != "videos" and not parts
    is_parted = kind == "videos" and len(parts) > 1 and max(parts[1:]) < parts[0]
    if not (is_whole or is_parted):
        what = "how many parts there are and which count, from 0" if kind == "videos" else "no more"
        raise ValueError(f"expected a path, a class and {what}, found {line!r}")
    return place, names[number], tuple(parts[1:])


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror}.") from error
