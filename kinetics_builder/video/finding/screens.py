"""Recordings of a computer's screen: sharp edges between even areas, few colours, much that stays.

Simple measures, which `benchmarks/filters.py` holds against what is known. Shapes: H height, W
width, C = 3 colours.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

EVEN, SHARP = 1.5, 24.0
"""Of 255, from pixel to pixel: less is an even area, more a sharp edge. What a camera films lies
between the two."""

FEW = 8
"""So many colours, of 4096, cover most of a screen."""

HELD = 2.0
"""Of 255: a pixel that changes no more is as it was."""

WITHIN_SECONDS = (0.3, 2.0)
"""Two pictures so far apart are compared."""


@dataclass
class Screens:
    """Takes pictures of a video, some of them a moment after another."""

    _signs: list[float] = field(default_factory=list)
    _held: list[float] = field(default_factory=list)
    _before: tuple[float, NDArray[np.uint8]] | None = None

    def take(self, time_seconds: float, rgb_HWC: NDArray[np.uint8]) -> None:
        """Look at a picture."""
        grey_HW = np.asarray(cv2.cvtColor(rgb_HWC, cv2.COLOR_RGB2GRAY), np.uint8)
        if self._before is not None and self._before[1].shape == grey_HW.shape:
            least, most = WITHIN_SECONDS
            if least <= time_seconds - self._before[0] <= most:
                is_held = cv2.absdiff(grey_HW, self._before[1]) <= HELD
                self._held.append(np.count_nonzero(is_held) / is_held.size)
        self._before = time_seconds, grey_HW
        self._signs.append(drawn_by_computer(rgb_HWC, grey_HW))

    def score(self) -> float | None:
        """Return how much it is like a screen, in [0, 1]; None of pictures far apart."""
        if not self._held:
            return None
        return float(np.median(self._signs) * np.median(self._held))


def drawn_by_computer(rgb_HWC: NDArray[np.uint8], grey_HW: NDArray[np.uint8]) -> float:
    """Return how much a picture is of even areas, sharp edges and few colours, in [0, 1]."""
    if min(grey_HW.shape) < 2:
        return 0.0
    across = cv2.absdiff(grey_HW[:-1, 1:], grey_HW[:-1, :-1])
    down = cv2.absdiff(grey_HW[1:, :-1], grey_HW[:-1, :-1])
    step_HW = cv2.max(across, down)
    even = np.count_nonzero(step_HW <= EVEN) / step_HW.size
    sharp = np.count_nonzero(step_HW > SHARP) / step_HW.size / max(1e-6, 1 - even)
    counts = cv2.calcHist([rgb_HWC], [0, 1, 2], None, [16] * 3, [0, 256] * 3).ravel()
    counts = counts[counts > 0]  # of 4096 colours most are not there
    most = np.partition(counts, -FEW)[-FEW:] if len(counts) > FEW else counts
    few = float(most.sum()) / grey_HW.size
    return float(np.sqrt(sharp * even)) * few
