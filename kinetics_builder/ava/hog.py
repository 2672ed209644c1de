"""OpenCV's person detector of 2005 (Dalal and Triggs): weak, and needs no weights.

It knows upright people who are seen from head to foot, and finds few others.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from kinetics_builder.ava.boxes import Found, clipped

_MIDDLE, _STEEPNESS = 0.4, 4.0
"""The distance from the separating plane that is as likely a person as not, and how fast that
changes: what lies 0.75 away has the score 0.8."""

_MARGIN = 0.08, 0.05
"""Shares of a found window, to each side, in which its person is not: the detector was trained
on pictures with a margin."""


class HogDetector:
    """Finds people by their outlines."""

    name = "hog"

    def __init__(self) -> None:
        self._hog = cv2.HOGDescriptor()
        self._hog.setSVMDetector(np.array(cv2.HOGDescriptor.getDefaultPeopleDetector()))

    def find(self, rgb_HWC: NDArray[np.uint8]) -> list[Found]:
        """Return the persons on a picture; those under 128 pixels high are too small."""
        height, width = rgb_HWC.shape[:2]
        if width < 64 or height < 128:
            return []
        bgr_HWC = np.ascontiguousarray(rgb_HWC[..., ::-1])
        windows, distances = self._hog.detectMultiScale(
            bgr_HWC, winStride=(8, 8), padding=(8, 8), scale=1.05
        )
        found = []
        for (x, y, w, h), distance in zip(windows, np.ravel(distances), strict=True):
            across, down = _MARGIN[0] * w, _MARGIN[1] * h
            edges = (x + across, y + down, x + w - across, y + h - down)
            corners = clipped([e / s for e, s in zip(edges, (width, height) * 2, strict=True)])
            if corners is not None:
                found.append(Found(corners, _score(float(distance))))
        return found


def _score(distance: float) -> float:
    return round(1 / (1 + math.exp(-_STEEPNESS * (distance - _MIDDLE))), 4)
