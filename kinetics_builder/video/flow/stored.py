"""The flow of one clip as a file: an Arrow file, each field a record that is read on its own.

A field is kept as its two planes, x before y, packed by zstd: nothing is lost. Videos without loss
are a third smaller and take four times as long to be read (`benchmarks/results/flow_storage.md`).

Shapes, as name suffixes: H height, W width, 2 directions: x to the right, y down.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from kinetics_builder.formats.output import writing_bytes
from kinetics_builder.places import raise_if_unread
from kinetics_builder.video.flow.levels import Levels

_PACKED, _LEVEL = "zstd", 9
_SIZE = ("height", "width")


class UnreadableFlow(Exception):
    """A file that is damaged, or holds no flow. Its text says what."""


def write_flow(path: Path, fields: Iterator[Levels], told: Mapping[str, str]) -> int:
    """Write fields (H, W, 2) of one size, whole or not at all; return how many there are.

    Raises OSError where the disk does not take it.

    Args:
        path: Where; its folder is made.
        fields: At least one.
        told: What the file says of itself.

    """
    import pyarrow
    from pyarrow import ipc

    first = next(fields)
    size = dict(zip(_SIZE, map(str, first.shape), strict=False))
    schema = pyarrow.schema([("field", pyarrow.binary())]).with_metadata({**told, **size})
    packed = pyarrow.Codec(_PACKED, compression_level=_LEVEL)
    options = ipc.IpcWriteOptions(compression=packed, use_threads=False)
    num_fields = 0
    with writing_bytes(path) as file, ipc.new_file(file, schema, options=options) as writer:
        for field in _with_first(first, fields):
            record = pyarrow.array([np.moveaxis(field, -1, 0).tobytes()], pyarrow.binary())
            writer.write_batch(pyarrow.record_batch([record], schema=schema))
            num_fields += 1
    return num_fields


def _with_first(first: Levels, rest: Iterator[Levels]) -> Iterator[Levels]:
    yield first
    yield from rest


@dataclass(frozen=True)
class StoredFlow:
    """A file of flow that is open."""

    path: Path
    file: Any
    told: dict[str, str]
    """What the file says of itself."""
    height: int
    width: int

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Self]:
        """Let the block read the file.

        Raises:
            UnreadableFlow: It holds no flow.
            FileNotFoundError: There is none.

        """
        import pyarrow
        from pyarrow import ipc

        options = ipc.IpcReadOptions(use_threads=False)
        with pyarrow.memory_map(str(path)) as source:
            try:
                file = ipc.open_file(source, options=options)
                told = {key.decode(): text.decode() for key, text in _metadata(file).items()}
                height, width = (int(told.pop(name)) for name in _SIZE)
            except (pyarrow.ArrowException, OSError, KeyError, ValueError) as error:
                raise_if_unread(error, path)
                raise UnreadableFlow(f"{path.name} holds no flow: {error}") from error
            yield cls(path, file, told, height, width)

    @property
    def num_fields(self) -> int:
        """Return how many fields there are."""
        return int(self.file.num_record_batches)

    def field(self, number: int) -> Levels:
        """Return one field, (H, W, 2).

        Raises:
            UnreadableFlow: It is damaged.

        """
        import pyarrow

        try:
            data = self.file.get_batch(number).column(0)[0].as_buffer()
            planes_2HW = np.frombuffer(data, np.uint8).reshape(2, self.height, self.width)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise_if_unread(error, self.path)
            raise UnreadableFlow(f"field {number} of {self.path.name}: {error}") from error
        return np.moveaxis(planes_2HW, 0, -1)


def _metadata(file: Any) -> "dict[bytes, bytes]":
    return dict(file.schema.metadata or {})
