"""Boundaries that several people marked, clustered to agreement. Pure functions, no database.

ActivityNet had several workers mark each video and clustered their boundaries (CVPR 2015, "A
large-scale video benchmark"); how is not published. Here marks are joined pair by pair, those that
overlap most first, as long as no worker would be in one cluster twice: an action that is done twice
stays two. What enough of those asked have marked is an agreed segment.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean, median
from typing import NamedTuple

from kinetics_builder.intervals import Interval, temporal_iou


class Mark(NamedTuple):
    """A stretch that a worker marked for one class in one video."""

    worker: str
    interval: Interval
    """Seconds from the start of the video."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """When marks are of one doing of an action, and when it counts."""

    least_overlap: float = 0.5
    """Mean intersection over union, in (0, 1], between two clusters that are joined."""
    least_share: float = 0.5
    """Of the workers who were asked, in (0, 1]: more than half is not needed, half is enough."""
    least_workers: int = 2
    """In any case: what one person alone marked is agreed on by nobody."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch as its marks put it."""

    interval: Interval
    """From the median of the starts to the median of the ends."""
    marks: tuple[Mark, ...]
    """One a worker, in the order of their starts."""
    num_asked: int
    is_agreed: bool

    @property
    def share(self) -> float:
        """Return the share of the workers asked who marked it."""
        return len(self.marks) / self.num_asked

    @property
    def overlap(self) -> float | None:
        """Return the mean intersection over union of two of its marks; None with one alone."""
        pairs = combinations([mark.interval for mark in self.marks], 2)
        found = [temporal_iou(a, b) for a, b in pairs]
        return fmean(found) if found else None

    @property
    def spread(self) -> tuple[float, float]:
        """Return the median distance of starts, and of ends, from the segment's, in seconds."""
        return (
            median(abs(mark.interval.start - self.interval.start) for mark in self.marks),
            median(abs(mark.interval.end - self.interval.end) for mark in self.marks),
        )


def agree(
    marks: Iterable[Mark], num_asked: int, settings: Agreement = Agreement()
) -> list[Segment]:
    """Return the segments that marks of one class in one video make, in order, agreed or not.

    The same marks in any order give the same segments. Of pairs that overlap equally the earliest
    are joined first.

    Args:
        marks: Of all workers.
        num_asked: Workers who looked at the video for this class, those who marked nothing too.
        settings: When marks are of one doing, and when it counts.

    Raises:
        ValueError: More workers marked than were asked.

    >>> one, other = (Mark(name, Interval(*t)) for name, t in (("a", (0, 10)), ("b", (2, 10))))
    >>> [segment.interval for segment in agree([one, other], num_asked=3)]
    [Interval(start=1.0, end=10.0)]

    """
    ordered = sorted(marks, key=lambda mark: (mark.interval, mark.worker))
    num_workers = len({mark.worker for mark in ordered})
    if num_workers > num_asked:
        raise ValueError(f"{num_workers} workers marked, and {num_asked} were asked")
    clusters = _joined([[mark] for mark in ordered], settings.least_overlap)
    segments = [_segment(cluster, num_asked, settings) for cluster in clusters]
    return sorted(segments, key=lambda one: (one.interval, one.marks))


def _joined(clusters: list[list[Mark]], least: float) -> list[list[Mark]]:
    """Join clusters by the mean overlap of their marks, as long as any pair may be joined."""
    while True:
        found = [
            (_overlap(clusters[a], clusters[b]), -a, -b)
            for a, b in combinations(range(len(clusters)), 2)
            if _may_be_one(clusters[a], clusters[b])
        ]
        best = max(found, default=(0.0, 0, 0))
        if best[0] < least:
            return clusters
        first, second = -best[1], -best[2]
        clusters[first] = sorted(
            clusters[first] + clusters.pop(second), key=lambda mark: (mark.interval, mark.worker)
        )


def _may_be_one(a: Sequence[Mark], b: Sequence[Mark]) -> bool:
    return {mark.worker for mark in a}.isdisjoint(mark.worker for mark in b)


def _overlap(a: Sequence[Mark], b: Sequence[Mark]) -> float:
    return fmean(temporal_iou(one.interval, other.interval) for one in a for other in b)


def _segment(cluster: Sequence[Mark], num_asked: int, settings: Agreement) -> Segment:
    interval = Interval(
        float(median(mark.interval.start for mark in cluster)),
        float(median(mark.interval.end for mark in cluster)),
    )
    num = len(cluster)
    is_agreed = num >= max(settings.least_workers, settings.least_share * num_asked)
    return Segment(interval, tuple(cluster), num_asked, is_agreed)
