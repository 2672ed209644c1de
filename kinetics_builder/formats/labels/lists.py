"""Label maps with one class on a line: names alone, or names with numbers beside them."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from kinetics_builder.formats.cells import split_cells
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.labels.checking import (
    checked,
    number_of,
    parsed_lines,
    sayable,
)
from kinetics_builder.formats.labels.numbered import COMMENT, refuse_numbered
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import NOTHING, Kind, Label
from kinetics_builder.formats.text import some_lines

Parse = Callable[[str], Label]
Said = Callable[[Label], str]


def _read_names(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    return checked(_names(path, options, problems), problems)


def _names(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    before = 0
    found: list[tuple[int, str]] = []
    for line in some_lines(path, problems, options.encoding):
        number = problems.line or 0
        if number != before + 1:
            problems.warning("a blank line before this one, which others count as a class")
        before = number
        if COMMENT.match(line):
            problems.warning("a comment was left out, which others count as a class")
        else:
            found.append((number, line.strip()))
    problems.line = None
    refuse_numbered(path, [name for _, name in found], problems)
    for place, (problems.line, name) in enumerate(found):
        yield Label(place, name)


def _write_names(
    path: Path, records: Iterable[Label], options: Options, problems: Problems
) -> None:
    losses = Losses(problems, "labels-txt")
    known = sorted(sayable(records, problems, "labels-txt"), key=lambda label: label.id)
    refuse_numbered(path, [label.name for label in known], problems)
    with writing_text(path) as file:
        place = 0
        for label in known:
            if COMMENT.match(label.name):
                problems.item = label.name
                problems.error("a line that begins with # is a comment, and no class")
                continue
            if label.id != place:
                losses.note("number", label.name)
            file.write(f"{label.name}\n")
            place += 1
        losses.tell()


def _read(parse: Parse, path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    return parsed_lines(some_lines(path, problems, options.encoding), parse, problems)


def _write(
    said: Said,
    name: str,
    path: Path,
    records: Iterable[Label],
    options: Options,
    problems: Problems,
) -> None:
    details = frozenset((PREFIX,)) if name == "charades-classes" else frozenset[str]()
    with writing_text(path) as file:
        for label in sayable(records, problems, name, details=details):
            file.write(said(label))


def _numbered(line: str) -> Label:
    number, _, name = line.strip().partition(" ")
    return Label(number_of(number), name.strip())


def _say_numbered(label: Label) -> str:
    return f"{label.id} {label.name}\n"


PREFIX = "prefix"
"""The detail that holds the letter of a Charades class, where it is not c."""
_CHARADES = re.compile(r"([a-z])(\d{3,})\s+(\S.*)")


def _charades(line: str) -> Label:
    found = _CHARADES.fullmatch(line.strip())
    if found is None:
        raise ValueError("expected a class like 'c000 Holding some clothes'")
    details = NOTHING if found[1] == "c" else {PREFIX: found[1]}
    return Label(number_of(found[2]), found[3], None, details)


def _say_charades(label: Label) -> str:
    return f"{label.details.get(PREFIX, 'c')}{label.id:03d} {label.name}\n"


def _moments(line: str) -> Label:
    *names, number = split_cells(line)
    if not names:
        raise ValueError("expected a name, a comma and a number")
    return Label(number_of(number), ",".join(names).strip())


def _say_moments(label: Label) -> str:
    return csv_line([label.name, label.id])


def _format(name: str, parse: Parse, said: Said, *, what: str, source: str, traps: str) -> Format:
    return Format(
        name=name,
        kind=Kind.LABELS,
        what=what,
        source=source,
        traps=traps,
        read=partial(_read, parse),
        write=partial(_write, said, name),
    )


FORMATS = (
    Format(
        name="labels-txt",
        kind=Kind.LABELS,
        what="Class names, one a line, numbered from 0: label_map_k400.txt and the like",
        source="kinetics-i3d data/label_map.txt; MMAction2 tools/data/*/label_map*.txt",
        traps="A blank line counts as a class elsewhere and moves all numbers behind it; it is "
        "left out here, with a warning.",
        read=_read_names,
        write=_write_names,
    ),
    _format(
        "charades-classes",
        _charades,
        _say_charades,
        what="Charades_v1_classes.txt: `c000 Holding some clothes` (and o000, v000)",
        source="Charades README.txt",
        traps="The classes of objects and of verbs (o000, v000) have files and numbers of their "
        "own; their letter is kept as a detail.",
    ),
    _format(
        "moments-labels",
        _moments,
        _say_moments,
        what="moments_categories.txt of Moments in Time: `clapping,0`",
        source="Moments in Time README.txt",
        traps="The name comes first and the number last; names join words with +.",
    ),
    _format(
        "thumos-classes",
        _numbered,
        _say_numbered,
        what="THUMOS14's detection classes: `7 BaseballPitch`",
        source="THUMOS14 TH14_Temporal_annotations, readme and detclasslist.txt",
        traps="The 20 numbers are those of UCF101's classes (7, 9, 12, 21 ... 97), not places; "
        "a network's outputs are usually in the order of the lines.",
    ),
    _format(
        "ucf101-classes",
        _numbered,
        _say_numbered,
        what="classInd.txt of UCF101: `1 ApplyEyeMakeup`",
        source="UCF101TrainTestSplits-RecognitionTask, classInd.txt",
        traps="Numbers count from 1, networks from 0; the class HandstandPushups is spelled "
        "HandStandPushups in the names of its videos.",
    ),
)
