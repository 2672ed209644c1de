"""Charades' measures: mAP and weighted mAP of videos, or of 25 points of time in each."""

from enum import StrEnum

import numpy as np

from kinetics_builder.metrics.charades import (
    NUM_POINTS,
    Floats,
    average_precisions,
    mean_average_precision,
    rank_classes,
    weighted_average_precision,
)
from pipelines.measuring.charades.files import labels_of, num_classes, read_points, read_videos
from pipelines.measuring.resampling import intervals_of
from pipelines.measuring.result import Inputs, Measured


class Task(StrEnum):
    """What is compared."""

    CLASSIFICATION = "classification"
    """Which actions a video has at all (`MAP`, `WAP`)."""
    LOCALIZATION = "localization"
    """Which it has at each of 25 points of time (`Per-Frame MAP`, `Per-Frame WAP`)."""


def measure_charades(inputs: Inputs, task: Task) -> Measured:
    """Compare scores with Charades' ground truth, as its own Matlab code does.

    A class without positives has no average precision: it is left out of the mean, with a
    warning, where the official mean would be NaN. A label map gives the classes their names, and
    says how many there are: 157 without one.

    Raises:
        FormatError: A file that is empty or wrong.

    """
    is_frames = task is Task.LOCALIZATION
    compared = (read_points if is_frames else read_videos)(inputs)
    prefix = "Per-Frame " if is_frames else ""
    groups = np.arange(len(compared.truth_IC)) // NUM_POINTS if is_frames else None
    rankings = rank_classes(compared.scores_IC, compared.truth_IC, groups)
    precisions_C, positives_C = average_precisions(rankings)
    names = _names(inputs)
    empty = [name for name, n in zip(names, positives_C, strict=True) if not n]
    _tell_empty(inputs, empty, len(names))

    def values(weights_V: Floats | None) -> dict[str, float]:
        found_C, totals_C = average_precisions(rankings, weights_V)
        return {
            f"{prefix}MAP": mean_average_precision(found_C),
            f"{prefix}WAP": weighted_average_precision(found_C, totals_C),
        }

    return Measured(
        values=values(None),
        per_class=dict(zip(names, precisions_C.tolist(), strict=True)),
        intervals=intervals_of(values, compared.num_videos, inputs),
        counts={**compared.counts, "classes": int((positives_C > 0).sum())},
    )


def _names(inputs: Inputs) -> list[str]:
    """Return `c000` and so on, with what the label map calls them."""
    labels = labels_of(inputs)
    names = {number: f"c{number:03d}" for number in range(num_classes(labels))}
    for label in labels or ():
        names[label.id] = f"{names[label.id]} {label.name}"
    return list(names.values())


def _tell_empty(inputs: Inputs, names: list[str], total: int) -> None:
    if names:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        inputs.problems(inputs.ground_truth).warning(
            f"{len(names)} of {total} classes do not occur and are left out of the mean "
            f"(the official code's would be NaN): {', '.join(names[:5])}{more}"
        )
