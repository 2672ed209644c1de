"""Where in a video something moves: the fallback when no scorer knows the label."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.finding.curves import Curve
from kinetics_builder.video.reading.frames import Frame

NOISE_LEVELS = 3
"""Differences of so many of 255 grey levels are the codec's."""

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def motion_energy(frames: Iterable[Frame]) -> Curve:
    """Return how much each frame differs from the one before, in [0, 1].

    The energy is the mean absolute difference of the grey pictures, of which what may be
    noise counts nothing. The first frame takes the second one's energy; a single frame has 0.
    Frames must be of one size; 64 by 48 is enough.
    """
    times: list[float] = []
    energies: list[float] = []
    before: NDArray[np.float32] | None = None
    for frame in frames:
        grey_HW = frame.rgb_HWC @ LUMA
        times.append(frame.time_seconds)
        energies.append(0.0 if before is None else difference(before, grey_HW))
        before = grey_HW
    if len(energies) > 1:
        energies[0] = energies[1]
    return Curve(times, energies)


def difference(a_HW: NDArray[np.float32], b_HW: NDArray[np.float32]) -> float:
    """Return how much two grey pictures differ, in [0, 1]; what may be noise counts nothing."""
    difference_HW = np.abs(a_HW - b_HW)
    difference_HW[difference_HW <= NOISE_LEVELS] = 0
    return round(float(difference_HW.mean()) / 255, 6)
