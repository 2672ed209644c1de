"""Whether classes hold one group of people above others, and whether a network errs more on some.

The method of the bias study of arXiv:1705.06950: groups as people named them, errors of each class
by group. Two things are told apart: how a class is put together, and how it is judged.

Shapes, as name suffixes: V clips, one of a class and a group each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from kinetics_builder.metrics.kinetics import Floats, Ints

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group within a class."""

    label: int
    group: int
    num_clips: int
    share: float
    """Of the class's clips whose group is known, in (0, 1]."""
    accuracy: float
    """Share of its clips that were right, in [0, 1]."""
    accuracy_of_others: float
    """The same of the class's other groups together; NaN where there are none."""
    p: float
    """Of a difference as large by chance: Fisher's exact test, two-sided; 1 where there are no
    others."""
    p_of_all: float
    """The same, held against how many were tested at once (Holm): below 0.05 any such row is
    mistaken in one study of twenty at most."""


def group_rows(labels_V: Ints, groups_V: Ints, is_right_V: Flags, least: int = 1) -> list[GroupRow]:
    """Return a row for each group of each class, in their order.

    Args:
        labels_V: Class of each clip.
        groups_V: Group of each clip, from 0 on; negative: not known, left out.
        is_right_V: Which clips were judged right.
        least: Clips that a group and the others of its class must have each for a test.

    >>> labels, groups = np.zeros(8, int), np.array([0] * 4 + [1] * 4)
    >>> row = group_rows(labels, groups, groups == 0)[0]
    >>> row.accuracy, row.accuracy_of_others, round(row.p, 4)
    (1.0, 0.0, 0.0286)

    """
    known = groups_V >= 0
    rows = list(_rows(labels_V[known], groups_V[known], is_right_V[known], least))
    tested = [at for at, row in enumerate(rows) if not np.isnan(row.p)]
    found = holm(np.array([rows[at].p for at in tested]))
    for at, p in zip(tested, found.tolist(), strict=True):
        rows[at] = replace(rows[at], p_of_all=p)
    return [row if not np.isnan(row.p) else replace(row, p=1.0, p_of_all=1.0) for row in rows]


def _rows(labels: Ints, groups: Ints, is_right: Flags, least: int) -> Iterator[GroupRow]:
    for label in np.unique(labels).tolist():
        of_class = labels == label
        for group in np.unique(groups[of_class]).tolist():
            mine, others = of_class & (groups == group), of_class & (groups != group)
            num_mine, num_others = int(mine.sum()), int(others.sum())
            right, right_of_others = int(is_right[mine].sum()), int(is_right[others].sum())
            is_tested = num_mine >= least and num_others >= max(1, least)
            yield GroupRow(
                label,
                group,
                num_mine,
                num_mine / int(of_class.sum()),
                right / num_mine,
                right_of_others / num_others if num_others else np.nan,
                _chance(right, num_mine, right_of_others, num_others) if is_tested else np.nan,
                1.0,
            )


def _chance(right: int, num: int, right_of_others: int, num_others: int) -> float:
    table = [[right, num - right], [right_of_others, num_others - right_of_others]]
    return min(1.0, float(fisher_exact(table)[1]))


def holm(p_values: Floats) -> Floats:
    """Return p-values held against how many were tested at once, by Holm's method.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p_values, kind="stable")
    steps = p_values[order] * (len(p_values) - np.arange(len(p_values)))
    adjusted = np.empty_like(p_values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return adjusted


def dominated(rows: Sequence[GroupRow], share: float) -> list[GroupRow]:
    """Return the groups that make up `share` of their class or more: 0.5 < `share` <= 1."""
    return [row for row in rows if row.share >= share]
