"""TensorFlow's checkpoints (`.index` and `.data-00000-of-00001`), without TensorFlow."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kinetics_builder.errors import ModelError
from kinetics_builder.places import raise_if_unread
from models.checkpoints.readers.bundle import index_of, number, read_index, shards
from models.checkpoints.readers.crc32c import crc32c, masked
from models.checkpoints.readers.protobuf import fields

DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}
"""TensorFlow's numbers of the types that weights have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """Where a tensor lies (TensorFlow's BundleEntryProto)."""

    dtype: int = 0
    shape: tuple[int, ...] = ()
    shard: int = 0
    offset: int = 0
    size: int = 0
    crc: int = 0
    num_slices: int = 0


def read_tensorflow(path: Path) -> dict[str, Tensor]:
    """Return the tensors by name; `path` is the `.index` file, or the prefix of all files.

    Every checksum is proved. Raises ModelError, naming the first variable or byte that is wrong.
    """
    index = index_of(path)
    table, num_shards = read_index(index)
    parts = shards(index, num_shards)
    tensors = {}
    for key, value in table.items():
        name = key.decode("utf-8", "backslashreplace")
        try:
            entry = _entry(value)
            tensors[name] = _tensor(parts[entry.shard], entry)
        except (LookupError, ValueError, OSError) as error:
            raise_if_unread(error, index)
            raise ModelError(f"{index}: the variable {name!r} cannot be read: {error}.") from error
    return tensors


def _entry(message: bytes) -> _Entry:
    """Return the entry; protocol buffers leave out what is zero."""
    pairs = list(fields(message))
    values = {number: value for number, value in pairs if isinstance(value, int)}
    shapes = [value for number, value in pairs if number == 2 and isinstance(value, bytes)]
    return _Entry(
        dtype=values.get(1, 0),
        shape=_shape(shapes[0]) if shapes else (),
        shard=values.get(3, 0),
        offset=values.get(4, 0),
        size=values.get(5, 0),
        crc=values.get(6, 0),
        num_slices=sum(number == 7 for number, _ in pairs),
    )


def _shape(message: bytes) -> tuple[int, ...]:
    dims = [value for number, value in fields(message) if number == 2 and isinstance(value, bytes)]
    return tuple(number(dict(fields(dim)).get(1, 0)) for dim in dims)


def _tensor(path: Path, entry: _Entry) -> Tensor:
    if entry.num_slices or entry.dtype not in DTYPES:
        what = "cut into slices" if entry.num_slices else f"of TensorFlow's type {entry.dtype}"
        raise ValueError(f"it is {what}, which is not read here")
    dtype = np.dtype(DTYPES[entry.dtype])
    if entry.size != math.prod(entry.shape) * dtype.itemsize:
        raise ValueError(f"{entry.size} bytes do not hold a shape of {entry.shape}")
    num_bytes = path.stat().st_size
    if entry.offset + entry.size > num_bytes:
        raise ValueError(
            f"{path.name} ends at byte {num_bytes}, it should reach from byte {entry.offset} "
            f"to {entry.offset + entry.size}"
        )
    with path.open("rb") as file:
        file.seek(entry.offset)
        data = file.read(entry.size)
    if masked(crc32c(data)) != entry.crc:
        raise ValueError(f"{path.name} does not have the checksum from byte {entry.offset}")
    return torch.from_numpy(np.frombuffer(data, dtype).reshape(entry.shape).copy())
