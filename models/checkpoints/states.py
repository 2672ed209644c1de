"""The state of a run that goes on: read back whole, or refused."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ModelError
from models.checkpoints.torch_files import UnreadableTorchFile, load_torch


def load_state(path: Path, parts: Collection[str]) -> dict[str, Any]:
    """Return the state in `path`, which has all `parts`.

    Raises ModelError for what is damaged or no state, FileNotFoundError where there is none.
    """
    try:
        data = load_torch(path)
    except UnreadableTorchFile as error:
        raise ModelError(
            f"{path} is damaged ({error}), and nothing of it was taken. Put a copy in its place "
            "to go on from there, or train again with --fresh."
        ) from error
    if not isinstance(data, dict) or not data.keys() >= set(parts):
        raise ModelError(f"{path} is no state of a run. Move it away, or train with --fresh.")
    return data
