"""Stretches that somebody marked beside the true ones. Pure functions."""

from collections.abc import Sequence
from typing import NamedTuple

from kinetics_builder.intervals import Interval, temporal_iou


class Graded(NamedTuple):
    """How marks stand to the truth."""

    num_met: int
    num_true: int
    num_extra: int
    """Marks that meet no true stretch that is not met by another."""

    @property
    def is_right(self) -> bool:
        """Whether every true stretch is met, and no mark is too many."""
        return self.num_met == self.num_true and not self.num_extra


def pairs_of_marks(
    one: Sequence[Interval], other: Sequence[Interval], least: float
) -> list[tuple[int, int, float]]:
    """Return which stretches of two answers are of one doing, and how far they overlap.

    Those that overlap most are paired first, each once; of equal ones the earliest. Pairs that
    overlap less than `least` are none.

    >>> pairs_of_marks([Interval(0, 10)], [Interval(20, 30), Interval(1, 10)], 0.5)
    [(0, 1, 0.9)]
    """
    found = sorted(
        (-temporal_iou(a, b), place, at)
        for place, a in enumerate(one)
        for at, b in enumerate(other)
    )
    pairs: list[tuple[int, int, float]] = []
    for minus, place, at in found:
        is_free = all(place != pair[0] and at != pair[1] for pair in pairs)
        if -minus >= least and is_free:
            pairs.append((place, at, -minus))
    return pairs


def grade(said: Sequence[Interval], truth: Sequence[Interval], least: float) -> Graded:
    """Return marks beside the truth."""
    num_met = len(pairs_of_marks(said, truth, least))
    return Graded(num_met, len(truth), len(said) - num_met)
