"""A foreign file of weights, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from zipfile import is_zipfile

from torch import Tensor

from models.checkpoints.readers.bundle import check_there, index_of, is_index, read_index, shards
from models.checkpoints.readers.caffe2 import read_caffe2
from models.checkpoints.readers.tensorflow import read_tensorflow
from models.checkpoints.readers.torch_file import read_torch


class Origin(StrEnum):
    """Which program wrote a file."""

    TORCH = "torch"
    CAFFE2 = "caffe2"
    TENSORFLOW = "tensorflow"


@dataclass(frozen=True)
class ForeignWeights:
    """Tensors under the names their authors gave them."""

    origin: Origin
    files: tuple[Path, ...]
    tensors: Mapping[str, Tensor]


def read_foreign(path: Path) -> ForeignWeights:
    """Read `.index` (or the prefix before it) as TensorFlow's, `.pkl` as Caffe2's, else torch's.

    A `.pkl` that is a zip archive is torch's. Raises ModelError for a file that is missing,
    damaged, or would run code.
    """
    check_there(path)
    if is_index(path):
        index = index_of(path)
        files = (index, *shards(index, read_index(index)[1]))
        return ForeignWeights(Origin.TENSORFLOW, files, read_tensorflow(path))
    if path.suffix == ".pkl" and not is_zipfile(path):
        return ForeignWeights(Origin.CAFFE2, (path,), read_caffe2(path))
    return ForeignWeights(Origin.TORCH, (path,), read_torch(path))
