"""Tables with typed columns, by way of pyarrow where it is installed."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.output import writing_bytes
from kinetics_builder.places import raise_if_unread

_ROWS_AT_ONCE = 1000


def is_there() -> bool:
    """Say whether pyarrow is installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError:
        return False
    return True


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, some of them in memory at a time.

    Raises:
        FormatError: pyarrow is not installed, or the file is no such table.

    """
    if not is_there():
        raise FormatError(
            f"{path}: reading it needs pyarrow: `pip install 'kinetics-builder[parquet]'`."
        )
    import pyarrow
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE):
                yield from batch.to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise_if_unread(error, path)
        raise FormatError(f"{path}: expected a Parquet file: {error}.") from error


def write(path: Path, columns: Mapping[str, str], found: Iterable[Mapping[str, Any]]) -> None:
    """Write rows; `columns` has pyarrow's name of each column's type, as "string" or "int64"."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = pyarrow.schema([(name, _type(kind)) for name, kind in columns.items()])
    source = iter(found)
    with writing_bytes(path) as file, ParquetWriter(file, schema) as writer:
        while part := list(islice(source, _ROWS_AT_ONCE)):
            writer.write_table(pyarrow.Table.from_pylist(part, schema=schema))


def _type(kind: str) -> Any:
    import pyarrow

    if kind.startswith("list of "):
        return pyarrow.list_(pyarrow.type_for_alias(kind.removeprefix("list of ")))
    return pyarrow.type_for_alias(kind)
