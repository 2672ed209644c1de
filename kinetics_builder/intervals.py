"""Arithmetic on stretches of time. All times are seconds from the start of the video."""

from collections.abc import Sequence
from typing import NamedTuple


class Interval(NamedTuple):
    """A half-open stretch [start, end), in seconds."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Return the length in seconds."""
        return self.end - self.start


def temporal_iou(a: Interval, b: Interval) -> float:
    """Return the intersection over union of two intervals, in [0, 1].

    >>> temporal_iou(Interval(0, 10), Interval(5, 15))
    0.3333333333333333
    """
    intersection = overlap_seconds(a, b)
    union = a.length + b.length - intersection
    return intersection / union if union else 0.0


def overlap_seconds(a: Interval, b: Interval) -> float:
    """Return how many seconds two intervals share.

    >>> overlap_seconds(Interval(0, 4), Interval(3, 9))
    1
    """
    return max(0, min(a.end, b.end) - max(a.start, b.start))


def number_at(intervals: Sequence[Interval], seconds: float) -> int:
    """Return the number, from 0, of the last interval that has begun at a moment; 0 before all.

    >>> number_at([Interval(0, 4), Interval(4, 9)], 4.0)
    1
    """
    return max((n for n, one in enumerate(intervals) if one.start <= seconds), default=0)


def centred(moment: float, length: float, duration: float) -> Interval:
    """Return `length` seconds around `moment`, moved to lie inside [0, duration).

    A video shorter than `length` gives the whole video.

    >>> centred(2, 10, 60)
    Interval(start=0.0, end=10.0)
    >>> centred(30, 10, 7)
    Interval(start=0.0, end=7)
    """
    start = min(max(0.0, moment - length / 2), max(0.0, duration - length))
    return Interval(start, min(start + length, duration))
