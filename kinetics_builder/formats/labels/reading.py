"""A label map in any dialect: `--label-map FILE` of every command."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import DELIMITERS, split_cells
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.json_files import entries
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.labels.json_maps import is_list
from kinetics_builder.formats.labels.numbered import COMMENT, Dress, dress_of
from kinetics_builder.formats.labels.numbered import NAME as NUMBERED
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Label
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.text import closing_if_broken, open_text

KNOWN = (
    "a .pbtxt of AVA, names one a line, numbers and names, a CSV with the header id,name, JSON "
    "(names, {name: number}, {group: [names]}, ActivityNet's taxonomy), or the lists of UCF101, "
    "THUMOS, Charades, Moments and FineGym"
)
_LINES = (
    (re.compile(r"\s*(Clabel|Glabel|set)\s*:\s*\d+\s*;"), "finegym-categories"),
    (re.compile(r"[cov]\d{3}\s"), "charades-classes"),
)
_WELL_KNOWN = {
    Dress(is_number_first=True, parting=" "): ("ucf101-classes", re.compile(r"\s*\d+ ")),
    Dress(is_number_first=False, parting=","): ("moments-labels", re.compile(r".*,\s*\d+\s*$")),
}
_HEADERS = ("label", "youtube_id", "video_id", "time_start", "video", "path", "split", "subset")
_VOCABULARY = re.compile(r"(\s*#.*\n)*\s*(gaps\s*=\s*(true|false)\b|\[\[\s*action\s*\]\])")
_LONGEST = 1 << 20
"""Bytes of a file by which it is known; a label map has fewer."""


def read_label_map(path: Path, problems: Problems | None = None, *, first_id: int = 0) -> LabelMap:
    """Return the classes of a file, whichever dialect it is in.

    The classes stand in the order of their numbers, or of the file where these have gaps. A
    class that stands in several groups is there once. Without `problems` the first bad
    entry is raised. Names without numbers are counted from `first_id`: 1 for boxes, whose
    layouts and evaluators know no class 0.

    Raises:
        FormatError: No label map that is known, one without classes, or with a number below
            `first_id`.

    """
    problems = problems or Problems(path)
    dialect = label_dialect(path)
    read = find_format(dialect).read
    assert read is not None
    labels = tuple(_once(read(path, Options(), problems)))
    if not labels:
        raise FormatError(f"{path}: expected a label map, found no class in it.")
    if first_id and (dialect in _UNNUMBERED or (dialect == "labels-json" and is_list(path))):
        labels = tuple(label._replace(id=label.id + first_id) for label in labels)
    if below := [label for label in labels if label.id < first_id]:
        raise FormatError(
            f"{path}: the class {below[0].name!r} has the number {below[0].id}, and boxes' classes "
            f"count from {first_id}, as AVA's do: add {first_id} to each number, or give the names "
            "alone."
        )
    return LabelMap(labels).in_order()


_UNNUMBERED = ("labels-txt", "kinetics-groups")
"""Dialects whose numbers are places: they say nothing of where their users begin to count."""


def _once(labels: Iterator[Label]) -> Iterator[Label]:
    seen: set[tuple[int, str]] = set()
    for label in labels:
        if (label.id, label.name) not in seen:
            seen.add((label.id, label.name))
            yield label


def label_dialect(path: Path) -> str:
    """Return the name of the format a label map is in, by what stands there.

    Raises:
        FormatError: Nothing stands there, or something else than classes.

    """
    file = open_text(path)
    with file, closing_if_broken(path, file):
        head = file.read(_LONGEST)
    start = head.lstrip()
    if not start:
        raise FormatError(f"{path}: expected a label map, found an empty file.")
    if _VOCABULARY.match(start):
        raise FormatError(
            f"{path}: a vocabulary in TOML, which is no label map: write its actions as CSV, with "
            "the header id,name,type."
        )
    if start[0] in "{[" and not re.match(r"\[\d+\]\s*[^\s,]", start):
        return _json_dialect(path)
    if re.match(r"(#.*\n\s*)*(label|item)\s*:?\s*[{<]", start):
        return "activitynet-pbtxt" if re.search(r"\bitem\s*:?\s*[{<]", start) else "ava-pbtxt"
    return _line_dialect(path, start)


def _line_dialect(path: Path, text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not COMMENT.match(line)]
    first = lines[0] if lines else text
    if _is_csv_header(first):
        return "labels-csv"
    cells = _cells(first)
    for pattern, name in _LINES:
        if lines and all(map(pattern.match, lines)):
            return name
    numbers = [cell for cell in cells if re.fullmatch(r"-?\d+(\.\d*)?", cell)]
    if (
        first[0] == "<"
        or "\0" in text
        or not lines
        or len(numbers) > 1
        or len(set(cells) & set(_HEADERS)) > 1
    ):
        _refuse(path, first)
    dress = dress_of(path, lines)
    if dress is not None:
        name, pattern = _WELL_KNOWN.get(dress, (NUMBERED, re.compile("")))
        return name if all(map(pattern.match, lines)) else NUMBERED
    if "\t" in first:
        _refuse(path, first)
    return "labels-txt"


def _is_csv_header(line: str) -> bool:
    """Tell whether a line names columns; where no commas part them, the format says so."""
    if {"id", "name"} <= set(_cells(line)):
        return True
    parted = [_stripped(line.split(one)) for one in DELIMITERS]
    return line[0] != "|" and any(len(one) > 2 and {"id", "name"} <= set(one) for one in parted)


def _cells(line: str) -> list[str]:
    try:
        return _stripped(split_cells(line))
    except ValueError:  # A name with a quote in it, of a line that has no cells.
        return _stripped(line.split(","))


def _stripped(cells: Iterable[str]) -> list[str]:
    return [cell.strip(' \t"') for cell in cells]


def _refuse(path: Path, line: str) -> NoReturn:
    raise FormatError(f"{path}:1: expected a label map ({KNOWN}), found {line[:60]!r}.")


def _json_dialect(path: Path) -> str:
    if is_list(path):
        return "labels-json"
    for key, value in entries(path, ""):
        if key == "taxonomy":
            return "activitynet-taxonomy"
        if isinstance(value, list):
            return "kinetics-groups"
        if isinstance(value, (str, int)) and key != "version":
            return "something-labels" if isinstance(value, str) else "labels-json"
    raise FormatError(f"{path}: expected a label map ({KNOWN}), found other JSON.")
