"""How alike the common parts of pictures are, many pairs at once.

Pictures are rows of cells; a mask says which of them both pictures of a pair show. Where the
middle of such a part is looked for, the cells outside are put below and above all others, so many
of each that the middle always comes to stand at one place.
Shapes: P pairs, V views of each, N cells.
"""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats

CLEAN_SHARE = 0.85
"""Share of the picture that must agree; a caption or a logo may cover the rest."""


class Parts:
    """Which cells pairs of pictures have in common."""

    def __init__(self, within_PHW: NDArray[np.bool_]) -> None:
        """Take masks."""
        self._is_within_PN = within_PHW.reshape(len(within_PHW), -1)
        self.within_P1N: Floats = self._is_within_PN.astype(np.float32)[:, None]
        """1 for the common cells, 0 for the others."""
        self._num_P = self._is_within_PN.sum(1)
        num_cells = self._is_within_PN.shape[1]
        self._middle, self._last_clean = num_cells // 2, max(1, int(CLEAN_SHARE * num_cells)) - 1

    def medians(self, values_PVN: Floats) -> Floats:
        """Return the middle one of each part's values, the upper one of two, (P, V, 1)."""
        return _at(values_PVN + self._around_middle_P1N, self._middle)

    def clean(self, apart_PVN: Floats) -> Floats:
        """Return 1 for the cells of each part that are the least apart, 0 for the others."""
        last_PV1 = _at(apart_PVN + self._around_clean_P1N, self._last_clean)
        return (apart_PVN <= last_PV1) * self.within_P1N

    @cached_property
    def _around_middle_P1N(self) -> Floats:
        return self._outside(self._middle - self._num_P // 2)

    @cached_property
    def _around_clean_P1N(self) -> Floats:
        last_P = np.maximum(1, (CLEAN_SHARE * self._num_P).astype(int)) - 1
        return self._outside(self._last_clean - last_P)

    def _outside(self, num_below_P: NDArray[np.int64]) -> Floats:
        """Return 0 for cells within; of those outside the first so many are below all others."""
        is_below = (~self._is_within_PN).cumsum(1, dtype=np.int32) <= num_below_P[:, None]
        outside_PN = np.where(is_below, np.float32(-np.inf), np.float32(np.inf))
        outside_PN[self._is_within_PN] = 0
        return outside_PN[:, None]


def _at(values_PVN: Floats, place: int) -> Floats:
    """Return the values that would stand at a place if each row was in order, (P, V, 1)."""
    found: Floats = np.partition(values_PVN, place, axis=-1)[..., place, None]
    return found


def pictures_alike(one_PVN: Floats, other_PVN: Floats, parts: Parts) -> Floats:
    """Return the correlation of pictures, in [-1, 1], (P, V): over all cells, or those that agree.

    The larger of the two counts: a caption spoils the first, leaving out the one thing in an
    empty picture the second.
    """
    x, y = ((values - parts.medians(values)) * parts.within_P1N for values in (one_PVN, other_PVN))
    clean, size_x, size_y = parts.within_P1N, np.abs(x), np.abs(y)
    for _ in range(2):  # first by all cells, then by those that agree
        num = clean.sum(2)
        level_x, level_y = (_products(size, clean) / num + 1 for size in (size_x, size_y))
        clean = parts.clean(np.abs(x / level_x[..., None] - y / level_y[..., None]))
    both: Floats = np.maximum(_correlations(x, y, parts.within_P1N), _correlations(x, y, clean))
    return both


def _products(x_PVN: Floats, y_PVN: Floats) -> Floats:
    products: Floats = np.einsum("pvn,pvn->pv", x_PVN, y_PVN)
    return products


def _correlations(x_PVN: Floats, y_PVN: Floats, of_PVN: Floats) -> Floats:
    """Return the correlation of pairs of pictures over some of their cells, (P, V)."""
    num = of_PVN.sum(2)
    x_PVN, y_PVN = ((z - (_products(z, of_PVN) / num)[..., None]) * of_PVN for z in (x_PVN, y_PVN))
    size_x, size_y = (np.sqrt(_products(z, z)) + 1e-3 for z in (x_PVN, y_PVN))
    correlations: Floats = _products(x_PVN, y_PVN) / (size_x * size_y)
    return correlations


def levels_of(values_PVN: Floats) -> tuple[Floats, Floats]:
    """Return the middle of each whole picture's values, and how far most are from it, (P, V, 1)."""
    place = values_PVN.shape[2] // 2
    middle = _at(values_PVN, place)
    return middle, _at(np.abs(values_PVN - middle), place) + 1


def smooth(pictures_PHW: Floats) -> Floats:
    """Return pictures in which each pixel is averaged with its neighbours."""
    padded = np.pad(pictures_PHW, ((0, 0), (1, 1), (1, 1)), mode="edge")
    down = padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]
    averaged: Floats = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) / 16
    return averaged
