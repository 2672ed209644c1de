"""The files of a TensorFlow checkpoint: an `.index` and its `.data`. No torch.

NAME.index, and beside it NAME.data-00000-of-00001, NAME.data-00000-of-00002 ...
"""

import re
from pathlib import Path

from kinetics_builder.errors import ModelError
from models.checkpoints.readers.protobuf import fields
from models.checkpoints.readers.table import read_table

_DATA = re.compile(r"(.+)\.data-\d{5}-of-\d{5}")


def is_index(path: Path) -> bool:
    """Tell whether `path` is, or is the prefix of, a checkpoint's index."""
    return path.suffix == ".index" or (not path.exists() and index_of(path).exists())


def index_of(path: Path) -> Path:
    """Return the index, for the index or the prefix of all files."""
    return path if path.suffix == ".index" else path.with_name(f"{path.name}.index")


def check_there(path: Path) -> None:
    """Raise ModelError unless `path` is there, and with an index all of its data files.

    Raises ModelError as well for an index that is damaged. It costs little: call it first.
    """
    index = index_of(path) if is_index(path) else path
    if not index.is_file():
        raise ModelError(
            f"There is no file {path}. Give a .pt, .pth, .pyth, .pkl or .index file, or the "
            "prefix of a TensorFlow checkpoint."
        )
    if found := _DATA.fullmatch(path.name):
        raise ModelError(
            f"{path} holds weights without their names; give {path.with_name(found[1])}.index, "
            "which has them."
        )
    if not is_index(path):
        return
    _, num_shards = read_index(index)
    missing = [part.name for part in shards(index, num_shards) if not part.is_file()]
    if missing:
        raise ModelError(
            f"{index} says where the weights lie; they lie in {', '.join(missing[:3])}, which "
            f"is not beside it. Fetch it into {index.parent}, under that name."
        )


def shards(index: Path, num_shards: int) -> list[Path]:
    """Return where the data files should lie."""
    names = (f"{index.stem}.data-{n:05d}-of-{num_shards:05d}" for n in range(num_shards))
    return [index.with_name(name) for name in names]


def read_index(index: Path) -> tuple[dict[bytes, bytes], int]:
    """Return the entries by variable, and the number of data files."""
    try:
        table = read_table(index.read_bytes())
        return table, _num_shards(table.pop(b"", None))
    except ValueError as error:
        raise ModelError(
            f"{index} is no index of a TensorFlow checkpoint, or is damaged: {error}. "
            "Fetch it again."
        ) from error


def number(value: int | bytes) -> int:
    """Return a field that is a number; raise ValueError for text."""
    if isinstance(value, bytes):
        raise ValueError("text stands where a number was expected")
    return value


def _num_shards(header: bytes | None) -> int:
    if header is None:
        raise ValueError("it has no header")
    values = dict(fields(header))
    if values.get(2, 0):
        raise ValueError("its numbers are big-endian")
    num_shards = number(values.get(1, 1))
    if not 1 <= num_shards < 100_000:
        raise ValueError(f"it speaks of {num_shards} data files")
    return num_shards
