"""Laying small pictures over others that may be crops of them, many pairs at once.

Shapes: P pairs, V views (what a clip shows, and where it moves), H height, W width, N cells.
"""

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.crops import rough_placings
from kinetics_builder.video.likeness.pictures import (
    Parts,
    levels_of,
    pictures_alike,
    smooth,
)
from kinetics_builder.video.likeness.placings import (
    LEAST_KEPT,
    MOST_SHIFTED,
    Placings,
    middles,
    none_cropped,
    overlays,
)

NUM_STARTS = 2
"""Places from which a fit is looked for."""

MAX_STEPS = 6

_CLOSE = 1e-3
"""Step below which a fit is good enough."""

_LEAST = np.array([LEAST_KEPT, -MOST_SHIFTED] * 2)
_MOST = np.array([1 / LEAST_KEPT, MOST_SHIFTED] * 2)


def best_placings(one_PVHW: Floats, other_PVHW: Floats) -> Placings:
    """Return how the ones lie on the others best, from where crops fit them roughly."""
    smooth_one, smooth_other = (
        smooth(views.reshape(-1, *views.shape[2:])).reshape(views.shape)
        for views in (one_PVHW, other_PVHW)
    )
    pair, starts = _starts(one_PVHW, other_PVHW)
    found = fit(smooth_one[pair], smooth_other[pair], starts)
    fits = _fits_of(found, one_PVHW[pair], other_PVHW[pair])
    order = np.lexsort((-fits, pair))
    is_first = np.diff(pair[order], prepend=-1) != 0
    best: Placings = found[order[is_first]]
    return best


def _starts(one_PVHW: Floats, other_PVHW: Floats) -> tuple[NDArray[np.int64], Placings]:
    """Return the pairs, each some times, and where the search for their placings begins."""
    num_pairs, num_views = one_PVHW.shape[:2]
    rough = [none_cropped(num_pairs)]
    for view in range(num_views):
        rough += rough_placings(one_PVHW[:, view], other_PVHW[:, view])
    starts = np.concatenate(rough) + 0.0  # of two zeros one is left
    pair = np.tile(np.arange(num_pairs), len(rough))
    numbered = np.unique(np.column_stack([pair, starts]), axis=0)
    pair, starts = numbered[:, 0].astype(np.int64), numbered[:, 1:]
    fits = _fits_of(starts, one_PVHW[pair], other_PVHW[pair])
    order = np.lexsort((-fits, pair))
    firsts = np.flatnonzero(np.diff(pair[order], prepend=-1))
    number = np.arange(len(order)) - np.repeat(firsts, np.diff([*firsts, len(order)]))
    best = np.sort(order[number < NUM_STARTS])
    return pair[best], starts[best]


def _fits_of(placings_P4: Placings, one_PVHW: Floats, other_PVHW: Floats) -> Floats:
    """Return how well pairs of clips fit as they are placed, the more the better, (P,)."""
    common = overlays(placings_P4, one_PVHW.shape[-1])
    one_PVN, other_PVN = (
        views.reshape(*views.shape[:2], -1) for views in (common.of_ones(one_PVHW), other_PVHW)
    )
    alike = pictures_alike(one_PVN, other_PVN, Parts(common.within_PHW)).sum(1)
    fits: Floats = alike * np.minimum(1.0, common.shares_P / LEAST_KEPT)
    return fits


def fit(one_PVHW: Floats, other_PVHW: Floats, starts_P4: Placings) -> Placings:
    """Return the placings near `starts` at which pictures of the ones and the others differ least.

    Steps of least squares over scale, shift and, of each picture, contrast and brightness, in
    which cells that do not agree (a caption) count the less the less they do. Each pair goes on
    until its own step is small.
    """
    fits = _Fits(one_PVHW, other_PVHW)
    placings_P4, going = starts_P4.copy(), np.arange(len(starts_P4))
    for _ in range(MAX_STEPS):
        squares, wanted = fits.equations(going, placings_P4[going])
        traces = np.trace(squares, axis1=1, axis2=2)
        squares[:, range(4), range(4)] += (1e-3 * traces / 4 + 1e-6)[:, None]
        step = np.clip(np.linalg.solve(squares, wanted[:, :, None])[:, :, 0], -0.04, 0.04)
        placings_P4[going] = np.clip(placings_P4[going] + step, _LEAST, _MOST)
        going = going[np.abs(step).max(1) >= _CLOSE]
        if not len(going):
            break
    return placings_P4


class _Fits:
    """Pictures that are being laid on others."""

    def __init__(self, one_PVHW: Floats, other_PVHW: Floats) -> None:
        self.num_views, self.side = one_PVHW.shape[1:3]
        one_PVN, other_PVN = (x.reshape(*x.shape[:2], -1) for x in (one_PVHW, other_PVHW))
        (self.middle, level), (other_middle, other_level) = map(levels_of, (one_PVN, other_PVN))
        self.gain = np.clip(other_level / level, 0.4, 2.5)
        self.other_PVN = other_PVN - other_middle
        down, across = np.gradient(one_PVHW, axis=(2, 3))
        shown = np.stack([one_PVHW, down * self.side, across * self.side], axis=2)
        self.shown = shown.reshape(len(shown), -1, self.side, self.side)

    def equations(
        self, pairs: NDArray[np.int64], placings_P4: Placings
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the equations of the next step of some pairs, (P, 4, 4) and (P, 4)."""
        common, gain = overlays(placings_P4, self.side), self.gain[pairs]
        shown = common.of_ones(self.shown[pairs]).reshape(len(pairs), self.num_views, 3, -1)
        apart = self.other_PVN[pairs] - gain * (shown[:, :, 0] - self.middle[pairs])
        terms = self._terms(shown, gain, apart)
        weights = _weights(apart, Parts(common.within_PHW))
        sums = (terms * weights[:, :, None]) @ terms.transpose(0, 1, 3, 2)
        sums = sums.reshape(-1, 7, 7).astype(np.float64)
        sums[:, 4, 4] += 1e-3
        # Contrast and brightness are solved for as well, and eliminated.
        others = [0, 1, 2, 3, 6]
        known = np.linalg.solve(sums[:, 4:6, 4:6], sums[:, 4:6, others])
        left = sums[:, :4, others] - sums[:, :4, 4:6] @ known
        both = left.reshape(len(pairs), self.num_views, 4, 5).sum(1)
        return both[:, :, :4], both[:, :, 4]

    def _terms(self, shown: Floats, gain: Floats, apart: Floats) -> Floats:
        """Return by what a cell changes with each value, and how far it is off, (P, V, 7, N)."""
        places, square = middles(self.side), (self.side, self.side)
        terms = np.empty((*shown.shape[:2], 7, *square), np.float32)
        flat = terms.reshape(*shown.shape[:2], 7, -1)
        np.multiply(shown[:, :, 1], gain, out=flat[:, :, 1])
        np.multiply(shown[:, :, 2], gain, out=flat[:, :, 3])
        np.multiply(terms[:, :, 1], places[:, None], out=terms[:, :, 0])
        np.multiply(terms[:, :, 3], places, out=terms[:, :, 2])
        flat[:, :, 4], flat[:, :, 5], flat[:, :, 6] = shown[:, :, 0], 1, apart
        return flat


def _weights(apart_PVN: Floats, parts: Parts) -> Floats:
    """Return how much each cell counts: 0 outside of what both show."""
    spread = 1.48 * parts.medians(np.abs(apart_PVN)) + 1
    weights: Floats = parts.within_P1N / (spread * (1 + (apart_PVN / (1.5 * spread)) ** 2)) ** 2
    return weights
