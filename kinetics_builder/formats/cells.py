"""Rows of cells: lines parted at commas, other delimiters, or blanks.

No field spans lines in any format of the field, so each line is split on its own: a quote that
is never closed costs its own row and not the rest of the file.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import lines, some_lines

RowT = TypeVar("RowT")


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
        FormatError: There is no such line, and there must be one.

    """
    read = lines if may_be_empty else some_lines
    for line in read(path, problems, encoding):
        if '"' not in line:
            yield line.split(delimiter)
            continue
        try:
            found = split_cells(line, delimiter)
        except ValueError as error:
            problems.error(f"{error}, in {line!r}")
        else:
            yield found


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
) -> tuple[list[str], Iterator[list[str]]]:
    """Return the header of a file and its rows, each with as many cells as the header.

    `columns` must all be in the header; others may be, in any order.

    Raises:
        FormatError: An empty file, or a header without one of `columns`.

    """
    before = problems.num_errors
    rows = cells(path, problems, delimiter=delimiter, encoding=encoding)
    header = [cell.strip() for cell in next(rows, [])]
    if problems.num_errors > before:
        raise FormatError(f"{path}: expected a header with {', '.join(columns)} that can be read.")
    if missing := [column for column in columns if column not in header]:
        raise FormatError(
            f"{path}:{problems.line}: expected a header with {', '.join(columns)}; "
            f"{', '.join(missing)} is missing from {header}.{_other_delimiter(header, columns)}"
        )
    if len(set(header)) != len(header):
        raise FormatError(f"{path}:{problems.line}: a column stands twice in {header}.")
    return header, _of_length(rows, len(header), problems)


def _other_delimiter(header: Sequence[str], columns: Sequence[str]) -> str:
    """Return what to do with a file whose cells are parted as some spreadsheets part them."""
    for delimiter, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(header) == 1 and set(columns) <= set(header[0].split(delimiter)):
            return f" Its cells are parted by {name}: save it with commas."
    return ""


def _of_length(rows: Iterable[list[str]], length: int, problems: Problems) -> Iterator[list[str]]:
    for row in rows:
        if len(row) == length:
            yield row
        else:
            problems.error(f"expected {length} cells, found {len(row)}, in {row}")
