"""Which looks are near which, among many: all are compared, mirrored or not, many at once.

Half of a look's values change their sign when left and right are exchanged. So the cosines of two
clips and of one with the other's mirror image are the sum and the difference of two products that
are made once. Comparing all costs less than searching an index of cells for both (a tenth of a
microsecond for forty pairs on one core), and misses none.
Shapes: N looks, Q of them asked about, D values.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.looks import is_turned

_QUERIES_AT_ONCE = 128
_LOOKS_AT_ONCE = 1024
"""As many as a core holds the cosines of, beside it."""


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
        self._kept_ND = np.ascontiguousarray(looks_ND[:, ~turned])
        self._turned_ND = np.ascontiguousarray(looks_ND[:, turned])

    def near(self, queries_QD: Floats, least: float, num_looks: int) -> Iterator[Near]:
        """Yield the pairs of some queries with the first so many looks, in order."""
        turned = is_turned(queries_QD.shape[1])
        for start in range(0, len(queries_QD), _QUERIES_AT_ONCE):
            some_QD = queries_QD[start : start + _QUERIES_AT_ONCE]
            kept, other = some_QD[:, ~turned], some_QD[:, turned]
            parts = [
                self._among(
                    kept, other, slice(first, min(first + _LOOKS_AT_ONCE, num_looks)), least
                )
                for first in range(0, num_looks, _LOOKS_AT_ONCE)
            ]
            if parts:
                query, *others = map(np.concatenate, zip(*parts, strict=True))
                yield Near(query + start, *others)

    def _among(self, kept: Floats, turned: Floats, places: slice, least: float) -> Near:
        same = kept @ self._kept_ND[places].T
        opposed = turned @ self._turned_ND[places].T
        either = np.abs(opposed)
        either += same
        found = np.flatnonzero(either.ravel() >= least)
        query, place = np.divmod(found, same.shape[1])
        one, other = same.ravel()[found], opposed.ravel()[found]
        return Near(query, place + places.start, one + other, one - other)
