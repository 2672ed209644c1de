"""The windows of a video in which its frames score best. Pure functions of times and scores."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor
from typing import NamedTuple

from kinetics_builder.intervals import Interval

EPSILON = 1e-6
"""Seconds that rounding may cost."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Where windows may lie."""

    window_seconds: float = 10.0
    """Length of a window (arXiv:1705.06950)."""

    step_seconds: float = 1.0
    """Windows start at multiples of this."""

    duration_seconds: float
    """Length of the video, inside which every window lies."""

    def starts(self) -> list[float]:
        """Return every start, in order of time. A video shorter than a window has one, 0."""
        room = self.duration_seconds - self.window_seconds
        count = max(0, floor(room / self.step_seconds + EPSILON)) + 1
        return [round(i * self.step_seconds, 6) for i in range(count)]

    def window(self, start: float) -> Interval:
        """Return the window at `start`; a short video's is the whole video."""
        return Interval(start, min(round(start + self.window_seconds, 6), self.duration_seconds))

    def tiles(self, spacing_seconds: float = 0.0) -> list[Interval]:
        """Return windows side by side from the start, as many as fit (at least one).

        Their starts lie at least a window and at least `spacing_seconds` apart.
        """
        step = max(self.window_seconds, spacing_seconds)
        chosen: list[float] = []
        for start in self.starts():
            if not chosen or start >= chosen[-1] + step - EPSILON:
                chosen.append(start)
        return [self.window(start) for start in chosen]


class Peak(NamedTuple):
    """A window and the mean score of the frames inside it."""

    window: Interval
    score: float


def best_peaks(
    times: Sequence[float],
    scores: Sequence[float],
    grid: Grid,
    *,
    num_peaks: int = 2,
    min_distance_seconds: float = 10.0,
) -> list[Peak]:
    """Return the windows with the highest mean score, best first.

    Smoothing over a whole window rather than one frame makes a lasting action win over a
    flash. Each next window is the best whose start lies at least `min_distance_seconds` from
    those taken. Ties go to the earliest; windows without a frame are not taken.

    >>> grid = Grid(window_seconds=2, duration_seconds=6)
    >>> best_peaks([0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 0, 0], grid, num_peaks=1)
    [Peak(window=Interval(start=2.0, end=4.0), score=1.0)]
    """
    return best_apart(every_peak(times, scores, grid), num_peaks, min_distance_seconds)


def every_peak(times: Sequence[float], scores: Sequence[float], grid: Grid) -> list[Peak]:
    """Return every window with a frame inside, in order of time."""
    assert len(times) == len(scores), "one score for each time"
    assert all(a <= b for a, b in pairwise(times)), "times in order"
    windows = [grid.window(start) for start in grid.starts()]
    means = zip(windows, _window_means(times, scores, windows), strict=True)
    return [Peak(window, mean) for window, mean in means if mean is not None]


def best_apart(peaks: Iterable[Peak], num_peaks: int, min_distance_seconds: float) -> list[Peak]:
    """Return the best of the windows whose starts lie far enough apart; ties go to the earliest."""
    taken: list[Peak] = []
    for peak in sorted(peaks, key=lambda peak: (-peak.score, peak.window.start)):
        far = all(
            abs(peak.window.start - other.window.start) >= min_distance_seconds - EPSILON
            for other in taken
        )
        if far and len(taken) < num_peaks:
            taken.append(peak)
    return taken


def _window_means(
    times: Sequence[float], scores: Sequence[float], windows: Sequence[Interval]
) -> list[float | None]:
    """Return the mean score of every window, rounded so that equal means tie."""
    import numpy as np  # here: who only says what a peak is needs none

    sums = np.concatenate([[0.0], np.cumsum(np.asarray(scores, dtype=np.float64))])
    bounds_N2 = np.asarray(windows, dtype=np.float64).reshape(-1, 2) - EPSILON
    low, high = np.searchsorted(times, bounds_N2).T
    num = high - low
    with np.errstate(invalid="ignore"):
        means = ((sums[high] - sums[low]) / num).tolist()
    return [round(mean, 9) if n else None for mean, n in zip(means, num.tolist(), strict=True)]
