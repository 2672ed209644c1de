"""Features of clips as a file: Parquet, or NumPy's npz."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kinetics_builder.errors import ModelError
from kinetics_builder.formats import parquet
from kinetics_builder.formats.output import writing_bytes

if TYPE_CHECKING:
    from models.evaluation.features import ClipFeatures

_TEXTS = ("file", "youtube_id", "label", "split")
_COLUMNS = {
    **dict.fromkeys(_TEXTS, "string"),
    "time_start": "int64",
    "time_end": "int64",
    "feature": "list of float",
    "network": "string",
    "layer": "string",
    "weights_sha256": "string",
    "release_sha256": "string",
}
SUFFIXES = (".parquet", ".npz")


def check_name(path: Path) -> None:
    """Raise ModelError for a name that ends in neither of `SUFFIXES`."""
    if path.suffix not in SUFFIXES:
        raise ModelError(f"{path}: expected a name that ends in {' or '.join(SUFFIXES)}.")


def write_features(path: Path, found: "ClipFeatures") -> None:
    """Write one row a clip: its ids, label and split, its features, and which layer gave them.

    Equal features give equal bytes. An npz has the same as arrays: `feature` (N, D), the ids
    (N; the files as `clips`), and `network`, `layer` and the hashes once.

    Raises ModelError as `check_name` does.
    """
    check_name(path)
    told = {
        name: getattr(found, name)
        for name in ("network", "layer", "weights_sha256", "release_sha256")
    }
    if path.suffix == ".parquet":
        rows = zip(found.rows, found.features_ND, strict=True)
        parquet.write(path, _COLUMNS, (_clip(row) | {"feature": one} | told for row, one in rows))
        return
    clips = [_clip(row) for row in found.rows]
    arrays: dict[str, Any] = {name: np.array([clip[name] for clip in clips]) for name in clips[0]}
    arrays["clips"] = arrays.pop("file")
    with io.BytesIO() as held:
        np.savez(held, feature=found.features_ND, **arrays, **told)
        with writing_bytes(path) as file:
            file.write(held.getvalue())


def _clip(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in (*_TEXTS, "time_start", "time_end")}
