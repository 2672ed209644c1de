"""Whether two clips sound the same, and by how much later one of them does.

Equal landmarks are counted by how much later they come in the other. In one recording most are
equally much later; in two that share a beat, a hum or a tone, some are at many times, and then
nothing is said.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.sounds.landmarks import STEP_SECONDS, Landmarks

LEAST_AGREEING = 12
"""Equal landmarks that are equally much later."""

LEAST_SHARE = 0.04
"""Of the landmarks of the stretch that both have, so many agree: at low rates few stay."""

LEAST_SECONDS = 2.0
"""Of what both have."""

MOST_ELSEWHERE = 0.5
"""Share of these that may agree at any other time: more are a beat, or a steady sound."""

SAME_SECONDS = 0.5
"""Times that are nearer to each other are one."""


class Agreement(NamedTuple):
    """That two clips sound the same."""

    shift_seconds: float
    """By how much later the second has what both have."""
    num_agreeing: int
    """Landmarks."""
    share: float
    """Of the landmarks of the stretch that both have, in (0, 1]."""


def agree(one: Landmarks, other: Landmarks) -> Agreement | None:
    """Return how two clips sound the same; None where they do not, or nothing can be told.

    It is symmetric but for the sign of the shift.
    """
    shifts = _shifts(one, other)
    if len(shifts) < LEAST_AGREEING:
        return None
    lowest = int(shifts.min()) - 2
    counts = np.bincount(shifts - lowest, minlength=int(shifts.max()) - lowest + 3)
    near = np.convolve(counts, (1, 1, 1), "same")
    number = int(near.max())
    first, last = np.flatnonzero(near == number)[[0, -1]]
    reach = round(SAME_SECONDS / STEP_SECONDS)
    elsewhere = np.concatenate((near[: max(0, first - reach)], near[first + reach + 1 :]))
    if number < LEAST_AGREEING or elsewhere.max(initial=0) > MOST_ELSEWHERE * number:
        return None
    around = counts[first - 1 : last + 2]
    shift = float(around @ np.arange(len(around)) / around.sum() + first - 1 + lowest)
    begin, end = _common(one, other, shift)
    share = min(1.0, number / max(1, _num_within(one, other, shift, begin, end)))
    if share < LEAST_SHARE or (end - begin) * STEP_SECONDS < LEAST_SECONDS:
        return None
    return Agreement(round(shift * STEP_SECONDS, 3), number, round(share, 4))


def _shifts(one: Landmarks, other: Landmarks) -> NDArray[np.int64]:
    """Return by how many moments later the other has each landmark that is equal."""
    order = np.argsort(other.hashes_N, kind="stable")
    hashes, moments = other.hashes_N[order], other.moments_N[order].astype(np.int64)
    first = np.searchsorted(hashes, one.hashes_N, "left")
    number = np.searchsorted(hashes, one.hashes_N, "right") - first
    places = np.repeat(first, number) + _numbered(number)
    shifts: NDArray[np.int64] = moments[places] - np.repeat(one.moments_N.astype(np.int64), number)
    return shifts


def _numbered(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0, 1, 2 ... of each run."""
    starts = np.cumsum(lengths) - lengths
    numbered: NDArray[np.int64] = np.arange(int(lengths.sum())) - np.repeat(starts, lengths)
    return numbered


def _common(one: Landmarks, other: Landmarks, shift: float) -> tuple[float, float]:
    """Return the moments of the first between which both have landmarks."""
    begin = max(float(one.moments_N.min()), float(other.moments_N.min()) - shift)
    return begin, min(float(one.moments_N.max()), float(other.moments_N.max()) - shift)


def _num_within(one: Landmarks, other: Landmarks, shift: float, begin: float, end: float) -> int:
    """Return how many landmarks the one with fewer has between these moments."""
    later = other.moments_N - shift
    inside = ((moments >= begin) & (moments <= end) for moments in (one.moments_N, later))
    return min(int(some.sum()) for some in inside)
