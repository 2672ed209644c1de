"""Pickles of numpy arrays, read without executing anything.

A pickle may call any function it names. Here the only names it gets are those that numpy
writes for an array, and each leads to a few lines of ours, not to numpy.
"""

import re
import warnings
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.pickles.machine import Machine, Stateful, put
from kinetics_builder.formats.pickles.reading import carry_out
from kinetics_builder.formats.pipes import file_of

_NUMBERS = re.compile(r"[fiub]\d{1,2}")


class _Dtype(Stateful):
    """A numpy type as a pickle builds it: a code such as `f4`, then its byte order."""

    def __init__(self, code: object, *_: object) -> None:
        self.code, self.order = code, "="

    def take_state(self, state: Any) -> None:
        """Take the byte order, which stands second."""
        self.order = state[1] if state[1] in ("<", ">") else "="

    def numeric(self) -> np.dtype[Any]:
        """Return numpy's type; ValueError unless it is one of numbers."""
        if not isinstance(self.code, str) or not _NUMBERS.fullmatch(self.code):
            told = f"{self.code[:9]!r}" if isinstance(self.code, str) else type(self.code).__name__
            raise ValueError(f"an array of {told} holds no numbers")
        return np.dtype(self.code).newbyteorder(self.order)  # type: ignore[arg-type]  # one of three


class PickledArray(Stateful):
    """An array as a pickle builds it: empty first (`value` is None), then its state."""

    def __init__(self, *_: object) -> None:
        self.value: NDArray[Any] | None = None

    def take_state(self, state: Any) -> None:
        """Take version, shape, type, order and numbers."""
        _, shape, dtype, is_fortran, data = state
        raw = data.encode("latin1") if isinstance(data, str) else data
        self.fill(raw, dtype, shape, "F" if is_fortran else "C")

    def fill(self, raw: object, dtype: object, shape: object, order: object) -> None:
        """Take the numbers in `raw`; ValueError unless they fill `shape`."""
        if not isinstance(dtype, _Dtype):
            raise ValueError("an array without a type")
        numeric = dtype.numeric()
        if not isinstance(raw, bytes):
            raise ValueError("an array without numbers")
        if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape[:9]):
            raise ValueError("an array without a shape")
        if len(shape) > 8 or prod(shape) * numeric.itemsize != len(raw):
            raise ValueError(f"an array of {len(raw)} bytes does not fill its shape")
        self.value = np.frombuffer(raw, numeric).reshape(shape, order="F" if order == "F" else "C")


def _encode(text: object, _encoding: object) -> bytes:
    """Return the bytes that pickles of protocol 2 carry as text."""
    if not isinstance(text, str):
        raise ValueError("it encodes what is no text")
    return text.encode("latin1")


def _nothing() -> bytes:
    """Return the empty bytes, for which protocol 2 calls their class."""
    return b""


def _ordered(pairs: Any = ()) -> dict[Any, Any]:
    """Return a dictionary; that of Python 2 comes with its items, as pairs."""
    found: dict[Any, Any] = {}
    put(found, pairs)
    return found


def _frombuffer(raw: object, dtype: object, shape: object, order: object) -> PickledArray:
    """Return an array as protocol 5 carries it."""
    found = PickledArray()
    found.fill(raw, dtype, shape, order)
    return found


_NUMPY = ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
_NAMES: dict[tuple[str, str], Any] = {
    ("_codecs", "encode"): _encode,
    ("__builtin__", "bytes"): _nothing,
    ("collections", "OrderedDict"): _ordered,
    ("numpy.core.numeric", "_frombuffer"): _frombuffer,
    ("numpy._core.numeric", "_frombuffer"): _frombuffer,
} | {
    (module, name): stand_in
    for module in _NUMPY
    for name, stand_in in (
        ("_reconstruct", PickledArray),
        ("ndarray", PickledArray),
        ("dtype", _Dtype),
    )
}


def load_arrays(path: Path) -> Any:
    """Return what a pickle holds: plain values, and each array as a `PickledArray`.

    Raises:
        FormatError: A pickle that is cut off, or that names anything but arrays.

    """
    machine = Machine(file_of(path).read_bytes(), _NAMES)
    try:
        with warnings.catch_warnings():
            # A backslash in a damaged string: the string then fails, or is no name of anything.
            warnings.simplefilter("ignore", DeprecationWarning)
            return carry_out(machine)
    except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        raise FormatError(
            f"{path} is not read past byte {machine.place}: {error or type(error).__name__}. "
            "Such a file holds arrays alone; nothing in it was executed."
        ) from error
