"""Lines of text made of columns that pyarrow has: of many rows, without an object for each cell."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kinetics_builder.formats.output import csv_rows

if TYPE_CHECKING:
    import pyarrow

Texts = Any
"""A pyarrow.StringArray; its functions have no types."""


def csv_texts(columns: Sequence["pyarrow.Array"]) -> Texts:
    r"""Return what `csv_rows` makes of each row of columns.

    Raises:
        ValueError: A cell with a line break.

    >>> import pyarrow
    >>> csv_texts([pyarrow.array(["tying, knot", "x"]), pyarrow.array([3, None])]).to_pylist()
    ['"tying, knot",3', 'x,']

    """
    import pyarrow

    lines = joined(list(map(as_texts, columns)), ",")
    if _are_plain(data_of(lines), (len(columns) - 1) * len(lines)):
        return lines
    return pyarrow.array(csv_rows([column.to_pylist() for column in columns]), pyarrow.string())


def joined(parts: Sequence["Texts | str"], between: str = "") -> Texts:
    """Return one text for each row; what is a plain text stands in each of them."""
    from pyarrow import compute

    return compute.binary_join_element_wise(
        *parts, between, null_handling="replace", null_replacement=""
    )


def as_lines(texts: Texts) -> bytes:
    r"""Return texts with a line end each, as a file has them.

    >>> import pyarrow
    >>> as_lines(pyarrow.array(["a", "b"]))
    b'a\nb\n'
    """
    return data_of(joined([texts, "\n"]))


def as_texts(column: "pyarrow.Array") -> Texts:
    """Return the values of a column as `str` gives them; None stays."""
    import pyarrow
    from pyarrow import types

    if types.is_string(column.type):
        return column
    if types.is_integer(column.type):
        return column.cast(pyarrow.string())
    encoded: Any = column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    texts = [None if value is None else str(value) for value in values]
    return pyarrow.array(texts, pyarrow.string()).take(encoded.indices)


def data_of(texts: Texts) -> bytes:
    """Return all texts, one behind the other, as UTF-8."""
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return b""
    places = memoryview(offsets).cast("i")
    first, behind = places[texts.offset], places[texts.offset + len(texts)]
    found: bytes = data.slice(first, behind - first).to_pybytes()
    return found


def _are_plain(data: bytes, num_commas: int) -> bool:
    """Say whether no cell of such lines needs quotes, or is refused."""
    is_free = not any(one in data for one in (b'"', b"\n", b"\r"))
    return is_free and data.count(b",") == num_commas
