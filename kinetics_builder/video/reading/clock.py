"""A file's own time, put in order once: recordings that were joined, jumps, missing stamps.

Pure functions of the stamps of packets; no file is opened here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

BACK_SECONDS = 0.25
"""A stamp this much before the one of the packet before begins the time anew; less is jitter."""

GAP_SECONDS = 60.0
"""A jump this long, in which nothing is seen or heard, is no time that passed."""

HELD_SECONDS = 1.0
"""A packet that says it lasts longer may be held, or end before a jump: MP4 tells no difference."""

MAX_TRIED = 8
"""Of the corrections known so far, how many of the latest a stamp is tried with."""


@dataclass
class _Track:
    offset: float
    """What is added to its stamps, in seconds."""
    expected: float
    """Where its next packet should begin, in the file's time."""
    begun: float = float("-inf")
    """Where its latest packet began."""
    step: float = 0.0
    """How long its packets last, where they are not held."""


@dataclass
class Clock:
    """Gives the packets of all streams, in the order of the file, one time that runs on.

    Where two recordings were joined, the second's stamps begin at 0 again; where a recorder
    was switched off, they jump. Both go on where the time stood. A picture that is held while
    its sound goes on is no jump.
    """

    offsets: list[float] = field(default_factory=lambda: [0.0])
    """Every correction in use, the first of which is none, in seconds."""

    _tracks: dict[int, _Track] = field(default_factory=dict)
    _latest: float = float("-inf")

    def place(self, track: int, stamp: float | None, duration: float) -> float:
        """Return what must be added to a packet's stamps.

        Args:
            track: Number of its stream.
            stamp: Its time of decoding, seconds; None continues the packet before.
            duration: How long it lasts, seconds.

        """
        known = self._tracks.get(track)
        if known is None:
            offset = self.offsets[-1]
            known = self._tracks[track] = _Track(offset, (stamp or 0.0) + offset)
        if stamp is None:
            stamp = known.expected - known.offset
        since = stamp + known.offset - known.begun
        known.offset = self._offset(known, stamp)
        known.begun = stamp + known.offset
        for step in (duration, since):
            if 0 < step <= HELD_SECONDS:
                known.step = step
                break
        known.expected = known.begun + known.step
        self._latest = max(self._latest, known.expected)
        return known.offset

    def _offset(self, track: _Track, stamp: float) -> float:
        if self._continues(track, stamp + track.offset):
            return track.offset
        missing = track.expected - stamp
        others = [o for o in self.offsets[-MAX_TRIED:] if self._continues(track, stamp + o)]
        if others:
            return min(others, key=lambda offset: abs(offset - missing))
        self.offsets.append(missing)
        return missing

    def _continues(self, track: _Track, moment: float) -> bool:
        if moment < track.begun - BACK_SECONDS:
            return False
        return moment - max(track.expected, self._latest) <= GAP_SECONDS


def in_slots(stamps: list[float | None], durations: list[float]) -> list[float]:
    """Return the times at which a stream's packets take turns, in order.

    For streams whose stamps tell when a packet is decoded, not when it is shown: the decoder
    says which picture comes next, the sorted stamps say when. A missing stamp lies one
    duration after the one before it.

    >>> in_slots([0.0, None, 2.0], [1.0, 1.0, 1.0])
    [0.0, 1.0, 2.0]
    """
    slots: list[float] = []
    following = 0.0
    for stamp, duration in zip(stamps, durations, strict=True):
        slots.append(following if stamp is None else stamp)
        following = slots[-1] + duration
    return sorted(slots)


def usual_step(times: Sequence[float]) -> float:
    """Return the median of the steps between sorted times, in seconds; 0 for fewer than two."""
    steps = [b - a for a, b in pairwise(times)]
    return median(steps) if steps else 0.0
