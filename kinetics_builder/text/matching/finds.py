"""What many titles say of classes, as arrays: the best of each class, judged beside all others.

Suffixes of arrays: F a find, J a find of a title beside a sure one of the same title.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.text.matching.loose import Evidence
from kinetics_builder.text.matching.sweep import Ints
from kinetics_builder.text.matching.weighing import BESIDE_LONGER, INSIDE_LONGER, SURE

Floats = NDArray[np.float64]
EVIDENCE = tuple(Evidence)
"""By their numbers in arrays."""


class Finds(NamedTuple):
    """Finds of classes in titles: words `first` to `last` of each title's own."""

    title: Ints
    label: Ints
    score: Floats
    first: Ints
    last: Ints
    variant: Ints
    """Number of its text."""
    evidence: Ints
    """Number in `EVIDENCE`."""
    is_part: NDArray[np.bool_]
    """As `Find.is_part`."""

    @classmethod
    def joined(cls, several: Sequence["Finds"]) -> "Finds":
        """Return finds one after another."""
        return cls(*map(np.concatenate, zip(*several, strict=True)))

    def at(self, which: Ints | NDArray[np.bool_]) -> Self:
        """Return some of the finds."""
        return self._replace(**{name: part[which] for name, part in self._asdict().items()})

    def best(self) -> Self:
        """Return the best find of each class in each title, the first on a tie; by titles."""
        key = self.title * _base(self.label) + self.label
        order = np.lexsort((-self.score, key))
        return self.at(order[is_first(key[order])])

    def score_of(self, title_F: Ints, label_F: Ints) -> Floats:
        """Return the scores of classes in titles, of which these are the `best`; 0 without one."""
        if not len(self.title):
            return np.zeros(len(title_F))
        base = max(_base(self.label), _base(label_F))
        known, wanted = self.title * base + self.label, title_F * base + label_F
        at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        return np.where(known[at] == wanted, self.score[at], 0.0)

    def judged(self, is_long: NDArray[np.bool_]) -> Floats:
        """Return the scores by what each title says of other classes, of the `best` in it.

        `is_long` says of a class whether a name of it has several words that carry meaning.
        """
        find_J, other_J = self._beside_sure()
        is_longer_J = self._is_inside(find_J, other_J)
        longer_F = np.zeros(len(self.title))
        np.maximum.at(longer_F, find_J[is_longer_J], self.score[other_J[is_longer_J]])
        is_beside_F = np.zeros(len(self.title), bool)
        is_beside_F[find_J[is_long[self.label[other_J]]]] = True
        is_beside_F &= ~is_long[self.label] & (longer_F == 0)
        score = np.where(is_beside_F, self.score * BESIDE_LONGER, self.score)
        return np.where(longer_F > 0, INSIDE_LONGER * np.minimum(self.score, longer_F), score)

    def _beside_sure(self) -> tuple[Ints, Ints]:
        """Return each find with each sure one of another class in the same title."""
        sure = np.flatnonzero(self.score >= SURE)
        begin_F = np.searchsorted(self.title[sure], self.title)
        count_F = np.searchsorted(self.title[sure], self.title, side="right") - begin_F
        find_J = np.repeat(np.arange(len(self.title)), count_F)
        other_J = sure[begin_F[find_J] + within(count_F)]
        is_other = find_J != other_J
        return find_J[is_other], other_J[is_other]

    def _is_inside(self, find_J: Ints, other_J: Ints) -> NDArray[np.bool_]:
        first, last = self.first, self.last
        inside = (first[other_J] <= first[find_J]) & (last[find_J] <= last[other_J])
        more = (last - first)[other_J] - (last - first)[find_J]
        is_part_J = self.is_part[find_J] & ~self.is_part[other_J]
        return np.asarray(inside & ((more > 0) | is_part_J))


def within(count: Ints) -> Ints:
    """Return 0, 1, ... for each count, up to it.

    >>> within(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    begins = np.cumsum(count) - count
    return np.arange(int(count.sum())) - np.repeat(begins, count)


def rounded(score: Floats) -> Floats:
    """Return scores as `round(score, 4)` gives them, to the last digit.

    >>> rounded(np.array([0.123449999, 0.12345, 1.0])).tolist()
    [0.1234, 0.1235, 1.0]
    """
    scaled = score * _SCALE
    found = np.rint(scaled) / _SCALE
    for at in np.flatnonzero(np.abs(scaled % 1 - 0.5) < _IN_DOUBT).tolist():
        found[at] = round(float(score[at]), 4)
    return np.asarray(found)


_SCALE = 10_000
_IN_DOUBT = 1e-6
"""How near to the middle between two results a scaled score is looked at digit by digit."""


def is_first(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of sorted keys are not equal to the one before."""
    found = np.ones(len(keys), bool)
    found[1:] = keys[1:] != keys[:-1]
    return found


def _base(label: Ints) -> int:
    return int(label.max(initial=0)) + 1
