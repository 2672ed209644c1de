"""The pictures of a short plain video, a fraction of a second apart, decoded once and held.

Of a video with few key frames nearly all must be decoded to see any of it. What is looked at again
and again, a little more each time, is decoded once here, and made small when it is asked for.
"""

from collections.abc import Iterator
from math import inf, isnan, nan
from pathlib import Path
from typing import Self

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from kinetics_builder.intervals import Interval
from kinetics_builder.video.reading.container import open_container, packets
from kinetics_builder.video.reading.decoding import be_thrifty
from kinetics_builder.video.reading.frames import Every, Frame, Scaler, Seeing
from kinetics_builder.video.reading.plain import Stamps, plain_picture
from kinetics_builder.video.reading.showing import SLACK_SECONDS, with_usable_colours

MOST_BYTES = 64 << 20
"""Of pictures that are held as they were decoded; of more, all further ones are made small."""


class HeldPictures:
    """Pictures of a video in order of time, upright and of one size where they are asked for."""

    def __init__(self, size: tuple[int, int], seen: Seeing | None = None) -> None:
        self.seen = seen
        self.times: list[float] = []
        """When each is shown, seconds."""
        self._pictures: list[VideoFrame | NDArray[np.uint8]] = []
        self._scaler = Scaler(size, 0)
        self._num_bytes = 0
        self._begin = nan

    @classmethod
    def of(
        cls,
        path: Path,
        size: tuple[int, int],
        every_seconds: float,
        seen: Seeing | None = None,
    ) -> Self | None:
        """Decode a file; None where more must be known of it to tell what is shown when.

        Args:
            path: The file.
            size: (width, height) of the frames given, upright.
            every_seconds: The first picture at or after each multiple is held. Those without
                which the others can be made are left out, so that one may come a little later
                than it does in the video; where too few are left, all are decoded.
            seen: Is shown each that is held, as large as it was decoded; again where all are.

        Raises ItemFailed as `open_container` does.

        """
        for leaves_out in (True, False):
            with open_container(path) as container:
                stream = plain_picture(container)
                if stream is None:
                    return None
                be_thrifty(stream, leaves_out=leaves_out)
                held, stamps = cls(size, seen), Stamps(stream)
                is_in_order = held._fill(packets(container, stream), stamps, Every(every_seconds))
            if not (is_in_order and stamps.are_plain):
                return None
            if held._is_enough(stamps, every_seconds):
                return held
        return None

    def between(self, stretch: Interval, every_seconds: float = 0.0) -> list[Frame]:
        """Return the first one at or after each multiple of `every_seconds` in a stretch."""
        every = Every(every_seconds)
        return [
            Frame(time, self._small(place))
            for place, time in enumerate(self.times)
            if stretch.start - SLACK_SECONDS <= time < stretch.end - SLACK_SECONDS
            if every.takes(time)
        ]

    def _fill(self, stream: "Iterator[Packet[VideoStream]]", stamps: Stamps, every: Every) -> bool:
        """Decode the packets; say whether the pictures come in the order of their times."""
        begin, before = nan, -inf
        for packet in stream:
            stamps.note(packet)
            try:
                pictures = packet.decode()
            except av.FFmpegError:
                continue
            for picture in pictures:
                moment = nan if picture.pts is None else picture.pts * stamps.tick
                if not moment > before:
                    return False
                begin, before = moment if isnan(begin) else begin, moment
                if every.takes(moment - begin):
                    self._take(moment - begin, picture)
        self._begin = begin
        return True

    def _is_enough(self, stamps: Stamps, every_seconds: float) -> bool:
        """Say whether about as many are held as are wanted, from the first that is shown on."""
        if not self.times or stamps.earliest < self._begin - SLACK_SECONDS:
            return False
        wanted = min(stamps.num_shown, self.times[-1] / every_seconds)
        return len(self.times) >= wanted / 2

    def _take(self, time: float, picture: VideoFrame) -> None:
        self.times.append(time)
        self._pictures.append(with_usable_colours(picture))
        if self.seen:
            self.seen(time, with_usable_colours(picture))
        self._num_bytes += sum(plane.buffer_size for plane in picture.planes)
        if self._num_bytes > MOST_BYTES:
            self._small(-1)

    def _small(self, place: int) -> NDArray[np.uint8]:
        picture = self._pictures[place]
        if isinstance(picture, VideoFrame):
            picture = self._pictures[place] = self._scaler.upright(picture)
        return picture
