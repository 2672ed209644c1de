"""The measures of Kinetics: errors at 1 and 5 as the challenge has them, and by class.

Shapes, as name suffixes: V clips, T true pairs of a clip and a label, K classes.
"""

from pathlib import Path

import numpy as np

from kinetics_builder.formats.output import csv_line, writing_text
from kinetics_builder.metrics.classification import confusion_matrix
from kinetics_builder.metrics.kinetics import (
    Floats,
    class_accuracies,
    hit_at_k,
    hits_per_video,
)
from pipelines.measuring.blocked import read_blocked
from pipelines.measuring.kinetics.judging import Judged, judge_predictions
from pipelines.measuring.kinetics.summing import Other
from pipelines.measuring.kinetics.truth import read_truth
from pipelines.measuring.resampling import Statistics, intervals_of
from pipelines.measuring.result import Inputs, Measured


def measure_kinetics(
    inputs: Inputs,
    *,
    split: str | None = None,
    rows_file: Path | None = None,
    blocked: Path | None = None,
    confusion: Path | None = None,
    other: Other | None = None,
) -> Measured:
    """Compare predictions with the labels of a split.

    The values are the challenge's `Error@1`, `Error@5` and their mean, by which it ranks;
    `Hit@k` is 1 - `Error@k`, and `Avg Hit@k` the official code's other rule for clips with
    several labels. A `predictions.csv` names one label a clip and gives the values at 1 alone.
    `blocked` lists videos or clips to leave out on both sides, as the official code leaves out
    those that are gone. `confusion` is a CSV file to write. With `other`, what is measured is the
    weighted sum of both files' scores.

    Raises:
        ConfigError: Several splits, or a matrix without a label map.
        FormatError: A file that is empty or wrong, or labels that a label map does not have.

    """
    left_out = read_blocked(blocked, inputs)
    rows = read_truth(inputs, split, left_out)
    judged = judge_predictions(inputs, rows, rows_file, left_out, other)
    _tell_missing(inputs, judged)
    if confusion is not None:
        _write_confusion(confusion, judged)
    accuracies_K = class_accuracies(judged.ranks_T, judged.labels_T, judged.num_true_labels)
    names = judged.labels[: judged.num_true_labels]
    statistics = _statistics(judged)
    return Measured(
        values=statistics(None),
        per_class=dict(zip(names, accuracies_K.tolist(), strict=True)),
        intervals=intervals_of(statistics, judged.num_units, inputs),
        counts={"clips": judged.num_units, **judged.counts},
    )


def _tell_missing(inputs: Inputs, judged: Judged) -> None:
    num_missing = len(np.unique(judged.units_T[judged.best_T < 0]))
    judged.counts["clips without prediction"] = num_missing
    if num_missing:
        inputs.problems(inputs.predictions).warning(
            f"{num_missing:,} of {judged.num_units:,} clips have no prediction; they are wrong"
        )


def _statistics(judged: Judged) -> Statistics:
    """Return the function from weights of clips to the values."""
    hits_V = {
        f"{name}@{k}": hits_per_video(
            judged.ranks_T, judged.units_T, judged.num_units, k, is_averaged=is_averaged
        )
        for name, is_averaged in (("Hit", False), ("Avg Hit", True))
        for k in judged.top_ks
    }

    def values(weights_V: Floats | None) -> dict[str, float]:
        hits = {name: hit_at_k(found_V, weights_V) for name, found_V in hits_V.items()}
        errors = {f"Error@{k}": 1 - hits[f"Hit@{k}"] for k in judged.top_ks}
        mean = sum(errors.values()) / len(errors)
        average = {"Average error": mean} if len(errors) > 1 else {}
        return {**average, **errors, **hits, "Mean class accuracy": _by_class(judged, weights_V)}

    return values


def _by_class(judged: Judged, weights_V: Floats | None) -> float:
    """Return the mean of the classes' own accuracies; classes without clips do not count."""
    weights_T = None if weights_V is None else weights_V[judged.units_T]
    accuracies_K = class_accuracies(
        judged.ranks_T, judged.labels_T, judged.num_true_labels, weights_T
    )
    present_K = accuracies_K[~np.isnan(accuracies_K)]
    return float(present_K.mean()) if len(present_K) else float("nan")


def _write_confusion(path: Path, judged: Judged) -> None:
    """Write a row for each true label: how often each label was the best; none, last."""
    num_labels = len(judged.labels)
    best_T = np.where(judged.best_T < 0, num_labels, judged.best_T)
    counts = confusion_matrix(best_T, judged.labels_T, num_labels + 1)
    with writing_text(path) as file:
        file.write(csv_line(["label", *judged.labels, "(no prediction)"]))
        for label, row in zip(judged.labels, counts[:num_labels].tolist(), strict=True):
            file.write(csv_line([label, *row]))
