"""What a training run came to."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kinetics_builder.errors import ModelError
from models.checkpoints.files import write_json
from models.clips.release import BrokenClip, Missing

REPORT = "report.json"


@dataclass(frozen=True, kw_only=True)
class TrainReport:
    """A finished run. Stored as `report.json` beside the checkpoint."""

    network: str
    identity: str
    """Hash of network, recipe and release: the same identity is the same run."""
    checkpoint: Path
    labels: tuple[str, ...]
    num_train: int
    num_validate: int
    num_steps: int
    seconds: float
    """Wall time of the session that finished it."""
    metrics: dict[str, float]
    """`train_loss`, `train_accuracy`, and of the validation split `top1` and `top5`."""
    broken: tuple[BrokenClip, ...]
    """Clips of the training and validation splits that could not be read."""
    missing: str = Missing.LEAVE_OUT.value
    """What became of them in the accuracies: a `Missing`."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self) | {"checkpoint": self.checkpoint.name}

    def save(self, folder: Path) -> None:
        """Write `report.json`, the last thing of a run."""
        write_json(folder / REPORT, self.to_json())


def read_report(folder: Path) -> TrainReport | None:
    """Return the report of a finished run, None if the run has not finished."""
    path = folder / REPORT
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        changed = {
            "checkpoint": folder / data["checkpoint"],
            "labels": tuple(data["labels"]),
            "broken": tuple(BrokenClip(**clip) for clip in data["broken"]),
        }
        return TrainReport(**data | changed)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged ({error!r}). Train again with --fresh.") from error


def unique_broken(*lists: Sequence[BrokenClip]) -> tuple[BrokenClip, ...]:
    """Return all broken clips once, by file name."""
    found = {clip.file: clip for clips in lists for clip in clips}
    return tuple(found[file] for file in sorted(found))
