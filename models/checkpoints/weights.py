"""Weights as safetensors. The format has no checksum: a mark of the file goes into the card."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ModelError
from kinetics_builder.files import FileMark, Keeping
from kinetics_builder.places import raise_if_unread
from models.checkpoints.files import write_bytes

CARD = "card.json"


def write_weights(path: Path, state: Mapping[str, Any]) -> dict[str, Any]:
    """Write the tensors of `state`, and return the file's mark for the card."""
    from safetensors.torch import save

    write_bytes(path, save({key: value.contiguous().cpu() for key, value in state.items()}))
    mark = FileMark.of(path)
    return {"bytes": mark.bytes, "sha256": mark.sha256}


def check_weights(path: Path, card: Mapping[str, Any], again: str) -> None:
    """Raise ModelError, which ends in `again`, unless `path` is the file that `card` marks.

    Cards of before marks were kept are believed as far as the file is there.
    """
    mark = card.get("weights") or {}
    try:
        keeping = FileMark(int(mark["bytes"]), str(mark["sha256"])).keeping(path)
    except KeyError:
        keeping = Keeping.SAME if path.is_file() else Keeping.MISSING
    if keeping is Keeping.MISSING:
        raise ModelError(f"{path} is missing. {again}")
    if keeping is Keeping.CHANGED:
        raise ModelError(
            f"{path} is not the file that was written: its {path.stat().st_size} bytes have "
            f"another SHA-256 than {CARD} says. It is damaged, or was replaced. {again}"
        )


def read_weights(path: Path, card: Mapping[str, Any], again: str) -> dict[str, Any]:
    """Return the tensors in `path`, once `check_weights` has let them pass."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    check_weights(path, card, again)
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise_if_unread(error, path)
        raise ModelError(f"{path} cannot be read: {error}. {again}") from error


def read_card(folder: Path) -> dict[str, Any]:
    """Return the plain values of the card in `folder`.

    Raises OSError where there is none, ValueError where it is damaged.
    """
    data = json.loads((folder / CARD).read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("it holds no values by name")
    return data
