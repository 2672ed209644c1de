"""Frames of a video by their times, small and upright.

Times are the file's own: see `timeline`.
Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from kinetics_builder.video.reading.orientation import orientation_of
from kinetics_builder.video.reading.showing import SLACK_SECONDS, shown_pictures

Seeing = Callable[[float, VideoFrame], None]
"""Is shown a picture as large as it was decoded, and its moment in seconds."""


class Frame(NamedTuple):
    """One frame of a video."""

    time_seconds: float
    rgb_HWC: NDArray[np.uint8]


@dataclass
class FrameReader:
    """The frames of a file, in order of time; what was broken is counted, not fatal.

    Iterating raises ItemFailed(BROKEN) if not a single frame can be decoded, else as
    `read_timeline`.
    """

    path: Path
    every_seconds: float = 0.0
    """Give the first frame at or after each multiple of this; 0 gives every frame."""

    size: tuple[int, int] | None = None
    """(width, height) of the frames given, upright; None keeps the video's own."""

    short_side: int = 0
    """Shorter side of the frames given, if `size` is None; 0 keeps the video's own."""

    num_errors: int = field(default=0, init=False)
    """Packets that could not be decoded and frames decoded with damage, so far."""

    num_decoded: int = field(default=0, init=False)
    """Frames decoded so far, given or not."""

    def __iter__(self) -> Iterator[Frame]:
        """Decode from the start."""
        self.num_errors = self.num_decoded = 0
        pictures = shown_pictures(self.path)
        scaler, every = Scaler(self.size, self.short_side), Every(self.every_seconds)
        for time, frame, _ in pictures:
            self.num_errors, self.num_decoded = pictures.num_errors, pictures.num_decoded
            if every.takes(time):
                yield Frame(time, scaler.upright(frame))
        self.num_errors = pictures.num_errors


@dataclass
class Every:
    """Takes the first moment at or after each multiple of `seconds`; 0 takes every moment."""

    seconds: float
    _wanted: float = field(default=0.0, init=False)

    def takes(self, time: float) -> bool:
        """Say whether a moment is one; they come in order."""
        if time < self._wanted - SLACK_SECONDS:
            return False
        self._wanted = time
        if self.seconds > 0:
            self._wanted = (int((time + SLACK_SECONDS) / self.seconds) + 1) * self.seconds
        return True


def iterate_frames(
    path: Path,
    *,
    every_seconds: float = 0.0,
    size: tuple[int, int] | None = None,
    short_side: int = 0,
) -> Iterator[Frame]:
    """Yield the frames of `path` in order of time, as `FrameReader` does."""
    return iter(FrameReader(path, every_seconds, size, short_side))


def fit_short_side(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Return (width, height) scaled so that the shorter is `short_side`; 0 changes nothing.

    >>> fit_short_side(320, 240, 120)
    (160, 120)
    """
    if not short_side:
        return width, height
    scale = short_side / min(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


class Scaler:
    """Resize and turn frames; a video whose size changes on the way keeps the first one's."""

    def __init__(self, size: tuple[int, int] | None, short_side: int) -> None:
        self.size = size
        self.short_side = short_side
        self.reformatter = VideoReformatter()

    def upright(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Return the frame as rgb_HWC, turned and mirrored as its display matrix says."""
        orientation = orientation_of(frame)
        if self.size is None:
            width, height = fit_short_side(frame.width, frame.height, self.short_side)
            self.size = orientation.size(width, height)
        width, height = orientation.size(*self.size)
        small = self.reformatter.reformat(
            frame, width, height, "rgb24", interpolation=Interpolation.BILINEAR, threads=1
        )
        rgb_HWC: NDArray[np.uint8] = orientation.upright(small.to_ndarray())
        return rgb_HWC
