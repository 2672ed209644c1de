"""How much two actions go together: normalised pointwise mutual information (NPMI).

    NPMI(x, y) = ln( p(x, y) / (p(x) p(y)) ) / -ln p(x, y)

-1: never together; 0: as often as by chance; 1: each only with the other (Bouma 2009; used for
AVA in arXiv:1705.08421, section 4). Every probability is a count divided by the number of the
same units (pairs of moments, of persons, or boxes), without smoothing: `Counts` says which.

Shapes, as name suffixes: K actions, P pairs of actions, U units, L labels of all units, E actions
that are frequent enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_CHUNK = 1 << 22
"""Pairs of labels looked at together."""


class Sides(Enum):
    """Which pairs there are."""

    TWO = "first and second are of different things: all pairs"
    EQUAL = "first and second are of things of one kind: each pair once, first <= second"
    ONE = "first and second are of the same thing: each pair of different actions once"

    def has(self, first_P: Ints, second_P: Ints) -> NDArray[np.bool_]:
        """Tell which pairs these are."""
        if self is Sides.TWO:
            return np.ones(len(first_P), bool)
        return first_P <= second_P if self is Sides.EQUAL else first_P < second_P


class Pair(NamedTuple):
    """Two actions, and how they go together."""

    first: int
    """A place among the actions."""
    second: int
    num_units: int
    """That have both."""
    expected: float
    """How many would if the two had nothing to do with one another."""
    npmi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often actions stand in units, alone and together."""

    num_units: int
    sides: Sides
    first_K: Ints
    """Units that have the action on their first side."""
    second_K: Ints
    """The same on the second side."""
    pairs_P2: Ints
    """Pairs that some unit has, as places among the actions; the rest is in no unit."""
    counts_P: Ints

    def pairs(self, least: int) -> list[Pair]:
        """Return the pairs with enough to tell, from the strongest NPMI to the weakest.

        That is those which `least` units have, or would have by chance (so that what is never
        together is seen as well). No pair where every unit has both: 0 divided by 0.
        """
        known = {
            (int(first), int(second)): int(count)
            for (first, second), count in zip(self.pairs_P2, self.counts_P, strict=True)
        }
        likely = dict.fromkeys(self._likely(least), 0)
        found = [
            self._pair(first, second, count)
            for (first, second), count in (likely | known).items()
            if count < self.num_units and (count >= least or (first, second) in likely)
        ]
        return sorted(found, key=lambda pair: (-pair.npmi, pair.expected, pair[:2]))

    def _pair(self, first: int, second: int, count: int) -> Pair:
        expected = float(self.first_K[first] * self.second_K[second] / self.num_units)
        return Pair(first, second, count, expected, npmi(count, expected, self.num_units))

    def _likely(self, least: int) -> Iterator[tuple[int, int]]:
        """Yield the pairs that `least` units would have by chance."""
        order_K = np.argsort(-self.second_K, kind="stable")
        falling_K = -self.second_K[order_K]
        for first, count in enumerate(self.first_K.tolist()):
            if count:
                enough = np.searchsorted(falling_K, -least * self.num_units / count, side="right")
                second_E = order_K[:enough]
                is_pair_E = self.sides.has(np.full(enough, first), second_E)
                yield from ((first, second) for second in second_E[is_pair_E].tolist())


def npmi(count: float, expected: float, num_units: float) -> float:
    """Return the NPMI of two things that `count` of the units have, `expected` by chance.

    >>> npmi(25, 25, 100), npmi(0, 25, 100), npmi(50, 25, 100)
    (0.0, -1.0, 1.0)
    """
    if count == 0:
        return -1.0
    return float(np.log(count / expected) / -np.log(count / num_units))


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """Units and the actions of each, all labels in the order of their units."""

    starts_U: Ints
    """Where the labels of a unit begin."""
    lengths_U: Ints
    """How many different actions a unit has."""
    action_L: Ints
    """Places among the actions."""
    times_L: Ints
    """How often the unit has the action: 1, but where several persons are one unit."""
    num_actions: int

    @classmethod
    def of(cls, unit_N: Ints, action_N: Ints, num_units: int, num_actions: int) -> "Labelled":
        """Return the units that rows of a unit and an action make; repeated rows are counted."""
        key_L, times_L = np.unique(unit_N * num_actions + action_N, return_counts=True)
        unit_L, action_L = np.divmod(key_L, max(1, num_actions))
        lengths_U = np.bincount(unit_L, minlength=num_units)
        return cls(
            starts_U=np.cumsum(lengths_U) - lengths_U,
            lengths_U=lengths_U,
            action_L=action_L,
            times_L=times_L,
            num_actions=num_actions,
        )

    def once(self) -> "Labelled":
        """Return the same units, each of whose actions stands once."""
        return self.weighted(np.ones_like(self.times_L))

    def weighted(self, times_L: Ints) -> "Labelled":
        """Return the same units with other numbers of times."""
        return Labelled(
            starts_U=self.starts_U,
            lengths_U=self.lengths_U,
            action_L=self.action_L,
            times_L=times_L,
            num_actions=self.num_actions,
        )

    def unit_L(self) -> Ints:
        """Return the unit of each label."""
        return np.repeat(np.arange(len(self.lengths_U)), self.lengths_U)

    def totals(self, units_U: Ints) -> Ints:
        """Return how often each action stands in these units, which may come repeatedly."""
        weight_U = np.bincount(units_U, minlength=len(self.lengths_U))
        weight_L = self.times_L * np.repeat(weight_U, self.lengths_U)
        return _whole(np.bincount(self.action_L, weight_L, self.num_actions))


