"""What the folder of a run says: its card, its log, and each evaluation in it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.errors import FormatError, ModelError
from kinetics_builder.formats.cells import named_rows
from pipelines.learnt.overlap import OVERLAP

if TYPE_CHECKING:
    from models.training.report import TrainReport

EVALUATION, PREDICTIONS, CONFUSION = "evaluation.json", "predictions.csv", "confusion.png"
_SPLITS = ("test", "validate", "train")


@dataclass(frozen=True, slots=True)
class Said:
    """What a network called a clip."""

    predicted: str
    probability: float


@dataclass(frozen=True)
class Evaluation:
    """A network measured once."""

    folder: Path
    values: dict[str, Any]

    @property
    def split(self) -> str:
        """Return what was measured."""
        return str(self.values.get("split", ""))

    @property
    def num_seen(self) -> int:
        """Return how many of its clips the network had learnt from, or from such that look so."""
        overlap = self.values.get("overlap") or {}
        return int(overlap.get("num_shared", 0)) + int(overlap.get("num_alike", 0))

    @property
    def is_of_clips(self) -> bool:
        """Tell whether one label of each clip was asked for."""
        return "confusion" in self.values

    @property
    def confusion(self) -> list[list[int]]:
        """Return the counts: rows are true classes, columns predicted ones."""
        found: list[list[int]] = self.values["confusion"]
        return found

    def said(self) -> dict[str, Said]:
        """Return what was said of each clip, by its file; nothing where that was not kept.

        Raises ModelError where the file is damaged.
        """
        path = self.folder / PREDICTIONS
        if not path.is_file():
            return {}
        try:
            return {
                row["file"]: Said(row["predicted"], float(row["probability"]))
                for row in named_rows(path, ("file", "predicted", "probability"))
            }
        except (ValueError, FormatError) as error:
            raise ModelError(
                f"{path} is damaged ({error}). Measure again: `kbuild evaluate`."
            ) from error


@dataclass(frozen=True)
class RunFiles:
    """A run, as far as its files tell."""

    folder: Path
    card: dict[str, Any]
    report: "TrainReport | None"
    """None for a network that was imported."""
    log: list[dict[str, float]]
    evaluations: tuple[Evaluation, ...]

    @property
    def labels(self) -> list[str]:
        """Return the classes, in the order of the network's answers."""
        return list(self.card["labels"])

    @property
    def main(self) -> Evaluation | None:
        """Return the evaluation that is shown at length: of clips, of the test split if any."""
        of_clips = [one for one in self.evaluations if one.is_of_clips]
        places = {split: place for place, split in enumerate(_SPLITS)}
        return min(of_clips, key=lambda one: places.get(one.split, len(places)), default=None)

    @property
    def missing_share(self) -> float:
        """Return which share of the clips to learn and to validate from was left out."""
        if self.report is None:
            return 0.0
        num_broken = len(self.report.broken)
        return num_broken / max(1, self.report.num_train + self.report.num_validate + num_broken)


def read_run(folder: Path) -> RunFiles:
    """Return what the folder of a run says.

    Raises:
        ModelError: It holds no trained network, or a file in it is damaged.

    """
    from models.checkpoints.weights import read_card
    from models.training.log import read_log
    from models.training.report import read_report

    try:
        card = read_card(folder)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{folder} holds no trained network that can be read ({error}). Give the folder that "
            "`kbuild train-baseline` wrote."
        ) from error
    return RunFiles(
        folder=folder,
        card=card,
        report=read_report(folder),
        log=read_log(folder / "log.jsonl"),
        evaluations=tuple(_evaluations(sorted(folder.glob(f"*/{EVALUATION}")))),
    )


def _evaluations(paths: Iterable[Path]) -> Iterable[Evaluation]:
    for path in paths:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ModelError(
                f"{path} is damaged ({error}). Measure again: `kbuild evaluate`."
            ) from error
        if isinstance(values, dict):
            yield Evaluation(path.parent, values | {"overlap": _overlap(path.parent)})


def _overlap(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / OVERLAP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # measured by another kbuild
    return found if isinstance(found, dict) else {}
