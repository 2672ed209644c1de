"""Where in a video something moves: the fallback when no scorer knows the label."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.intervals import Interval
from kinetics_builder.video.reading.frames import Frame

QUIET = 0.002
"""Mean energy below which nothing moves: what the noise of a compressed still comes to."""

NOISE_LEVELS = 3
"""Differences of so many of 255 grey levels are the codec's."""

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


class Curve(NamedTuple):
    """A value at each of several moments of a video, in order of time."""

    times_seconds: list[float]
    values: list[float]


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


def moving_windows(
    curve: Curve,
    candidates: Sequence[Interval],
    *,
    num_windows: int,
    quiet: float = QUIET,
) -> list[tuple[Interval, float]]:
    """Return up to `num_windows` of the candidates in which something moves, with their energy.

    The windows are spread evenly over the candidates that move, in order of time. None moves:
    the list is empty.
    """
    means = [(window, mean_inside(curve, window)) for window in candidates]
    moving = [(window, mean) for window, mean in means if mean >= quiet]
    count = min(num_windows, len(moving))
    return [moving[(2 * i + 1) * len(moving) // (2 * count)] for i in range(count)]


def mean_inside(curve: Curve, window: Interval) -> float:
    """Return the mean of a curve's values over the time of a window; 0 where it has none.

    A picture that is held moves nothing: where fewer moments were looked at than elsewhere,
    the missing ones count as 0.
    """
    inside = [
        value
        for time, value in zip(curve.times_seconds, curve.values, strict=True)
        if window.start <= time < window.end
    ]
    steps = [b - a for a, b in pairwise(curve.times_seconds)]
    num_usual = int((window.end - window.start) / median(steps)) if steps else 0
    return sum(inside) / max(len(inside), num_usual, 1)
