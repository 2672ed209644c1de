"""Where in a video more must be looked at, to find the windows in which it scores best.

Pure functions of what was seen so far: a few scores far apart, and many in stretches that were
looked at closely. Between two moments the score is taken to run straight from one to the other.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.intervals import Interval, overlap_seconds
from kinetics_builder.video.finding.curves import Curve
from kinetics_builder.video.finding.peaks import EPSILON, Grid, Peak

LEAST_GAIN = 0.02
"""A window that is estimated to be better by less than this is not looked at."""


def estimated_peaks(curve: Curve, grid: Grid) -> list[Peak]:
    """Return every window with the mean of the straight lines inside it.

    >>> grid = Grid(window_seconds=2, duration_seconds=8)
    >>> max(estimated_peaks(Curve([0, 4, 8], [0, 1, 0]), grid), key=lambda peak: peak.score)
    Peak(window=Interval(start=3.0, end=5.0), score=0.875)
    """
    starts = grid.starts()
    windows = [grid.window(start) for start in starts]
    ends = np.array([window.end for window in windows])
    areas = _area(curve, ends) - _area(curve, np.array(starts))
    means = areas / np.maximum(ends - np.array(starts), EPSILON)
    return [Peak(w, round(float(mean), 9)) for w, mean in zip(windows, means, strict=True)]


def _area(curve: Curve, moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the area below the lines from 0 up to each moment; outside, the ends go on level."""
    times = np.asarray(curve.times_seconds, dtype=np.float64)
    values = np.asarray(curve.values, dtype=np.float64)
    steps = np.diff(times) * (values[1:] + values[:-1]) / 2
    sums = np.concatenate([[times[0] * values[0]], times[0] * values[0] + np.cumsum(steps)])
    at = np.interp(moments, times, values)
    place = np.clip(np.searchsorted(times, moments, side="right") - 1, 0, len(times) - 1)
    inside = sums[place] + (moments - times[place]) * (values[place] + at) / 2
    return np.where(moments < times[0], moments * values[0], inside)


def is_inside(window: Interval, stretches: Iterable[Interval]) -> bool:
    """Say whether one of the stretches holds all of a window."""
    return any(
        s.start <= window.start + EPSILON and window.end <= s.end + EPSILON for s in stretches
    )


def to_look_at(
    estimated: Sequence[Peak], seen: Sequence[Peak], looked: Sequence[Interval]
) -> list[Interval]:
    """Return the windows that must be looked at closely before the best are known.

    Args:
        estimated: The best windows by estimate.
        seen: The best of those that were looked at closely.
        looked: What was looked at closely, apart from one another.

    A window is left as it is where one was seen that shares most of it, and is as good.

    """
    return [
        peak.window
        for peak in estimated
        if not is_inside(peak.window, looked) and not any(_serves(s, peak) for s in seen)
    ]


def _serves(seen: Peak, wanted: Peak) -> bool:
    shared = overlap_seconds(seen.window, wanted.window)
    return shared >= wanted.window.length / 2 and seen.score >= wanted.score - LEAST_GAIN


def joined(stretches: Iterable[Interval]) -> list[Interval]:
    """Return stretches in order, those that touch as one.

    >>> joined([Interval(4, 6), Interval(0, 2), Interval(1, 3)])
    [Interval(start=0, end=3), Interval(start=4, end=6)]
    """
    result: list[Interval] = []
    for stretch in sorted(stretches):
        if result and stretch.start <= result[-1].end + EPSILON:
            result[-1] = Interval(result[-1].start, max(result[-1].end, stretch.end))
        else:
            result.append(stretch)
    return result


def left_out(stretch: Interval, looked: Iterable[Interval]) -> list[Interval]:
    """Return the parts of a stretch that none of the others holds.

    >>> left_out(Interval(0, 9), [Interval(2, 4), Interval(8, 12)])
    [Interval(start=0, end=2), Interval(start=4, end=8)]
    """
    parts, start = [], stretch.start
    for other in joined(looked):
        if other.start > start + EPSILON:
            parts.append(Interval(start, min(other.start, stretch.end)))
        start = max(start, other.end)
        if start >= stretch.end:
            break
    if start < stretch.end - EPSILON:
        parts.append(Interval(start, stretch.end))
    return [part for part in parts if part.length > EPSILON]
