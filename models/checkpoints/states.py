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


def state_to_resume(
    path: Path, parts: Collection[str], identity: str, what: str
) -> dict[str, Any] | None:
    """Return the state in `path`, which has all `parts`; None where there is none.

    Args:
        path: The state of a training, with its identity.
        parts: What it must hold.
        identity: That of the training that wants to go on from it.
        what: What decides an identity, in words.

    Raises:
        ModelError: It is damaged, or of another training.

    """
    if not path.is_file():
        return None
    data = load_state(path, parts)
    if data["identity"] != identity:
        raise ModelError(
            f"{path} is of another training: its {what} differ. Use --fresh to throw it away, or "
            "another --out."
        )
    return data
