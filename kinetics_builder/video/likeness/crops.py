"""Which crop of a picture looks most like another: where the search for placings begins.

Shapes: P pairs, H height, W width, C crops of a side, N cells.
"""

from functools import cache

import numpy as np

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import SIDE, STILL_SIDE
from kinetics_builder.video.likeness.placings import Placings, stretches, turned_round

KEPT_SIZES = (0.95, 0.9, 0.85)
"""Shares of a side that a crop may leave, where the search begins."""


def rough_placings(one_PHW: Floats, other_PHW: Floats) -> tuple[Placings, Placings]:
    """Return the crop of each of the two pictures of pairs that fits the other best."""
    small, small_other = halved(one_PHW), halved(other_PHW)
    return _best_crops(small, small_other), turned_round(_best_crops(small_other, small))


def halved(pictures_PHW: Floats) -> Floats:
    """Return pictures of half as many pixels a side."""
    step = STILL_SIDE // SIDE
    small: Floats = pictures_PHW.reshape(-1, SIDE, step, SIDE, step).mean((2, 4))
    return small


@cache
def _crops() -> tuple[Floats, Floats]:
    """Return scale and shift of crops of a side, (C, 2), and their matrices, (C * SIDE, SIDE)."""
    places = [(kept, (at - 0.5) * (1 - kept)) for kept in KEPT_SIZES for at in (0.0, 0.5, 1.0)]
    places_C2 = np.array([(1.0, 0.0), *places])
    return places_C2, stretches(places_C2[:, 0], places_C2[:, 1], SIDE)[0].reshape(-1, SIDE)


def _best_crops(pictures_PHW: Floats, targets_PHW: Floats) -> Placings:
    places_C2, matrices = _crops()
    num_pairs, num_crops = len(pictures_PHW), len(places_C2)
    both = matrices @ (pictures_PHW @ matrices.T)
    crops = both.reshape(num_pairs, num_crops, SIDE, num_crops, SIDE).transpose(0, 1, 3, 2, 4)
    crops_PCN = crops.reshape(num_pairs, num_crops**2, SIDE**2)
    crops_PCN -= crops_PCN.mean(2, keepdims=True)
    targets_PN = targets_PHW.reshape(num_pairs, -1)
    targets_PN = targets_PN - targets_PN.mean(1, keepdims=True)
    together = (crops_PCN @ targets_PN[:, :, None])[:, :, 0]
    sizes = np.sqrt(np.einsum("pcn,pcn->pc", crops_PCN, crops_PCN)) + 1e-3
    rows, columns = np.divmod(np.argmax(together / sizes, axis=1), num_crops)
    found: Placings = np.concatenate([places_C2[rows], places_C2[columns]], axis=1)
    return found
