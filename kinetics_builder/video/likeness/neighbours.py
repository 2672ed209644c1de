"""Which looks are near which, among many: all are compared, mirrored or not, many at once.

Half of a look's values change their sign when left and right are exchanged. So the cosines of two
clips and of one with the other's mirror image are the sum and the difference of two products that
are made once. At first they are made of what is told along the few directions in which looks
differ most: what is left of two looks adds no more to their cosine than the product of its
lengths. Only pairs that may be near by that are looked at wholly. So none is missed, and comparing
all costs less than searching an index of cells for both.
Shapes: N looks, Q of them asked about, D values, P pairs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.looks import is_turned

QUERIES_AT_ONCE = 256
"""Queries that are best asked together."""

_LOOKS_AT_ONCE = 512
"""As many as a core holds the cosines of so many queries with, beside it."""

_COARSE_SHARE = 3 / 8
"""Share of the directions along which all pairs are compared."""

_MOST_ALONE = 1 / 32
"""Share of pairs up to which those that may be near are looked at one by one."""

_SLACK = 1e-5
"""Cosine that rounding may take away."""


class Near(NamedTuple):
    """Pairs of looks of which one is near the other, or near its mirror image: P of them."""

    query: NDArray[np.int64]
    """Of the P pairs, which query, (P,)."""
    place: NDArray[np.int64]
    """Which look, (P,)."""
    straight: Floats
    """Cosines, (P,)."""
    mirrored: Floats
    """Cosines of one with the mirror image of the other, (P,)."""


class Neighbours:
    """Looks that can be asked which of them are near to others."""

    def __init__(self, looks_ND: Floats) -> None:
        """Take vectors of length 1."""
        turned = is_turned(looks_ND.shape[1])
        self._bases = tuple(_directions(looks_ND[:, half]) for half in (~turned, turned))
        self._looks = self._of(looks_ND)

    def near(self, queries_QD: Floats, least: float, num_looks: int) -> Near:
        """Return the pairs of some queries with the first so many looks."""
        queries = self._of(queries_QD)
        starts = range(0, max(1, num_looks), _LOOKS_AT_ONCE)
        parts = [
            queries.near(self._looks.part(start, min(start + _LOOKS_AT_ONCE, num_looks)), least)
            for start in starts
        ]
        query, place, *cosines = map(np.concatenate, zip(*parts, strict=True))
        place += np.repeat(starts, [len(part.query) for part in parts])
        return Near(query, place, *cosines)

    def _of(self, looks_ND: Floats) -> "_Turned":
        """Return looks by their directions, those that tell most first."""
        turned = is_turned(looks_ND.shape[1])
        halves = (looks_ND[:, ~turned], looks_ND[:, turned])
        kept_ND, turned_ND = (
            np.ascontiguousarray(half @ basis)
            for half, basis in zip(halves, self._bases, strict=True)
        )
        num_coarse = int(_COARSE_SHARE * kept_ND.shape[1])
        coarse_ND, coarse_turned_ND = kept_ND[:, :num_coarse], turned_ND[:, :num_coarse]
        rest = sum(
            np.einsum("nd,nd->n", half[:, num_coarse:], half[:, num_coarse:])
            for half in (kept_ND, turned_ND)
        )
        with_rest_ND = np.concatenate([coarse_ND, np.sqrt(rest)[:, None]], axis=1)
        return _Turned(kept_ND, turned_ND, with_rest_ND, np.ascontiguousarray(coarse_turned_ND))


class _Turned(NamedTuple):
    """Looks, told along the directions of either half of their values."""

    kept_ND: Floats
    turned_ND: Floats
    """What changes its sign when left and right are exchanged."""
    coarse_ND: Floats
    """The first of `kept_ND`, then the length of all that neither this nor the next holds."""
    coarse_turned_ND: Floats
    """The first of `turned_ND`."""

    def part(self, start: int, end: int) -> "_Turned":
        """Return some of the looks."""
        return _Turned(*(values[start:end] for values in self))

    def near(self, others: "_Turned", least: float) -> Near:
        """Return which pairs of these and others are near."""
        most = self.coarse_turned_ND @ others.coarse_turned_ND.T
        np.abs(most, out=most)
        most += self.coarse_ND @ others.coarse_ND.T
        found = np.flatnonzero(most.ravel() >= least - _SLACK)
        query, place = np.divmod(found, most.shape[1])
        one, other = self._products(others, query, place)
        is_near = one + np.abs(other) >= least
        one, other = one[is_near], other[is_near]
        return Near(query[is_near], place[is_near], one + other, one - other)

    def _products(
        self, others: "_Turned", query: NDArray[np.int64], place: NDArray[np.int64]
    ) -> tuple[Floats, Floats]:
        """Return the products of pairs, of either half of their values, (P,) each."""
        halves = (self.kept_ND, others.kept_ND), (self.turned_ND, others.turned_ND)
        is_few = len(query) <= _MOST_ALONE * len(self.kept_ND) * len(others.kept_ND)
        one, other = (
            np.einsum("pd,pd->p", ours[query], theirs[place])
            if is_few
            else (ours @ theirs.T)[query, place]
            for ours, theirs in halves
        )
        return one, other


def _directions(values_ND: Floats) -> Floats:
    """Return directions at right angles, those along which values are largest first, (D, D)."""
    directions = np.linalg.eigh(values_ND.T @ values_ND)[1][:, ::-1]
    return np.ascontiguousarray(directions, np.float32)
