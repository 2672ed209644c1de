"""Where shots begin: PySceneDetect's adaptive detector, fed with pictures that we decode.

It compares each picture's change of hue, saturation and brightness with that of the pictures
around it, so that a moving camera is no cut (https://www.scenedetect.com, 0.6).
"""

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect.detectors import AdaptiveDetector

from kinetics_builder.intervals import Interval

SHORT_SIDE = 108
"""Of the pictures that are compared, in pixels; cuts are seen as well as at full size."""

EQUAL = 0.5
"""Of 255: pictures that differ less than this on average are one that is held."""

HELD_SECONDS = 0.5
"""A picture is held so long at most where few pictures a second move, as in drawn films. Were
it compared with itself meanwhile, each next one would stand out and be taken for a cut."""

_NUM_STILL = 2
"""Of a picture that stays longer, which is a still, so many more are compared: the detector
looks at two to each side of a cut."""


class Holding:
    """Tells of a film's pictures, in the order of their times, which of them are to be compared."""

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._since = 0.0
        self._num_still = 0

    def counts(self, time_seconds: float, bgr_HWC: NDArray[np.uint8]) -> bool:
        """Say whether the next picture is another one, or the same for so long that it is still."""
        if not self._is_equal(bgr_HWC):
            self._since, self._num_still = time_seconds, 0
        elif time_seconds - self._since > HELD_SECONDS and self._num_still < _NUM_STILL:
            self._num_still += 1
        else:
            return False
        self._before = bgr_HWC
        return True

    def _is_equal(self, bgr_HWC: NDArray[np.uint8]) -> bool:
        """Say whether a picture is the one before, which is held."""
        before = self._before
        if before is None or before.shape != bgr_HWC.shape:
            return False
        return float(cv2.norm(before, bgr_HWC, cv2.NORM_L1)) < EQUAL * bgr_HWC.size


class ShotFinder:
    """Takes a film's pictures in the order of their times, and says where its shots are."""

    def __init__(self, *, threshold: float = 3.0, min_shot_seconds: float = 0.6) -> None:
        """Begin.

        Args:
            threshold: How many times its neighbours' a picture's change must be.
            min_shot_seconds: A cut that comes sooner after the one before is none.

        """
        # Its own least length counts pictures, which last unequally long.
        self._detector = AdaptiveDetector(adaptive_threshold=threshold, min_scene_len=0)
        self._min_shot_seconds = min_shot_seconds
        self._times: list[float] = []
        self._cuts: list[float] = []
        self._holding = Holding()

    def take(self, time_seconds: float, bgr_HWC: NDArray[np.uint8]) -> None:
        """Look at the next picture, which may lie on its side: blue, green, red."""
        if not self._holding.counts(time_seconds, bgr_HWC):
            return
        self._times.append(time_seconds)
        found = self._detector.process_frame(len(self._times) - 1, bgr_HWC)
        self._cuts.extend(self._times[number] for number in found)

    def shots(self, stretch: Interval) -> list[Interval]:
        """Return the shots of what was seen, which cover `stretch` without gaps."""
        starts = [stretch.start]
        for cut in self._cuts:
            if cut - starts[-1] >= self._min_shot_seconds and cut < stretch.end:
                starts.append(cut)
        return [Interval(*shot) for shot in zip(starts, [*starts[1:], stretch.end], strict=True)]


def small(rgb_HWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture for `ShotFinder.take`, no larger than need be: blue, green, red."""
    height, width = rgb_HWC.shape[:2]
    scale = min(1.0, SHORT_SIDE / min(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    bgr_HWC = np.ascontiguousarray(rgb_HWC[..., ::-1])
    if scale == 1.0:
        return bgr_HWC
    return np.asarray(cv2.resize(bgr_HWC, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
