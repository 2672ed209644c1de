"""What an evaluation found."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.checkpoints.files import write_whole
from models.clips.release import BrokenClip
from models.evaluation.predict import Predictions


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """Clips of one label, played backwards."""

    label: str
    opposite: str
    num_clips: int
    num_swapped: int
    """Those that were given the opposite label."""


@dataclass(frozen=True, kw_only=True)
class EvaluationReport:
    """A network measured on one split of a release. Shares are in [0, 1]."""

    network: str
    split: str
    release_sha256: str
    trained_on_sha256: str
    num_clips: int
    num_views: int
    """Views of each clip whose softmax was averaged."""
    missing: str
    """What became of clips that could not be read: a `Missing`."""
    top1: float
    top5: float
    mean_class_accuracy: float
    intervals: dict[str, tuple[float, float]]
    """95 %, by the bootstrap over videos: of the three above, and of `shuffled_top1`."""
    chance: float
    """1 / number of classes."""
    shuffled_top1: float
    """Top-1 on the same clips with their frames shuffled: what appearance alone is worth."""
    reversals: tuple[Reversal, ...]
    reversed_swapped: float | None
    """Share of reversed clips that got the opposite label; None without such clips."""
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows are true labels, columns predicted ones."""
    broken: tuple[BrokenClip, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def write_predictions(path: Path, said: Predictions, labels: Sequence[str]) -> None:
    """Write one line a clip: file, true label, predicted label and its probability."""

    def write(part: Path) -> None:
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["file", "label", "predicted", "probability"])
            for row, scores in zip(said.rows, said.scores_NK, strict=True):
                best = int(scores.argmax())
                writer.writerow([row.file, row.label, labels[best], f"{scores[best]:.4f}"])

    write_whole(path, write)


def write_scores(path: Path, said: Predictions, labels: Sequence[str]) -> None:
    """Write the scores of all classes, (clips, classes), with the clips' files and the classes.

    `kbuild measure kinetics`, `curate suspects` and `classes evidence` read them.
    """

    def write(part: Path) -> None:
        with part.open("wb") as file:
            clips = np.array([row.file for row in said.rows])
            np.savez(file, scores=said.scores_NK, clips=clips, labels=np.array(labels))

    write_whole(path, write)
