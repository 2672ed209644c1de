"""Tables with typed columns, as Parquet."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.output import writing_bytes
from kinetics_builder.places import raise_if_unread

if TYPE_CHECKING:
    import pyarrow

_ROWS_AT_ONCE = 1000
"""In a group of rows of the file."""
_ROWS_OF_PAGE = 4096

Columns = Mapping[str, Sequence[Any]]
"""Values by column, all of one length."""
Some = Union[Columns, "pyarrow.RecordBatch"]
"""Some rows."""

_TYPES = {"str": "string", "int": "int64", "float": "double", "bool": "bool", "bytes": "binary"}


def types_of(table: type[Any]) -> dict[str, str]:
    """Return pyarrow's type of each field of a dataclass whose objects are rows, by name."""
    kinds = {one.name: str(getattr(one.type, "__name__", one.type)) for one in fields(table)}
    return {name: _TYPES[kind.removesuffix(" | None")] for name, kind in kinds.items()}


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, some of them in memory at a time.

    Raises:
        FormatError: The file is no such table.

    """
    for batch in _batches(path, _ROWS_AT_ONCE, None):
        yield from batch.to_pylist()


def pages(
    path: Path, names: Sequence[str], since: Mapping[str, Any] | None = None
) -> Iterator[dict[str, list[Any]]]:
    """Yield these columns of a table, many rows at a time.

    Args:
        path: Of the file.
        names: Of the columns, in the order that they are wanted in.
        since: What stands in columns that older tables lack, by name.

    Raises:
        FormatError: The file is no such table, or lacks a column.

    """
    filled = dict(since or {})
    for batch in _batches(path, _ROWS_OF_PAGE, names, filled):
        found = batch.to_pydict()
        for name in filled.keys() - found.keys():
            found[name] = [filled[name]] * len(batch)
        yield {name: found[name] for name in names}


def column_table(path: Path, names: Sequence[str]) -> "pyarrow.Table":
    """Return these columns of a table, all rows of it in memory; raises as `pages`."""
    import pyarrow

    return pyarrow.Table.from_batches(batches(path, names))


def batches(path: Path, names: Sequence[str]) -> Iterator["pyarrow.RecordBatch"]:
    """Yield these columns of a table, many rows at a time; raises as `pages`."""
    return _batches(path, _ROWS_OF_PAGE, names)


def _batches(
    path: Path, num_rows: int, names: Sequence[str] | None, since: Collection[str] = ()
) -> Iterator[Any]:
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            known = file.schema_arrow.names
            wanted = None if names is None else [name for name in names if name in known]
            if lacking := [one for one in names or () if one not in {*known, *since}]:
                raise FormatError(f"{path}: expected the column {lacking[0]}, found none.")
            yield from file.iter_batches(num_rows, columns=wanted)
    except FileNotFoundError as error:
        raise FormatError(f"{path} is not there: expected a Parquet file.") from error
    except (pyarrow.ArrowException, OSError) as error:
        raise_if_unread(error, path)
        raise FormatError(f"{path}: expected a Parquet file: {error}.") from error


def write(path: Path, columns: Mapping[str, str], found: Iterable[Mapping[str, Any]]) -> None:
    """Write rows; `columns` as `writing` takes them."""
    source = iter(found)
    with writing(path, columns) as add:
        while part := list(islice(source, _ROWS_AT_ONCE)):
            add({name: [row.get(name) for row in part] for name in columns})


@contextmanager
def writing(path: Path, columns: Mapping[str, str]) -> Iterator[Callable[[Some], None]]:
    """Give a function that adds rows, by column; the file is there when the block ends well.

    However many rows come at a time, equal rows give equal bytes.

    Args:
        path: Of the file.
        columns: pyarrow's name of each column's type, as "string" or "int64".

    """
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = _schema(columns)
    rest = schema.empty_table()
    with writing_bytes(path) as file, ParquetWriter(file, schema) as writer:

        def add(found: Some) -> None:
            nonlocal rest
            new = as_batch(found, columns).select(list(columns))
            rest = pyarrow.concat_tables([rest, pyarrow.table(new)]).combine_chunks()
            num_whole = len(rest) - len(rest) % _ROWS_AT_ONCE
            for start in range(0, num_whole, _ROWS_AT_ONCE):
                writer.write_table(rest.slice(start, _ROWS_AT_ONCE))
            rest = rest.slice(num_whole)

        yield add
        if len(rest):
            writer.write_table(rest)


def as_batch(found: Some, columns: Mapping[str, str]) -> "pyarrow.RecordBatch":
    """Return rows as pyarrow has them; `columns` as `writing` takes them."""
    import pyarrow

    if isinstance(found, pyarrow.RecordBatch):
        return found
    by_name = {name: found[name] for name in columns}
    return pyarrow.RecordBatch.from_pydict(by_name, _schema(columns))


def _schema(columns: Mapping[str, str]) -> Any:
    import pyarrow

    return pyarrow.schema([(name, _type(kind)) for name, kind in columns.items()])


def _type(kind: str) -> Any:
    import pyarrow

    if kind.startswith("list of "):
        return pyarrow.list_(pyarrow.type_for_alias(kind.removeprefix("list of ")))
    return pyarrow.type_for_alias(kind)
