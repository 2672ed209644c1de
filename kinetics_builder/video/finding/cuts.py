"""Where cuts are, among pictures a fifth of a second apart.

In so long a time, what a hand-held camera sees changes as much as some cuts do, and what moves
close before it changes more: a detector made for every picture of a film, such as that of `shots`,
then misses the one and is misled by the other (`benchmarks/cuts.py`). So a picture is compared
with the one before moved to where its parts went (optical flow), and part by part: behind a cut
nearly all of it is new. It is a cut where that is much more than around it, so that a fast pan is
none, and where the picture before does not come back at once, as after a flash. What comes out
of black is a shot, too.

Shapes: H height, W width, C = 3 colours (blue, green, red).
"""

from collections import deque
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.finding.shots import Holding

Picture = NDArray[Any]
"""Of bytes."""

SIZE = 96, 72
"""Width and height of the pictures that are compared."""

NUM_PARTS = 8
"""Across a picture, and down."""

UNCHANGED_SHARE = 0.3
"""So many of its parts may stay as they are behind a cut: bars, walls of one colour."""

BLACK, LEAST_LIT = 20.0, 0.2
"""Of 255: what is darker in both of two pictures is a bar, unless so little of them is lit."""

SAME = 5.0
"""Of 255: a picture whose `newness` is less shows what the one before did."""

NEW = 8.0
"""Of 255: the least `newness` of a cut, of a picture that was moved."""

TIMES = 2.2
"""So many times as new as those before it, and as those behind it, is a picture behind a cut."""

AROUND = 2
"""Pictures to each side that it is held against."""

BACK = 0.5
"""Of the newness of a cut: where a picture further on differs by less from one further back,
these show the same, and what lies between was a flash."""

MIN_SHOT_SECONDS = 0.6
"""A cut that comes sooner after another is none, and what lasts no longer may be a flash."""


class CutFinder:
    """Takes pictures of a video in the order of their times, and says where its cuts are."""

    def __init__(self) -> None:
        self._holding = Holding()
        self._latest: deque[Picture] = deque(maxlen=2 * AROUND)
        self._times: list[float] = []
        self._news: list[float] = []
        """Of each picture from the second one on."""
        self._lit: set[int] = set()
        """Numbers of pictures that follow upon black."""
        self._passing: set[int] = set()
        """Numbers of pictures that begin or end a flash."""

    def take(self, time_seconds: float, bgr_HWC: Picture) -> None:
        """Look at the next picture, which may lie on its side; all are of one size."""
        if not self._holding.counts(time_seconds, bgr_HWC):
            return
        picture = np.asarray(cv2.resize(bgr_HWC, SIZE, interpolation=cv2.INTER_AREA))
        self._times.append(time_seconds)
        if self._latest:
            if _is_black(self._latest[-1]) and not _is_black(picture):
                self._lit.add(len(self._news) + 1)
            self._news.append(moved_newness(self._latest[-1], picture))
            self._look_for_flash(picture)
        self._latest.append(picture)

    def cuts(self) -> list[float]:
        """Return when shots begin, but for the first, seconds."""
        found: list[float] = []
        for number, time in enumerate(self._times):
            if self._is_cut(number) and not (found and time - found[-1] < MIN_SHOT_SECONDS):
                found.append(time)
        return found

    def _is_cut(self, number: int) -> bool:
        """Say whether a picture, by its number from 0, is the first of a shot."""
        if number in self._lit:
            return True
        if number == 0 or number in self._passing or self._news[number - 1] < NEW:
            return False
        place = number - 1
        before, behind = (
            self._news[max(0, place - AROUND) : place],
            self._news[place + 1 :][:AROUND],
        )
        usual = max((sum(side) / len(side) for side in (before, behind) if side), default=0.0)
        return self._news[place] >= TIMES * (usual + 1)

    def _look_for_flash(self, picture: Picture) -> None:
        """Note what began lately and is over with this picture, which shows what was before."""
        latest, last = list(self._latest), len(self._times) - 1
        for back in range(2, len(latest) + 1):
            first = last - back + 1
            if self._times[last] - self._times[first] > MIN_SHOT_SECONDS:
                break
            new = max(self._news[first - 1], self._news[last - 1])
            if new >= NEW and moved_newness(latest[-back], picture) < BACK * new:
                self._passing.update(range(first, last + 1))


def may_lie_between(before_HWC: Picture, after_HWC: Picture) -> bool:
    """Say whether a cut may lie between two pictures of which one is shown a little later."""
    return newness(before_HWC, after_HWC) >= SAME


def newness(before_HWC: Picture, after_HWC: Picture) -> float:
    """Return how much even the parts of a picture that changed least differ, of 255.

    That is the change which all but 3 of 10 of its parts exceed. A cut changes all of a picture;
    what moves before a camera, however large, leaves some of it. Black bars do not count.
    """
    changes = _parts(cv2.absdiff(before_HWC, after_HWC))
    is_lit = _parts(cv2.max(before_HWC, after_HWC)) > BLACK
    if is_lit.sum() >= LEAST_LIT * is_lit.size:
        changes = changes[is_lit]
    return float(np.sort(changes)[int(UNCHANGED_SHARE * len(changes))])


def _is_black(picture_HWC: Picture) -> bool:
    return bool(_parts(picture_HWC).max() < BLACK)


def _parts(picture_HWC: Picture) -> NDArray[np.float64]:
    """Return the mean of each part of a picture."""
    size = NUM_PARTS, NUM_PARTS
    small_HWC = np.asarray(cv2.resize(picture_HWC, size, interpolation=cv2.INTER_AREA))
    means: NDArray[np.float64] = small_HWC.mean(axis=2).ravel()
    return means


def moved_newness(before_HWC: Picture, after_HWC: Picture) -> float:
    """Return the newness of a picture after the one before was moved to be like it, of 255."""
    found = newness(before_HWC, after_HWC)
    if found < SAME:
        return found
    before_HW, after_HW = (
        np.asarray(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY)) for p in (before_HWC, after_HWC)
    )
    no_flow = np.zeros((*after_HW.shape, 2), dtype=np.float32)
    where_HWC = np.asarray(_flow().calc(after_HW, before_HW, no_flow), dtype=np.float32)
    x_HW, y_HW = cv2.split(where_HWC + _places(*after_HW.shape))
    moved_HWC = cv2.remap(before_HWC, x_HW, y_HW, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return newness(np.asarray(moved_HWC, dtype=np.uint8), after_HWC)


@cache
def _flow() -> cv2.DISOpticalFlow:
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)


@cache
def _places(height: int, width: int) -> NDArray[np.float32]:
    """Return the place (x, y) of each pixel."""
    grid = np.meshgrid(np.arange(width), np.arange(height))
    return np.stack(grid, axis=2).astype(np.float32)
