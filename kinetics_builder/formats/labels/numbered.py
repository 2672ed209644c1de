"""Lists of numbers and names in any usual dress: `1: bend`, `1. bend`, `bend,1`, `class 1 = bend`.

A dress is what a file's lines share: whether the number stands first, and what parts it from
the name. It is judged by all lines together, for a name may begin or end with a number: punctuation
makes a list numbered wherever most lines have it; a space alone does where the numbers count.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from unicodedata import digit

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import split_cells
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.labels.checking import checked, number_of, sayable
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind, Label
from kinetics_builder.formats.text import some_lines
from kinetics_builder.text.class_list.list_marks import counted_mark_in, drawn_mark_in

NAME = "labels-numbered"
COMMENT = re.compile(r"\s*#(?!\s*\d)")
"""How a line begins that no list has for a class."""
_PARTED = (
    r"(?P<parting>\s*(?:[:=,;|\uff1a\uff0c\uff0e\u3001]|\.(?!\d)|->|=>|\s[-\u2013\u2014]\s)\s*|\s+)"
)
_FIRST = re.compile(
    r"\s*(?:(?:class|action|label|category|id|no\.?|nr\.?)\s*:?\s*)?"
    rf"[\[(#\"']?(?P<number>\d+)(?P<closing>[\])\"']?){_PARTED}?"
    r"(?P<name>\S.*?)\s*",
    re.IGNORECASE,
)
_LAST = re.compile(
    rf"\s*(?P<name>\S.*?){_PARTED}[\[(#\"']?(?P<number>\d+)(?P<closing>[\])\"']?),?\s*"
)
_HEADER = re.compile(r"[\W_]*(?:(?:id|ids|index|idx|no|nr|number|label|class|category|action|name"
                     r"|names|labels|classes)s?[\W_]*)+", re.IGNORECASE)  # fmt: skip
_BY_COLUMNS = (",", "\t", ";", "|")


class Dress(NamedTuple):
    """How the lines of a numbered list are written."""

    is_number_first: bool
    parting: str
    """What stands between number and name; a space for any blanks but a tab."""
    has_header: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether blanks alone part number and name, so that they may be a name's own words."""
        return self.parting == " "

    def labels(self, lines: Iterable[tuple[int, str]], problems: Problems) -> Iterator[Label]:
        """Yield the label of each (number, line); tell of lines in another dress."""
        for place, (problems.line, line) in enumerate(lines):
            if self.has_header and place == 0:
                continue
            found = _part(line, is_number_first=self.is_number_first)
            try:
                if found is None or found.parting != self.parting:
                    raise ValueError(f"expected a line like {self.example!r}")
                yield Label(number_of(found.number), found.name)
            except ValueError as error:
                problems.error(f"{error}, in {line!r}")

    @property
    def example(self) -> str:
        """How a line looks."""
        between = {":": ": ", ".": ". ", ")": ") ", "-": " - "}.get(self.parting, self.parting)
        return f"12{between}waving" if self.is_number_first else f"waving{between}12"


class _Parts(NamedTuple):
    number: str
    parting: str
    name: str


def _part(line: str, *, is_number_first: bool) -> _Parts | None:
    """Return the number and the name of a line; None where it holds no number on that side."""
    found = (_FIRST if is_number_first else _LAST).fullmatch(line)
    if found is None:
        return None
    parting = found["parting"] or ""
    mark = "\t" if "\t" in parting else parting.strip() or (" " if parting else "")
    if found["closing"] in ("]", ")") and not mark.strip():
        mark = found["closing"]
    if not mark:
        return None  # 4x4 driving
    name = found["name"].strip()
    number = "".join(str(digit(one)) for one in found["number"])  # also in full width
    return _Parts(number, "-" if mark in "\u2013\u2014" else mark, _unquoted(name))


def _unquoted(name: str) -> str:
    """Return a name without quotes around it, and without a comma behind these."""
    quoted = name.removesuffix(",")
    if len(quoted) > 2 and quoted[0] == quoted[-1] and quoted[0] in "\"'":
        return quoted[1:-1].replace('""', '"')
    return name


def _quoted(name: str) -> str:
    return name if _unquoted(name) == name else '"' + name.replace('"', '""') + '"'


