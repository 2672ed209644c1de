"""Placing clips on the best windows of a video, off its cuts where its shots are long enough.

Pure functions of scores, cuts and what was looked at. A cut is the moment at which a shot begins.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from kinetics_builder.intervals import Interval, overlap_seconds
from kinetics_builder.video.finding.peaks import EPSILON, Grid, Peak

COMPARED_SECONDS = 0.2
"""Between two pictures that are compared to find cuts: a cut lies so much earlier at most."""


class Cuts(StrEnum):
    """What becomes of a clip with a cut inside."""

    SHIFT = "shift"
    """It moves off the cut where a shot is long enough, and stays as it is where not."""
    KEEP = "keep"
    """It stays."""
    DROP = "drop"
    """It moves off the cut where a shot is long enough, and is not proposed where not."""


class Placed(NamedTuple):
    """A window for a clip."""

    window: Interval
    score: float
    cuts: tuple[float, ...]
    """Inside it, in the video's time."""
    was_moved: bool
    """Whether it lay across a cut where it scored best."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where clips of a video may lie, and how many."""

    num_peaks: int
    min_distance_seconds: float
    cuts: Sequence[float] = ()
    """All that are known, sorted."""
    what: Cuts = Cuts.SHIFT
    """Becomes of a window across a cut. One that moves goes to the best window without a cut that
    shares at least half of it."""


def cuts_inside(window: Interval, cuts: Iterable[float]) -> tuple[float, ...]:
    """Return the cuts that a window lies across.

    >>> cuts_inside(Interval(10, 20), [10, 15, 20.1, 30])
    (15, 20.1)
    """
    first, last = window.start + EPSILON, window.end + COMPARED_SECONDS - EPSILON
    return tuple(cut for cut in cuts if first < cut < last)


def place(peaks: Iterable[Peak], places: Places) -> list[Placed]:
    """Return the best of all windows that have a score, off the cuts as `places` says.

    Windows lie apart as in `best_peaks`; ties go to the earliest.
    """
    ranked = sorted(peaks, key=lambda peak: (-peak.score, peak.window.start))
    taken: list[Placed] = []
    for peak in ranked:
        others = [placed.window for placed in taken]
        if len(taken) < places.num_peaks and _is_apart(peak.window, others, places):
            taken.append(settled(peak, ranked, others, places))
    return [p for p in taken if not (p.cuts and places.what is Cuts.DROP)]


def settled(
    peak: Peak, ranked: Sequence[Peak], others: Sequence[Interval], places: Places
) -> Placed:
    """Return where a window goes, given all windows, the best first, and those taken before."""
    cuts = cuts_inside(peak.window, places.cuts)
    if cuts and places.what is not Cuts.KEEP:
        for other in ranked:
            shared = overlap_seconds(other.window, peak.window)
            if (
                shared >= peak.window.length / 2 - EPSILON
                and not cuts_inside(other.window, places.cuts)
                and _is_apart(other.window, others, places)
            ):
                return Placed(*other, (), True)
    return Placed(*peak, cuts, False)


def _is_apart(window: Interval, others: Iterable[Interval], places: Places) -> bool:
    least = places.min_distance_seconds - EPSILON
    return all(abs(window.start - other.start) >= least for other in others)


def beside_cuts(window: Interval, grid: Grid, cuts: Sequence[float]) -> list[Interval]:
    """Return the windows nearest to one across cuts that are across none of those known.

    They share at least half of it. None where every shot is too short.
    """
    if not cuts_inside(window, cuts):
        return []
    near = [
        other
        for other in map(grid.window, grid.starts())
        if overlap_seconds(other, window) >= window.length / 2 - EPSILON
        if not cuts_inside(other, cuts)
    ]
    before = [other for other in near if other.start < window.start]
    return before[-1:] + [other for other in near if other.start > window.start][:1]
