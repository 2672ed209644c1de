"""Where bytes of a file are missing or wrong, and which pictures are missing there.

A hole shows by what the demuxer says (a packet's parts do not follow one another), by bytes
that no packet accounts for, or by sound that stops as long as the picture does. A picture that
is held while its sound goes on, or in a file without damage, is no hole.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from av.packet import Packet
from av.stream import Stream

from kinetics_builder.video.reading.clock import usual_step

SKIPPED_BYTES = {"matroska,webm": 256, "flv": 256, "mpeg": 8192}
"""Of containers whose packets stand one behind another: more bytes between two of them are no
head and no padding, but something that could not be read."""

LATE = frozenset({"mpegts"})
"""Containers whose packets are put together from parts: the flag of one is about the next."""

HEAD_BYTES = 8
"""Where a packet is said to begin, and where it begins, may lie so far apart."""

BLANK_BYTES = 16
"""So many zeros, and nothing else, are no picture of any codec that leaves something out."""

GAP_STEPS = 1.5
"""Usual steps between two pictures from which on another one had its place between them."""

REORDERED = 8
"""A picture is shown at most so many steps before or after its turn in the file."""

SHARE = 0.5
"""Of a gap in the picture, which must be silent too."""

Stretch = tuple[float, float]
"""(begin, end), seconds."""


class Found(NamedTuple):
    """What was found about a packet."""

    is_damaged: bool
    """A part of it is missing, or it holds nothing but zeros."""
    is_behind_hole: bool
    """Between it and the packet before of its stream bytes are missing."""


@dataclass
class HoleFinder:
    """Is shown the packets of all streams in the order of the file."""

    container: str
    """The demuxer's name, as "matroska,webm"."""
    breaks: Sequence[int] = ()
    """Positions before which bytes are known to be missing, sorted."""
    _end: int = 0
    """Of the packet that reaches furthest into the file."""
    _num_skips: int = 0
    _seen: dict[int, int] = field(default_factory=dict)
    """How many breaks and skips there were at the latest packet of each stream."""
    _announced: set[int] = field(default_factory=set)
    """Streams whose next packet lacks a part, by the flag of the latest."""
    _torn: set[int] = field(default_factory=set)
    """Streams whose latest packet lacks a part."""

    def look_at(self, packet: "Packet[Any]") -> Found:
        """Say what is missing in a packet, and between it and the one before of its stream."""
        track = packet.stream_index
        num_holes = self._num_holes(packet)
        is_behind = track in self._torn or self._seen.get(track, num_holes) < num_holes
        self._seen[track] = max(num_holes, self._seen.get(track, 0))
        is_torn = track in self._announced if self.container in LATE else packet.is_corrupt
        _put(self._announced, track, packet.is_corrupt)
        _put(self._torn, track, is_torn)
        return Found(is_torn or is_blank(bytes(packet), packet.stream), is_behind)

    def _num_holes(self, packet: "Packet[Any]") -> int:
        """Return how many holes there are in the file before a packet, as far as is known."""
        if packet.pos is None:
            return self._seen.get(packet.stream_index, 0)
        if (most := SKIPPED_BYTES.get(self.container)) is not None:
            self._num_skips += 0 < self._end < packet.pos - most
            self._end = max(self._end, packet.pos + packet.size)
        return self._num_skips + bisect_right(self.breaks, packet.pos + HEAD_BYTES)


def _put(tracks: set[int], track: int, is_in: bool) -> None:
    if is_in:
        tracks.add(track)
    else:
        tracks.discard(track)


def is_blank(data: bytes, stream: Stream) -> bool:
    """Say whether a packet holds nothing, which those of no lossy codec do."""
    if len(data) <= BLANK_BYTES or data.count(0) < len(data):
        return False
    return stream.codec_context is not None and bool(stream.codec_context.codec.lossy)


def lost_moments(
    moments: Sequence[float], behind: Iterable[int], heard: Sequence[float]
) -> list[float]:
    """Return when pictures would be shown that are missing in holes.

    Args:
        moments: When each picture is shown, in the order of the file, seconds.
        behind: Places in `moments` of the first pictures behind holes.
        heard: When each packet of sound begins.

    >>> lost_moments([0, 1, 2, 5, 6], behind=[3], heard=[])
    [3.0, 4.0]

    """
    gaps = list(_gaps(sorted(moments)))
    if not gaps:
        return []
    step = usual_step(sorted(moments))
    torn = _shared(gaps, _stretches(moments, behind, REORDERED * step), 0.0)
    silent = _shared(gaps, _gaps(sorted(heard)), SHARE)
    found: list[float] = []
    for begin, end in sorted({*torn, *silent}):
        count = round((end - begin) / step)
        found += [begin + (end - begin) * i / count for i in range(1, count)]
    return found


def _gaps(times: Sequence[float]) -> Iterator[Stretch]:
    """Yield (begin, end) of the steps between sorted times that are too long."""
    usual = usual_step(times)
    for begin, end in pairwise(times):
        if usual and end - begin > GAP_STEPS * usual:
            yield begin, end


def _stretches(moments: Sequence[float], behind: Iterable[int], reach: float) -> Iterator[Stretch]:
    """Yield the times in which pictures next to a hole in the file may be missing."""
    for place in behind:
        if 0 < place < len(moments):
            sides = moments[place - 1], moments[place]
            yield min(sides) - reach, max(sides) + reach


def _shared(gaps: Sequence[Stretch], holes: Iterable[Stretch], share: float) -> Iterator[Stretch]:
    """Yield those of the sorted `gaps` of which a hole has at least such a share."""
    for begin, end in holes:
        for gap in gaps[bisect_right(gaps, begin, key=itemgetter(1)) :]:
            if gap[0] >= end:
                break
            if min(end, gap[1]) - max(begin, gap[0]) >= share * (gap[1] - gap[0]):
                yield gap
