"""Small films of what is shown around moments, from showing a film once.

Any browser plays them, whatever the film itself is: H.264 of 8 bit in MP4, upright, from 0 on,
without sound. Stretches may overlap: a picture is encoded once, however many of them show it.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Self

from av.codec.context import Flags
from av.packet import Packet
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.clip_file import (
    CLOCK,
    X264,
    Look,
    open_mp4,
    open_nowhere,
    video_stream,
)
from kinetics_builder.video.reading.showing import SLACK_SECONDS
from kinetics_builder.video.reading.timeline import Timeline

SHORT_SIDE = 360
"""Pixels of their shorter side, at most."""

_OPTIONS = {
    "crf": "30",
    "preset": "ultrafast",
    "x264-params": f"{X264}:cabac=1:no-deblock=0",
    "forced-idr": "1",
    "g": "100000",
}
"""A picture that begins a loop refers to none before it, and no other need be so. Films of people
take about as many bytes as by the preset veryfast, in half its time."""

_MAX_BEHIND = 8
"""So many pictures wait for the encoder at most, which works while the next ones are decoded."""


class Loop(NamedTuple):
    """A stretch of a film that is to be a file."""

    stretch: Interval
    """In the film's time."""
    file: Path


class _Coded(NamedTuple):
    """A picture as it is stored."""

    tick: int
    """When it begins to be shown, in ticks of the film's time."""
    data: bytes
    is_key: bool


@dataclass(slots=True)
class _Open:
    """A loop whose first picture was encoded, and whose last one may not be yet."""

    file: Path
    begin: int
    end: int
    first: int
    """Tick of its first picture; before `begin` if that one is shown already then."""


class LoopWriter:
    """Writes each of `loops`, which are sorted, once all its pictures were taken.

    Holds the encoded pictures of the loops that are open, and nothing else of the film. Works in
    a thread of its own, which the end of the `with` ends.
    """

    def __init__(self, loops: Iterable[Loop]) -> None:
        self._waiting = deque(loops)
        self._open: deque[_Open] = deque()
        self._coded: deque[_Coded] = deque()
        self._encoder: _Encoder | None = None
        self._tick = -1
        self._thread = ThreadPoolExecutor(1)
        self._behind: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread; without `close`, loops that are open are not written."""
        self._thread.shutdown(cancel_futures=True)

    def take(self, line: Timeline, begin: float, until: float, frame: VideoFrame) -> None:
        """Take a picture that the film with this timeline shows from `begin` until `until`."""
        self._behind.append(self._thread.submit(self._take, line, begin, until, frame))
        while len(self._behind) > _MAX_BEHIND:
            self._behind.popleft().result()

    def close(self) -> None:
        """Write the loops that are open; the film shows nothing more."""
        self._behind.append(self._thread.submit(self._close))
        while self._behind:
            self._behind.popleft().result()

    def _take(self, line: Timeline, begin: float, until: float, frame: VideoFrame) -> None:
        is_first = False
        while self._waiting and self._waiting[0].stretch.start < until - SLACK_SECONDS:
            self._begin(self._waiting.popleft(), begin)
            is_first = True
        if not self._open or begin >= self._open[-1].end / CLOCK - SLACK_SECONDS:
            return
        if self._encoder is None:
            self._encoder = _Encoder(frame, line)
        self._tick = max(round(begin * CLOCK), self._tick + 1)
        self._keep(self._encoder.encode(frame, self._tick, is_first=is_first))

    def _close(self) -> None:
        if self._encoder is not None:
            self._keep(self._encoder.rest())
            while self._open:
                self._write(self._open.popleft())
            self._encoder.close()

    def _begin(self, loop: Loop, begin: float) -> None:
        start, end = (round(moment * CLOCK) for moment in loop.stretch)
        first = max(round(begin * CLOCK), self._tick + 1)
        self._open.append(_Open(loop.file, start, end, first))

    def _keep(self, coded: Iterable[_Coded]) -> None:
        for one in coded:
            while self._open and one.tick >= self._open[0].end:
                self._write(self._open.popleft())
            while self._coded and not (self._open and self._coded[0].tick >= self._open[0].first):
                self._coded.popleft()
            self._coded.append(one)

    def _write(self, loop: _Open) -> None:
        assert self._encoder is not None
        inside = [one for one in self._coded if loop.first <= one.tick < loop.end]
        begins = [0, *(one.tick - loop.begin for one in inside[1:]), loop.end - loop.begin]
        with open_mp4(loop.file) as container:
            stream = container.add_stream_from_template(self._encoder.stream)
            stream.time_base = Fraction(1, CLOCK)
            for one, (begin, end) in zip(inside, pairwise(begins), strict=True):
                container.mux(_packet(one, stream, begin, max(1, end - begin)))


class _Encoder:
    """Encodes pictures one after another, for whatever files they go to."""

    def __init__(self, first: VideoFrame, line: Timeline) -> None:
        short = min(first.width, first.height, SHORT_SIDE)
        look = Look.of(first, line, short)
        self._canvas = look.canvas
        self._nowhere = open_nowhere()
        self.stream: VideoStream = video_stream(self._nowhere, look, _OPTIONS)
        self.stream.codec_context.flags |= Flags.global_header
        self._nowhere.start_encoding()

    def encode(self, frame: VideoFrame, tick: int, *, is_first: bool) -> Iterator[_Coded]:
        """Return what is finished; `is_first`: a loop begins with this picture."""
        picture = self._canvas.paint(frame)
        picture.pts, picture.time_base = tick, Fraction(1, CLOCK)
        picture.pict_type = PictureType.I if is_first else PictureType.NONE
        return _coded(self.stream.encode(picture))

    def rest(self) -> Iterator[_Coded]:
        """Return what was not finished yet."""
        return _coded(self.stream.encode(None))

    def close(self) -> None:
        """Let the encoder go."""
        self._nowhere.close()


def _coded(packets: Iterable["Packet[Any]"]) -> Iterator[_Coded]:
    for packet in packets:
        assert packet.pts is not None
        yield _Coded(
            round(packet.pts * packet.time_base * CLOCK), bytes(packet), packet.is_keyframe
        )


def _packet(one: _Coded, stream: Any, begin: int, length: int) -> "Packet[Any]":
    packet: Packet[Any] = Packet(one.data)
    packet.pts = packet.dts = begin
    packet.duration, packet.time_base = length, Fraction(1, CLOCK)
    packet.is_keyframe, packet.stream = one.is_key, stream
    return packet
