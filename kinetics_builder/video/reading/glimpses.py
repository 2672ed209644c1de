"""Looking at parts of a plain video alone: its key frames, and stretches, at little cost.

Times and shapes as in `frames`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Self

from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from kinetics_builder.intervals import Interval
from kinetics_builder.video.reading.container import open_container
from kinetics_builder.video.reading.decoding import Start, be_thrifty, decode_parts
from kinetics_builder.video.reading.frames import Every, Frame, Scaler, Seeing
from kinetics_builder.video.reading.plain import plain_timeline
from kinetics_builder.video.reading.showing import SLACK_SECONDS, with_usable_colours
from kinetics_builder.video.reading.timeline import Timeline


class Glimpses:
    """A file, held open, of which single pictures can be had."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        line: Timeline,
        size: tuple[int, int],
        seen: Seeing | None = None,
    ) -> None:
        self.line, self.seen = line, seen
        self.num_decoded = 0
        """Pictures decoded so far, given or not."""
        self._container, self._stream = container, stream
        self._size = size

    @classmethod
    @contextmanager
    def of(
        cls,
        path: Path,
        size: tuple[int, int],
        seen: Seeing | None = None,
    ) -> Iterator[Self | None]:
        """Open a file; None where all of it must be decoded to know what is shown when.

        Args:
            path: The file.
            size: (width, height) of the frames given, upright.
            seen: Is shown the picture of each frame that is given, as large as it was decoded.

        Raises ItemFailed as `plain_timeline` does.

        """
        line = plain_timeline(path)
        if line is None:
            yield None
            return
        with open_container(path) as container:
            stream = container.streams[line.picture.index]
            assert isinstance(stream, VideoStream), "as plain_timeline found it"
            yield cls(container, stream, line, size, seen)

    @cached_property
    def key_times(self) -> list[float]:
        """When the key frames are shown, from the first picture on."""
        return sorted(self._keys.values())

    def key_frames(self, least_seconds: float) -> list[Frame]:
        """Return the key frames, decoded without what lies between them.

        Of those that lie less than `least_seconds` behind one, none is.
        """
        keys, scaler = _apart(self._keys, least_seconds), Scaler(self._size, 0)
        packets = self.line.picture.packets
        parts = {n + 1 for n in keys if n + 1 < len(packets) and packets[n + 1].is_part}
        be_thrifty(self._stream, leaves_out=False)
        found = []
        for decoded in decode_parts(
            self._container, self._stream, self._start(0.0), keys.keys() | parts
        ):
            if decoded.frame is not None and decoded.place in keys:
                self.num_decoded += 1
                found.append(self._given(keys[decoded.place], decoded.frame, scaler))
        return sorted(found, key=lambda frame: frame.time_seconds)

    def between(self, stretch: Interval, every_seconds: float) -> list[Frame]:
        """Return the first frame at or after each multiple of `every_seconds` in `stretch`.

        Decoding begins at the key frame before it. Pictures without which the others can be made
        are left out, so that a frame may come a little later than it does in the video; where
        too few are left, all are decoded.
        """
        frames = list(self._between(stretch, every_seconds, leaves_out=True))
        shown = sum(stretch.start <= time < stretch.end for time in self._times)
        if len(frames) < min(shown, stretch.length / every_seconds) / 2:
            frames = list(self._between(stretch, every_seconds, leaves_out=False))
        return frames

    def _between(
        self, stretch: Interval, every_seconds: float, *, leaves_out: bool
    ) -> Iterator[Frame]:
        scaler, every = Scaler(self._size, 0), Every(every_seconds)
        be_thrifty(self._stream, leaves_out=leaves_out)
        for decoded in decode_parts(self._container, self._stream, self._start(stretch.start)):
            if decoded.frame is None or decoded.place is None:
                continue
            self.num_decoded += 1
            time = self._times[decoded.place]
            if time >= stretch.end - SLACK_SECONDS:
                break
            if time >= stretch.start - SLACK_SECONDS and every.takes(time):
                yield self._given(max(0.0, time), decoded.frame, scaler)

    def _given(self, time: float, frame: VideoFrame, scaler: Scaler) -> Frame:
        picture = with_usable_colours(frame)
        if self.seen:
            self.seen(time, picture)
        return Frame(time, scaler.upright(picture))

    @cached_property
    def _times(self) -> list[float]:
        """When each packet's picture is shown; before the first one's where it is not."""
        begin = self.line.begin_seconds
        return [-1.0 if p.shown is None else p.shown - begin for p in self.line.picture.packets]

    @cached_property
    def _keys(self) -> dict[int, float]:
        """When each key frame is shown, by its packet's place."""
        return {
            place: max(0.0, time)
            for place, (packet, time) in enumerate(
                zip(self.line.picture.packets, self._times, strict=True)
            )
            if packet.is_key and packet.is_shown and time >= -SLACK_SECONDS
        }

    @cached_property
    def _known(self) -> dict[tuple[int | None, int], int]:
        packets = self.line.picture.packets
        return {packet.raw: place for place, packet in enumerate(packets) if packet.is_key}

    def _start(self, seconds: float) -> Start:
        """Return the last key frame that is shown at a moment or before, else the first packet."""
        before = (n for n, time in self._keys.items() if time <= seconds + SLACK_SECONDS)
        place = max(before, default=0) if seconds > 0 else 0
        seek_to = self.line.picture.packets[place].seek_to
        return Start(place, seek_to or 0, self._known)


def _apart(keys: dict[int, float], least_seconds: float) -> dict[int, float]:
    """Return those of the places whose moments lie far enough apart, in order of time."""
    found: dict[int, float] = {}
    latest = float("-inf")
    for place, moment in sorted(keys.items(), key=lambda pair: pair[1]):
        if moment >= latest + least_seconds:
            found[place] = latest = moment
    return found
