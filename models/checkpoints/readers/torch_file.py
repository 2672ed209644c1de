"""Torch's own files, read with `weights_only=True`: tensors and plain values, no code."""

from pathlib import Path
from typing import Any

from torch import Tensor

from kinetics_builder.errors import ModelError
from models.checkpoints.torch_files import UnreadableTorchFile, load_torch

WRAPPERS = ("model_state", "state_dict", "model", "net")
"""Where training frameworks keep the weights, beside the optimiser's state and the epoch."""
_PARALLEL = "module."


def read_torch(path: Path) -> dict[str, Tensor]:
    """Return the tensors by key, without the prefix that DataParallel puts before all of them.

    Raises ModelError for a file that is cut off or damaged, that needs code to be read, or has
    other contents.
    """
    try:
        data: Any = load_torch(path)
    except UnreadableTorchFile as error:
        raise ModelError(
            f"{path} ({path.stat().st_size} bytes) is no whole torch file of plain weights: "
            f"{error}. Nothing in it was executed. Fetch it again, or save its "
            "state_dict alone."
        ) from error
    for wrapper in WRAPPERS:
        if isinstance(data, dict) and isinstance(data.get(wrapper), dict):
            data = data[wrapper]
            break
    return _plain(path, data)


def _plain(path: Path, data: object) -> dict[str, Tensor]:
    if not isinstance(data, dict) or not data:
        raise ModelError(
            f"{path} holds a {type(data).__name__}, expected tensors by key, or one of "
            f"{', '.join(WRAPPERS)} with them."
        )
    for key, value in data.items():
        if not isinstance(value, Tensor):
            raise ModelError(f"{path}: {str(key)!r} is a {type(value).__name__}, not a tensor.")
    is_parallel = all(str(key).startswith(_PARALLEL) for key in data)
    return {str(key)[len(_PARALLEL) if is_parallel else 0 :]: value for key, value in data.items()}
