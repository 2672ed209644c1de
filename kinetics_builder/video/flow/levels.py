"""Flow as 8 bits: pixels a step, cut to a bound and told in 256 levels.

Shapes, as name suffixes: T fields, H height, W width, 2 directions: x to the right, y down.
"""

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.uint8]
Pixels = NDArray[np.floating]

BOUND = 20.0
"""Pixels that levels reach either way (arXiv:1705.07750, and TSN's tools of arXiv:1608.00859)."""
MOST = 255
STILL = 128
"""The level of what does not move."""


def to_levels(pixels_HW2: Pixels) -> Levels:
    """Return flow as levels, the nearest of 256 from -20 to 20 pixels; beyond is cut off.

    >>> to_levels(np.array([-50.0, -20.0, 0.0, 20.0])).tolist()
    [0, 0, 128, 255]
    """
    cut = np.clip(pixels_HW2, -BOUND, BOUND)
    levels: Levels = np.rint((cut + BOUND) * (MOST / (2 * BOUND))).astype(np.uint8)
    return levels


def to_pixels(levels: Levels) -> NDArray[np.float32]:
    """Return what levels stand for, in pixels: within 0.08 of what was told, inside the bound."""
    return levels.astype(np.float32) * np.float32(2 * BOUND / MOST) - np.float32(BOUND)


def opposite(levels: Levels) -> Levels:
    """Return the levels of the opposite flow.

    >>> opposite(np.array([0, 100, 255], np.uint8)).tolist()
    [255, 155, 0]
    """
    return MOST - levels
