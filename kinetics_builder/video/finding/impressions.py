"""What the pictures of a video tell about it at a glance: a still, too dark, drawn.

Simple measures of small pictures, which `benchmarks/filters.py` holds against what is known.
"""

from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.finding.motion import difference

SIZE = (64, 48)
"""Width and height of the pictures that are measured."""

STEP_SECONDS = 1.0
"""Between two of them."""

HELD = 0.0005
"""Two pictures that differ by less are one that is held; filmed ones differ by more, even of
somebody who stands still."""

MIN_STEPS = 3
"""Fewer tell nothing of whether a video moves."""

FLAT = 1.5
"""Of 255: neighbours that differ by less belong to one area of a colour."""

BRIGHT, COLOURFUL = 128.0, 200.0
"""Of 255: a picture whose brightest hundredth reaches the one is not dark; one whose most colourful
twentieth reaches the other is as colourful as a painted one."""


@dataclass
class Impressions:
    """Takes a video's pictures in the order of their times."""

    _before: NDArray[np.float32] | None = None
    _time: float = float("-inf")
    _held: list[bool] = field(default_factory=list)
    _dark: list[float] = field(default_factory=list)
    _drawn: list[float] = field(default_factory=list)

    def take(self, time_seconds: float, bgr_HWC: NDArray[np.uint8]) -> None:
        """Look at a picture, unless the one before was a moment ago."""
        since = time_seconds - self._time
        if since < STEP_SECONDS - 0.1:
            return
        small_HWC = np.asarray(cv2.resize(bgr_HWC, SIZE, interpolation=cv2.INTER_AREA))
        grey_HW = cv2.cvtColor(small_HWC, cv2.COLOR_BGR2GRAY).astype(np.float32)
        if self._before is not None and since < 2 * STEP_SECONDS:
            self._held.append(difference(self._before, grey_HW) < HELD)
        self._before, self._time = grey_HW, time_seconds
        self._dark.append(max(0.0, 1 - float(np.percentile(grey_HW, 99)) / BRIGHT))
        blue_HW, green_HW, red_HW = cv2.split(small_HWC)
        most_HW = cv2.max(cv2.max(blue_HW, green_HW), red_HW)
        chroma_HW = cv2.subtract(most_HW, cv2.min(cv2.min(blue_HW, green_HW), red_HW))
        colourful = min(1.0, float(np.percentile(chroma_HW, 95)) / COLOURFUL)
        self._drawn.append(colourful * float((np.abs(np.diff(grey_HW, axis=1)) < FLAT).mean()))

    def scores(self) -> dict[str, float]:
        """Return a score in [0, 1] for each trait, by the names of `FiltersConfig`."""
        found = {}
        if len(self._held) >= MIN_STEPS:
            found["still"] = float(np.mean(self._held))
        if self._dark:
            found["dark"] = float(np.median(self._dark))
            found["cartoon"] = float(np.median(self._drawn))
        return {name: round(score, 3) for name, score in found.items()}
