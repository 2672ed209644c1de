"""Dawid and Skene: each worker has habits of their own, for each true label.

Source: Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using the
EM algorithm". Shapes, as name suffixes: V votes, Q questions, W workers, L labels (given), T
labels (true), C cells: pairs of a worker and a label that this worker gave at least once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats, Places
from kinetics_builder.crowd.truth.em import maximise
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.options import Options


def dawid_skene(answers: Answers, options: Options) -> Estimate:
    """Return the estimate of full confusion matrices, fitted by expectation-maximisation.

    For each true label a worker counts at least `options.smoothing` answers of every label that
    this worker has ever given. Memory grows by T times Q and T times C.
    """
    cells = _Cells.of(answers)

    def model(posterior_TQ: Floats) -> Floats:
        log_TC = np.log(cells.confusion_TC(posterior_TQ, options.smoothing))
        return _stacked(answers.sums_Q(log_C[cells.cell_V]) for log_C in log_TC)

    return maximise(answers, options, model)


def confusion_WTL(answers: Answers, posterior_QL: Floats, options: Options) -> Floats:
    """Return the probability that a worker gives label L where T is true, given what is believed.

    Rows (W, T) sum to 1 for workers who answered anything, and are 0 for others.
    """
    cells, num_labels = _Cells.of(answers), answers.num_labels
    confusion_TC = cells.confusion_TC(np.nan_to_num(posterior_QL.T), options.smoothing)
    confusion_WTL = np.zeros((answers.num_workers, num_labels, num_labels))
    confusion_WTL[cells.worker_C, :, cells.label_C] = confusion_TC.T
    return confusion_WTL


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The pairs of worker and label that there are, sorted, and which one each vote is of."""

    answers: Answers
    worker_C: Places
    label_C: Places
    cell_V: Places

    @classmethod
    def of(cls, answers: Answers) -> Self:
        """Return the cells of answers."""
        code_V = answers.worker_V * answers.num_labels + answers.label_V
        is_there = np.zeros(answers.num_workers * answers.num_labels, np.bool_)
        is_there[code_V] = True
        place_of = np.cumsum(is_there) - 1
        worker_C, label_C = np.divmod(np.flatnonzero(is_there), max(answers.num_labels, 1))
        return cls(answers, worker_C, label_C, place_of[code_V])

    def confusion_TC(self, posterior_TQ: Floats, smoothing: float) -> Floats:
        """Return the probability that its worker gives a cell's label, for each true label."""
        question_V, num_cells = self.answers.question_V, len(self.worker_C)
        seen_TC = _stacked(
            np.bincount(self.cell_V, weights=posterior_Q[question_V], minlength=num_cells)
            for posterior_Q in posterior_TQ
        )
        np.maximum(seen_TC, smoothing, out=seen_TC)
        seen_TW = _stacked(
            np.bincount(self.worker_C, weights=seen_C, minlength=self.answers.num_workers)
            for seen_C in seen_TC
        )
        seen_TC /= seen_TW[:, self.worker_C]
        return seen_TC


def _stacked(rows: Iterable[Floats | Places]) -> Floats:
    return np.array(list(rows), np.float64)