class Together(NamedTuple):
    """Pairs of actions, first * num_actions + second, and how often each was met."""

    key_P: Ints
    count_P: Ints

    def added_to(self, other: "Together", sign: int = 1) -> "Together":
        """Return these added to others (or taken from them); pairs that are left with none go."""
        return _gathered(
            np.concatenate([other.key_P, self.key_P]),
            np.concatenate([other.count_P, sign * self.count_P]),
        )


def together(firsts: Labelled, seconds: Labelled, units_U: Ints, others_U: Ints) -> Together:
    """Count the pairs of an action of each unit and one of the other unit at its place."""
    found = Together(np.zeros(0, np.int64), np.zeros(0, np.int64))
    sizes_U = firsts.lengths_U[units_U] * seconds.lengths_U[others_U]
    ends_U = np.cumsum(sizes_U)
    start = 0
    while start < len(units_U):
        before = ends_U[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends_U, before + _CHUNK, side="right")))
        part = _part(firsts, seconds, units_U[start:stop], others_U[start:stop])
        found = part.added_to(found)
        start = stop
    return found


def _part(firsts: Labelled, seconds: Labelled, units_U: Ints, others_U: Ints) -> Together:
    first_L, of_first_L = _labels(firsts, units_U)
    # Each label of the first unit meets all labels of the other one.
    lengths_L = seconds.lengths_U[others_U[of_first_L]]
    second_P = _spread(seconds.starts_U[others_U[of_first_L]], lengths_L)
    first_P = np.repeat(first_L, lengths_L)
    key_P = firsts.action_L[first_P] * seconds.num_actions + seconds.action_L[second_P]
    return _gathered(key_P, firsts.times_L[first_P] * seconds.times_L[second_P])


def _labels(of: Labelled, units_U: Ints) -> tuple[Ints, Ints]:
    """Return the places of all labels of some units, and which of the units each belongs to."""
    lengths_U = of.lengths_U[units_U]
    places_L = _spread(of.starts_U[units_U], lengths_U)
    return places_L, np.repeat(np.arange(len(units_U)), lengths_U)


def _spread(starts_U: Ints, lengths_U: Ints) -> Ints:
    """Return start, start + 1 ... for each stretch, one behind the other."""
    before_U = np.cumsum(lengths_U) - lengths_U
    place_L: Ints = np.repeat(starts_U - before_U, lengths_U) + np.arange(lengths_U.sum())
    return place_L


def _gathered(key_P: Ints, count_P: Ints) -> Together:
    if len(key_P) and key_P.max() < _CHUNK:  # few actions: a place for every pair there may be
        every = _whole(np.bincount(key_P, count_P))
        keys: Ints = np.flatnonzero(every)
        return Together(keys, every[keys])
    import pandas as pd  # Here alone: it takes a second to import.

    codes_P, keys = pd.factorize(key_P)
    counts = _whole(np.bincount(codes_P, count_P, len(keys)))
    return Together(keys[counts != 0], counts[counts != 0])


def _whole(counts: NDArray[Any]) -> Ints:
    """Return sums of whole numbers, which doubles hold exactly up to 2^53."""
    whole: Ints = np.rint(counts).astype(np.int64)
    return whole


def counts_of(
    pairs: Together, firsts_K: Ints, seconds_K: Ints, num_units: int, sides: Sides
) -> Counts:
    """Return the counts of those pairs that `sides` has, by the places of their actions."""
    first_P, second_P = np.divmod(pairs.key_P, max(1, len(seconds_K)))
    kept_P = np.argsort(pairs.key_P)
    kept_P = kept_P[sides.has(first_P, second_P)[kept_P]]
    return Counts(
        num_units=num_units,
        sides=sides,
        first_K=firsts_K,
        second_K=seconds_K,
        pairs_P2=np.stack([first_P[kept_P], second_P[kept_P]], axis=1),
        counts_P=pairs.count_P[kept_P],
    )
