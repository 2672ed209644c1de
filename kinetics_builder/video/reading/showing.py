"""The pictures of a video, in the order and at the times in which they are shown."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple, Protocol

from av.video.frame import VideoFrame

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.reading.clock import usual_step
from kinetics_builder.video.reading.decoding import Start, decode_places
from kinetics_builder.video.reading.timeline import Timeline, read_timeline

SLACK_SECONDS = 1e-4
"""Rounding of timestamps: a picture this little before its moment is at its moment."""

LEAD_SECONDS = 10.0
"""How long before the moment asked for decoding begins: what a key frame does not renew at
once (a gradual refresh) is whole by then."""

MAX_REORDERED = 64
"""So many pictures at most are shown between a key frame and those decoded before it."""

TICK_SECONDS = 1e-3
"""Between two pictures that claim the same moment."""


RGB, UNSPECIFIED = 0, 2
MATRICES = frozenset({1, 2, 4, 5, 6, 7, 9})
"""Colour matrices (ITU-T H.273) that can be converted."""


class Shown(NamedTuple):
    """A picture and when it is shown."""

    time_seconds: float
    """In the file's time."""
    frame: VideoFrame
    """As stored: see `orientation`."""
    is_damaged: bool
    """A part of it is missing, by the decoder's word or the demuxer's."""


@dataclass
class Showing:
    """The pictures of a file from some moment on; what was broken is counted, not fatal.

    Iterating raises ItemFailed(BROKEN) if not a single picture can be decoded.
    """

    path: Path
    timeline: Timeline
    from_seconds: float = 0.0
    """Pictures from here on are given, and at least the one that is shown then."""

    num_errors: int = field(default=0, init=False)
    """Packets that could not be decoded and pictures decoded with damage, so far."""

    num_decoded: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Shown]:
        """Decode from a key frame well before `from_seconds`."""
        self.num_errors = self.num_decoded = 0
        line = self.timeline
        moments = _InSlots(line) if line.follows_decoder else _ByStamps(line)
        start = start_before(line, self.from_seconds)
        before = float("-inf")
        for decoded in decode_places(self.path, line.picture.index, start):
            if decoded.frame is None:
                self.num_errors += 1
                continue
            self.num_decoded += 1
            is_damaged = decoded.frame.is_corrupt or decoded.place in line.damaged
            self.num_errors += is_damaged
            moment = moments.of(decoded.place, decoded.frame) - line.begin_seconds
            if moment < -SLACK_SECONDS:
                continue
            before = moment if moment > before + SLACK_SECONDS else before + TICK_SECONDS
            yield Shown(max(before, 0.0), with_usable_colours(decoded.frame), is_damaged)
        if not self.num_decoded:
            raise ItemFailed(Reason.BROKEN, f"no frame can be decoded ({self.num_errors} errors)")


def with_usable_colours(frame: VideoFrame) -> VideoFrame:
    """Call colours unspecified that nothing here can convert: reserved ones, YCgCo, ICtCp."""
    is_rgb = frame.colorspace == RGB and frame.format.is_rgb
    if frame.colorspace not in MATRICES and not is_rgb:
        frame.colorspace = UNSPECIFIED
    return frame


def shown_pictures(path: Path) -> Showing:
    """Return the pictures of `path`; raises as `read_timeline` does."""
    return Showing(path, read_timeline(path))


def start_before(line: Timeline, seconds: float) -> Start | None:
    """Return the key frame to begin with for pictures from `seconds` on.

    None stands for the file's first packet.
    """
    if not line.is_plain or line.follows_decoder:
        return None
    latest = line.begin_seconds + seconds - LEAD_SECONDS
    packets = line.picture.packets
    keys = [
        place
        for place, packet in enumerate(packets)
        if packet.is_key and packet.shown is not None and packet.shown <= latest
    ]
    if not keys or keys[-1] <= line.first.place:
        return None
    seek_to = packets[keys[-1]].seek_to
    known = {packets[place].raw: place for place in keys}
    return None if seek_to is None else Start(keys[-1], seek_to, known)


class _Moments(Protocol):
    """Says when the pictures are shown that a decoder gives one after another."""

    def of(self, place: int | None, frame: VideoFrame) -> float:
        """Return a picture's moment, on the container's clock put in order."""


class _ByStamps:
    """Each packet says when its picture is shown; one that does not follows the one before."""

    def __init__(self, line: Timeline) -> None:
        self.packets = line.picture.packets
        self.step = usual_step(line.shown_seconds())
        self.before = line.begin_seconds - self.step

    def of(self, place: int | None, frame: VideoFrame) -> float:
        shown = self.packets[place].shown if place is not None else None
        self.before = self.before + self.step if shown is None else shown
        return self.before


class _InSlots:
    """The decoder says which picture comes next, the slots say when.

    At a key frame the count is set right, however many packets before it were lost: shown
    before it are all packets before it, and those behind it whose pictures came first.
    """

    def __init__(self, line: Timeline) -> None:
        self.slots = line.slots
        self.step = usual_step(list(line.slots))
        shown = accumulate((p.is_shown for p in line.picture.packets), initial=0)
        self.num_before = list(shown)
        self.slot = self.num_before[line.first.place] - 1
        self.latest: deque[int] = deque(maxlen=MAX_REORDERED)

    def of(self, place: int | None, frame: VideoFrame) -> float:
        self.slot += 1
        if place is not None:
            if frame.key_frame:
                num_early = sum(other > place for other in self.latest)
                self.slot = max(self.slot, self.num_before[place] + num_early)
            self.latest.append(place)
        beyond = self.slot - (len(self.slots) - 1)
        return self.slots[min(self.slot, len(self.slots) - 1)] + max(0, beyond) * self.step
