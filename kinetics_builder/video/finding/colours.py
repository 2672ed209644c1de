"""What a film's stills say about its making: without colour, or drawn. Simple measures.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

GREY_CHROMA = 14.0
"""Of 255: a picture of which 95 % of the pixels have less difference between their colours is
grey; compression leaves some."""
BRIGHT_CHROMA = 90.0
"""The same of painted pictures, which are more colourful."""
FLAT, STEEP = (1.0, 8.0), 24.0
"""Of 255, from pixel to pixel: texture lies between the two, an outline is steeper than that."""
MIN_OUTLINES = 0.18
"""Outlines by texture: filmed pictures have 0.02 to 0.15, drawn ones more."""


class Look(NamedTuple):
    """How one still looks."""

    chroma: float
    """Difference between the largest and the smallest colour that 5 % of the pixels exceed."""
    outlines: float
    """Pixels at an outline, by pixels of texture."""


def look_of(rgb_HWC: NDArray[np.uint8]) -> Look:
    """Measure a still; its size should be about that of the others."""
    chroma_HW = rgb_HWC.max(axis=2).astype(np.int16) - rgb_HWC.min(axis=2)
    grey_HW = rgb_HWC.mean(axis=2, dtype=np.float32)
    steps = np.abs(np.diff(grey_HW, axis=1))
    texture = int(((steps > FLAT[0]) & (steps < FLAT[1])).sum())
    outlines = int((steps > STEEP).sum())
    return Look(float(np.percentile(chroma_HW, 95)), outlines / max(1, texture))


def is_colourless(looks: list[Look]) -> bool:
    """Say whether all but a twentieth of a film's stills are grey."""
    return bool(looks) and float(np.quantile([look.chroma for look in looks], 0.95)) < GREY_CHROMA


def is_drawn(looks: list[Look]) -> bool:
    """Say whether a film's stills are mostly bright areas between outlines, as cartoons are."""
    chroma, outlines = np.median(looks, axis=0) if looks else (0.0, 0.0)
    return bool(chroma >= BRIGHT_CHROMA and outlines >= MIN_OUTLINES)
