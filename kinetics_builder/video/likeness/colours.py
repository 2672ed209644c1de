"""How alike the colours of two clips are, as far as their fingerprints tell."""

import numpy as np

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import COLOUR_SIDE, STILL_SIDE, Fingerprint

CHROMA_FREE = 16.0
"""Distance of colours, of 255 levels, that a crop, a shift and a codec may explain."""

CHROMA_LEVELS = 40.0
"""Distance beyond `CHROMA_FREE` at which likeness has fallen to 1/e."""

GREY_LEVELS = 4.0
"""Colour of a clip, of 255 levels, below which it is grey: then colours say nothing."""


def colours_alike(a: Fingerprint, b: Fingerprint, share: float) -> float:
    """Return the likeness of the colours, brightness left out, in (0, 1]; 1 if one is grey.

    Of most cells, and of most of what moves: captions cover few, and do not move. Colours are
    known of whole clips alone: the smaller the share of the longer one that both show, the less
    they say.
    """
    chroma_a, chroma_b = (
        f.colours_HWC - f.colours_HWC.mean(2, keepdims=True, dtype=np.float32) for f in (a, b)
    )
    if min(float(np.linalg.norm(c, axis=2).mean()) for c in (chroma_a, chroma_b)) < GREY_LEVELS:
        return 1.0
    apart = np.linalg.norm(chroma_a - chroma_b, axis=2).ravel()
    moving = np.sqrt(_movement_by_colours(a) * _movement_by_colours(b)) + 1e-3
    distance = share * max(float(np.median(apart)), _weighted_median(apart, moving))
    return float(np.exp(-max(0.0, distance - CHROMA_FREE) / CHROMA_LEVELS))


def _movement_by_colours(one: Fingerprint) -> Floats:
    """Return how much a clip moves in each cell of its colours: most walls are grey."""
    step = STILL_SIDE // COLOUR_SIDE
    cells = one.movement_HW.reshape(COLOUR_SIDE, step, COLOUR_SIDE, step)
    means: Floats = cells.mean((1, 3), dtype=np.float32).ravel()
    return means


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])
