"""The table beside the files of a video folder: `metadata.jsonl`, `.csv` or `.parquet`."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kinetics_builder.formats import parquet
from kinetics_builder.formats.cells import table
from kinetics_builder.formats.checks import finite
from kinetics_builder.formats.json_files import json_text
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import some_lines
from kinetics_builder.formats.training.column_types import Type
from kinetics_builder.formats.training.columns import Columns, json_object

LINES, CELLS, TABLE = "metadata.jsonl", "metadata.csv", "metadata.parquet"
NAMES = (LINES, CELLS, TABLE)

_NUMBERS = ("start_seconds", "end_seconds", "score")
_CLASSES = {"label", "label_index"}
"""A number in these is that of a class."""
_ARROW = {
    Type.TEXT: "string",
    Type.JSON: "string",
    Type.FLAG: "bool",
    Type.WHOLE: "int64",
    Type.NUMBER: "float64",
    Type.SPARSE: "float64",
    Type.TEXTS: "list of string",
    Type.NUMBERS: "list of float64",
}


def read_rows(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    """Yield the rows that have a file's name; tell of the others."""
    kinds: dict[str, Callable[[Path, Problems], Iterator[dict[str, Any]]]] = {
        ".csv": _of_cells,
        ".parquet": _of_table,
    }
    for row in kinds.get(path.suffix.lower(), _of_lines)(path, problems):
        if isinstance(row.get("file_name"), str):
            yield row
        else:
            problems.error(f"expected file_name, a path as text, in {row}")


def _of_lines(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    for line in some_lines(path, problems):
        try:
            row = json_object(line)
        except ValueError as error:
            problems.error(f"{error}, in {line!r}")
        else:
            yield row


def _of_cells(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    header, rows = table(path, ["file_name"], problems)
    for cells in rows:
        said = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
        try:
            row: dict[str, Any] = {**said, **{n: finite(said[n]) for n in _NUMBERS if n in said}}
        except ValueError as error:
            problems.error(f"{error}, in {cells}")
            continue
        for name in _CLASSES & said.keys():
            if said[name].isdecimal():
                row[name] = int(said[name])
        yield row


def _of_table(path: Path, problems: Problems) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(parquet.rows(path), 1):
        problems.line = number
        try:
            yield json_object(json.dumps(row, default=str))  # times and bytes become text
        except ValueError as error:
            problems.error(f"{error}, in {row}")


def write_rows(
    folder: Path, columns: Columns, rows: Iterable[Mapping[str, Any]], *, as_table: bool
) -> None:
    """Write the rows beside their files, as a typed table or as JSON Lines."""
    if as_table:
        types = {"file_name": Type.TEXT, **columns.types()}
        parquet.write(folder / TABLE, {name: _ARROW[types[name]] for name in types}, rows)
        return
    with writing_text(folder / LINES) as file:
        file.writelines(f"{json_text(row)}\n" for row in rows)
