"""How far sets of actions agree. Pure functions."""

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from statistics import fmean


def jaccard(some: Collection[int], others: Collection[int]) -> float:
    """Return the share of all actions that both sets have, in [0, 1]; 1 for two empty sets.

    >>> jaccard({12, 17, 80}, {12, 17, 79})
    0.5
    """
    every = set(some) | set(others)
    return len(set(some) & set(others)) / len(every) if every else 1.0


def f1(given: Collection[int], expected: Collection[int]) -> float:
    """Return the harmonic mean of precision and recall, in [0, 1]; 1 for two empty sets.

    >>> f1({12, 17}, {12, 17, 80, 59})
    0.6666666666666666
    """
    number = len(set(given)) + len(set(expected))
    return 2 * len(set(given) & set(expected)) / number if number else 1.0


def is_right_set(given: Collection[int], expected: Collection[int], least: float) -> bool:
    """Tell whether a set is near enough to the known one: `f1` of `least` or more."""
    return f1(given, expected) >= least


def mean_agreement(sets: Mapping[int, Sequence[Collection[int]]]) -> float | None:
    """Return the mean Jaccard index of all pairs of answers to a box, averaged over boxes.

    Boxes with fewer than two answers do not count; None where no box has two.
    """
    of_boxes = [
        fmean(jaccard(one, other) for one, other in combinations(answers, 2))
        for answers in sets.values()
        if len(answers) > 1
    ]
    return fmean(of_boxes) if of_boxes else None
