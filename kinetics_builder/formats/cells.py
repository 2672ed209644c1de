"""Rows of cells: lines parted at commas, other delimiters, or blanks.

No field spans lines in any format of the field, so each line is split on its own: a quote that
is never closed costs its own row and not the rest of the file.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import dropwhile
from pathlib import Path
from typing import TypeVar

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import lines, some_lines

RowT = TypeVar("RowT")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
"""What parts cells, in this house and in files from elsewhere, and how it is called."""


def words(path: Path, problems: Problems, encoding: str | None) -> Iterator[list[str]]:
    """Yield the words of each line that is not blank.

    Raises:
        FormatError: There is no such line.

    """
    for line in some_lines(path, problems, encoding):
        yield line.split()


def is_one_cell(text: str) -> bool:
    """Return whether `text` stays one where cells are parted by spaces."""
    return text.split() == [text]


def split_cells(line: str, delimiter: str = ",") -> list[str]:
    """Return the cells of one line.

    Raises:
        ValueError: A quote that is not closed, or text behind a closed one.

    >>> split_cells('"tying, knot (not on a tie)",a')
    ['tying, knot (not on a tie)', 'a']

    """
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"quotes that do not fit ({error})") from error


def other_delimiter(line: str, delimiter: str = ",") -> str | None:
    """Return how what parts a line's cells is called, where it seems not to be `delimiter`.

    >>> other_delimiter("a;0,5;1"), other_delimiter('"a; b";c'), other_delimiter("a,b;c")
    ('semicolons', 'semicolons', None)
    """
    most = max([delimiter, *DELIMITERS], key=_without_quoted(line).count)
    return DELIMITERS[most] if most != delimiter else None


def _without_quoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def counted(row: Sequence[str], delimiter: str = ",") -> str:
    """Return, for people, how many cells a row has, and what to do where something else parts them.

    >>> counted(["a;b"])
    '1 cell: the line is parted by semicolons; save the file with commas'
    """
    count = "1 cell" if len(row) == 1 else f"{len(row)} cells"
    other = other_delimiter(delimiter.join(row), delimiter)
    wanted = DELIMITERS[delimiter]
    return (
        f"{count}: the line is parted by {other}; save the file with {wanted}" if other else count
    )


def cells(
    path: Path,
    problems: Problems,
    *,
    delimiter: str = ",",
    encoding: str | None = None,
    may_be_empty: bool = False,
) -> Iterator[list[str]]:
    """Yield the cells of each line that is not blank; tell of lines with quotes that do not fit.

    Raises:
        FormatError: There is no such line, and there must be one; or the first one has another
            delimiter, and this one nowhere.

    """
    read = lines if may_be_empty else some_lines
    is_first = True
    for line in read(path, problems, encoding):
        if is_first:
            _check_delimiter(path, problems, line, delimiter)
            is_first = False
        if '"' not in line:
            yield line.split(delimiter)
            continue
        try:
            found = split_cells(line, delimiter)
        except ValueError as error:
            problems.error(f"{error}, in {line!r}")
        else:
            yield found


def _check_delimiter(path: Path, problems: Problems, line: str, delimiter: str) -> None:
    other = other_delimiter(line, delimiter)
    if other and delimiter not in _without_quoted(line):
        wanted = DELIMITERS[delimiter]
        raise FormatError(
            f"{path}:{problems.line}: expected {wanted} between cells, found a line that is parted "
            f"by {other}: {line[:100]!r}. Save the file with {wanted}."
        )


def parsed(
    rows: Iterable[list[str]], parse: Callable[[list[str]], RowT], problems: Problems
) -> Iterator[RowT]:
    """Yield what `parse` makes of each row's cells; tell of its ValueErrors with their line."""
    for row in rows:
        try:
            found = parse(row)
        except ValueError as error:
            problems.error(f"{error}, in {row}")
        else:
            yield found


def table(
    path: Path,
    columns: Sequence[str],
    problems: Problems,
    *,
    delimiter: str = ",",
    encoding: str | None = None,
    has_comments: bool = False,
) -> tuple[list[str], Iterator[list[str]]]:
    """Return the header of a file and its rows, each with as many cells as the header.

    `columns` must all be in the header; others may be, in any order. Where there may be comments,
    lines that begin with # are left out before the header, and behind it those of another length.

    Raises:
        FormatError: An empty file, or a header without one of `columns`.

    """
    before = problems.num_errors
    rows = cells(path, problems, delimiter=delimiter, encoding=encoding)
    if has_comments:
        rows = dropwhile(_is_comment, rows)
    header = [cell.strip() for cell in next(rows, [])]
    if problems.num_errors > before:
        raise FormatError(f"{path}: expected a header with {', '.join(columns)} that can be read.")
    if missing := [column for column in columns if column not in header]:
        raise FormatError(
            f"{path}:{problems.line}: expected a header with {', '.join(columns)}; "
            f"{', '.join(missing)} is missing from {header}."
        )
    if len(set(header)) != len(header):
        raise FormatError(f"{path}:{problems.line}: a column stands twice in {header}.")
    if has_comments:
        rows = (row for row in rows if len(row) == len(header) or not _is_comment(row))
    return header, _of_length(rows, len(header), problems)


def named_rows(path: Path, columns: Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the rows of a table of our own, all of it in memory, by the names of its columns.

    Raises:
        FormatError: No file, one without a header that has all of `columns`, or a row that does not
            fit.

    """
    if not path.exists():
        raise FormatError(f"{path} is not there: expected a table.")
    header, rows = table(path, columns, Problems(path))
    return [dict(zip(header, row, strict=True)) for row in rows]


def _is_comment(row: list[str]) -> bool:
    return row[0].lstrip().startswith("#")


def _of_length(rows: Iterable[list[str]], length: int, problems: Problems) -> Iterator[list[str]]:
    for row in rows:
        if len(row) == length:
            yield row
        else:
            problems.error(f"expected {length} cells, found {counted(row)}, in {row}")