def dress_of(path: Path, lines: Sequence[str]) -> Dress | None:
    """Return how a list of classes is numbered; None for one of names alone.

    Raises:
        FormatError: Some lines are numbered and others are not, or they have further columns, or
            what stands before the names is no number: bullets, letters, the lines of a table.

    """
    _refuse_marks(path, drawn_mark_in(lines))
    for is_number_first in (True, False):
        parts = [_part(line, is_number_first=is_number_first) for line in lines]
        has_header = len(lines) > 1 and _is_header(lines[0])
        body = parts[has_header:]
        partings = [part.parting for part in body if part is not None]
        if not partings:
            continue
        common = max(set(partings), key=partings.count)
        dress = Dress(is_number_first, common, has_header)
        told = [part for part in body if part is not None and part.parting == common]
        if not _is_list(dress, told, len(body)):
            continue
        if len(told) < len(body):
            _refuse_mixture(path, lines, parts, dress)
        _check_columns(path, lines[has_header:], dress)
        return dress
    _refuse_marks(path, counted_mark_in(lines))
    return None


def _refuse_marks(path: Path, found: str | None) -> None:
    if found is not None:
        raise FormatError(
            f"{path}: expected a label map with names alone, or numbers and names like '1: bend', "
            f"found {found}. Where that is the name itself, write a CSV with the header id,name."
        )


def _is_header(line: str) -> bool:
    return _HEADER.fullmatch(line) is not None


def _is_list(dress: Dress, parts: Sequence[_Parts], num_lines: int) -> bool:
    """Tell whether numbers are classes' own, and no words of their names."""
    names = {part.name for part in parts}
    if len(names) < len(parts) and (dress.is_plain or not dress.is_number_first):
        return False  # round 1, round 2; 1 turn, 2 turn
    if not dress.is_plain:
        return 2 * len(parts) >= num_lines
    numbers = [int(part.number[:20]) for part in parts]
    counts = sorted(numbers) == list(range(min(numbers), min(numbers) + len(numbers)))
    if counts and min(numbers) <= 1:
        return len(parts) == num_lines or (len(parts) > 2 and 2 * len(parts) >= num_lines)
    rises = all(before < after for before, after in pairwise(numbers))
    return len(parts) == num_lines and rises


def _refuse_mixture(
    path: Path, lines: Sequence[str], parts: Sequence[_Parts | None], dress: Dress
) -> None:
    odd = next(
        line
        for line, part in zip(lines, parts, strict=True)
        if (part is None or part.parting != dress.parting)
        and not (dress.has_header and line is lines[0])
    )
    raise FormatError(
        f"{path}: expected classes in all lines like {dress.example!r}, as most are, found "
        f"{odd[:60]!r}. Give each class its number, or none."
    )


def _check_columns(path: Path, lines: Sequence[str], dress: Dress) -> None:
    """Raise a FormatError for tables: what stands in their other columns is no name."""
    if dress.parting not in _BY_COLUMNS:
        return
    widths = {len(_cells(line, dress.parting)) for line in lines}
    if min(widths) > 2 and len(widths) == 1 and len(lines) > 1:
        raise FormatError(
            f"{path}: expected a number and a name in each line, found {widths.pop()} cells. "
            "Put commas between them and a header above, such as id,name,group."
        )


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return split_cells(line, delimiter)
    except ValueError:
        return line.split(delimiter)


def refuse_numbered(path: Path, names: Sequence[str], problems: Problems) -> None:
    """Raise a FormatError for names that are numbers and names; warn where they may be.

    Raises:
        FormatError: Read as names they would be numbered anew.

    """
    if not names or (dress := dress_of(path, names)) is None:
        return
    said = f"every line holds a number and a name, like {dress.example!r}"
    if not dress.is_plain:
        raise FormatError(f"{path}: {said}, where names alone are expected: choose {NAME}.")
    problems.warning(f"{said}; each is read as a name, which {NAME} would not do")


def _read(path: Path, options: Options, problems: Problems) -> Iterator[Label]:
    found = [
        (problems.line or 0, line)
        for line in some_lines(path, problems, options.encoding)
        if not COMMENT.match(line)
    ]
    dress = dress_of(path, [line for _, line in found]) if found else None
    if dress is None:
        raise FormatError(
            f"{path}: expected a number and a name in each line, such as '1: bend' or 'bend,1', "
            "found names alone: choose labels-txt."
        )
    yield from checked(dress.labels(found, problems), problems)


def _write(path: Path, records: Iterable[Label], options: Options, problems: Problems) -> None:
    with writing_text(path) as file:
        for label in sayable(records, problems, NAME):
            file.write(f"{label.id}: {_quoted(label.name)}\n")


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.LABELS,
        what="Numbers and names as people write them: `1: bend`, `1. bend`, `1,bend`, `bend 1`",
        source="this project's own: the lists that lie beside datasets of one's own",
        traps="All lines must be written alike. Lists count from 0 or from 1: the numbers are "
        "kept as they are, and AVA's layouts, which count from 1, refuse a 0. Written as "
        "`1: bend`.",
        read=_read,
        write=_write,
    ),
)
