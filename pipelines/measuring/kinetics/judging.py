"""True labels of Kinetics' clips, looked up in predictions of any form.

Shapes, as name suffixes: V clips, T true pairs of a clip and a label, P predictions.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.metrics.kinetics import Ints, prediction_ranks, truth_pair_ranks
from pipelines.measuring.kinetics.matrix import Matrix, is_matrix, read_matrix
from pipelines.measuring.kinetics.matrix_rows import judge, rows_of_units
from pipelines.measuring.kinetics.predictions import read_lists
from pipelines.measuring.kinetics.summing import Naming, Other, summed
from pipelines.measuring.kinetics.truth import TrueClip, Units
from pipelines.measuring.result import Inputs

_TOP_KS = (1, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How far up each true label of a clip was predicted, whatever the predictions came as."""

    units_T: Ints
    labels_T: Ints
    ranks_T: Ints
    best_T: Ints
    """The best label of the pair's clip; -1 without a prediction."""
    num_units: int
    labels: list[str]
    num_true_labels: int
    """How many of `labels` the ground truth (or the label map) has; others follow."""
    top_ks: tuple[int, ...]
    counts: dict[str, int]


def judge_predictions(
    inputs: Inputs,
    rows: list[TrueClip],
    rows_file: Path | None = None,
    blocked: frozenset[str] = frozenset(),
    other: Other | None = None,
) -> Judged:
    """Read the predictions that `inputs` names, and look up each true label in them.

    With `other`, in the sum of both.

    Raises:
        ConfigError: A matrix without a label map.
        FormatError: A file that is empty or wrong, or labels that a label map does not have.

    """
    mapped = _mapped_labels(inputs)
    if other is not None:
        both = summed(inputs, other, Naming(rows, rows_file, mapped))
        return _judge_matrix(inputs, rows, both, blocked)
    if is_matrix(inputs.predictions):
        return _judge_matrix(inputs, rows, read_matrix(inputs, rows_file, mapped), blocked)
    labels = mapped or sorted({row.label for row in rows})
    numbers = _numbers(labels, rows, inputs)
    units, predicted = read_lists(inputs, rows, numbers, blocked)
    pairs_T2 = _pairs(units, rows, numbers)
    ranks_P = prediction_ranks(predicted.units_P, predicted.scores_P)
    predicted_P2 = np.stack([predicted.units_P, predicted.labels_P], axis=1)
    best_V = np.full(units.num_units, -1, np.int64)
    is_best_P = ranks_P == 0
    best_V[predicted.units_P[is_best_P]] = predicted.labels_P[is_best_P]
    return Judged(
        units_T=pairs_T2[:, 0],
        labels_T=pairs_T2[:, 1],
        ranks_T=truth_pair_ranks(pairs_T2, predicted_P2, ranks_P),
        best_T=best_V[pairs_T2[:, 0]],
        num_units=units.num_units,
        labels=list(numbers),
        num_true_labels=len(labels),
        top_ks=_TOP_KS[:1] if predicted.has_one_label else _TOP_KS,
        counts=predicted.counts,
    )


def _judge_matrix(
    inputs: Inputs, rows: list[TrueClip], matrix: Matrix, blocked: frozenset[str]
) -> Judged:
    numbers = _numbers(matrix.labels, rows, inputs)
    units = Units.of(rows, by_video=False)
    row_of_unit = rows_of_units(matrix, units, inputs, blocked)
    pairs_T2 = _pairs(units, rows, numbers)
    units_T, labels_T = pairs_T2[:, 0], pairs_T2[:, 1]
    ranks_T, best_T = judge(matrix, row_of_unit[units_T], labels_T)
    return Judged(
        units_T=units_T,
        labels_T=labels_T,
        ranks_T=ranks_T,
        best_T=best_T,
        num_units=units.num_units,
        labels=matrix.labels,
        num_true_labels=len(matrix.labels),
        top_ks=_TOP_KS,
        counts={"rows of scores": len(matrix.scores_NK)},
    )


def _mapped_labels(inputs: Inputs) -> list[str] | None:
    if inputs.label_map is None:
        return None
    return [label.name for label in read_label_map(inputs.label_map)]


def _numbers(labels: list[str], rows: list[TrueClip], inputs: Inputs) -> dict[str, int]:
    """Return the labels' numbers.

    Raises:
        FormatError: A label that stands twice, or one of the ground truth that is missing.

    """
    numbers = {label: number for number, label in enumerate(labels)}
    if len(numbers) != len(labels):
        twice = Counter(labels).most_common(1)[0][0]
        raise FormatError(f"{inputs.label_map or inputs.predictions}: {twice!r} stands twice.")
    for row in rows:
        if row.label not in numbers:
            raise FormatError(
                f"{inputs.ground_truth}: {row.key} has the label {row.label!r}, which is not "
                f"among the {len(labels)} labels of {inputs.label_map or inputs.predictions}."
            )
    return numbers


def _pairs(units: Units, rows: list[TrueClip], numbers: dict[str, int]) -> Ints:
    """Return the pairs (T, 2) of a unit and a label, each once, in the order of the rows."""
    labels = (numbers[row.label] for row in rows)
    pairs = dict.fromkeys(zip(units.unit_of_row.tolist(), labels, strict=True))
    return np.array(list(pairs), np.int64)
