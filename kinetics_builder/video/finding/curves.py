"""What is known of each moment of a video that was looked at, and of windows by it."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from kinetics_builder.intervals import Interval

QUIET = 0.002
"""Mean energy below which nothing moves: what the noise of a compressed still comes to."""


class Curve(NamedTuple):
    """A value at each of several moments of a video, in order of time."""

    times_seconds: list[float]
    values: list[float]


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
