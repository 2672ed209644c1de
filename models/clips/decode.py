"""Frames of a clip at given times. No torch.

Shapes, as name suffixes: T frames, H height, W width, C channels (RGB).
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.reading.orientation import orientation_of
from kinetics_builder.video.reading.showing import Showing, Shown
from kinetics_builder.video.reading.timeline import Timeline, read_timeline

Frames = NDArray[np.uint8]
Times = NDArray[np.floating]
_EPSILON = 1e-3
_TOLERANCE_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodeLimits:
    """How much of a file is believed."""

    seconds: float = 60.0
    """Longest time one clip's decoding may take."""
    max_pixels: int = 8192 * 4320
    """Largest frame."""


def decode_at(
    path: Path,
    times: Times,
    short_side: int,
    limits: DecodeLimits | None = None,
    line: Timeline | None = None,
) -> Frames:
    """Return the frames shown at `times`, uint8 (T, H, W, 3), scaled to `short_side` pixels.

    Times are the file's own (see `kinetics_builder.video.reading.timeline`), in any order; the
    frame shown at t is the last whose time is at most t. Raises ItemFailed for a file that cannot
    be decoded, whose last picture ends a second or more before the last time asked for, or that
    takes longer than the limit. `line` spares reading through the file's packets again.
    """
    wanted, places = np.unique(np.asarray(times, np.float64), return_inverse=True)
    try:
        line = line or read_timeline(path)
        shown = _within(Showing(path, line, float(wanted[0])), limits or DecodeLimits())
        frames = _at(shown, wanted, line.end_seconds(), _Shrinker(short_side))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise ItemFailed(Reason.BROKEN, f"cannot be decoded: {error}") from error
    return np.stack([frames[place] for place in places])


def _within(shown: Iterable[Shown], limits: DecodeLimits) -> Iterator[Shown]:
    """Yield pictures within the limits."""
    deadline = time.monotonic() + limits.seconds
    for moment, frame, is_damaged in shown:
        if time.monotonic() > deadline:
            raise ItemFailed(Reason.TIMEOUT, f"decoding took over {limits.seconds:g} s")
        if frame.width * frame.height > limits.max_pixels:
            raise ItemFailed(Reason.TOO_LARGE, f"frames of {frame.width}x{frame.height}")
        yield Shown(moment, frame, is_damaged)


def _at(shown: Iterator[Shown], wanted: Times, end: float, shrink: "_Shrinker") -> list[Frames]:
    """Return one picture for each of the ascending times `wanted`."""
    pictures: list[Frames] = []
    last: Shown | None = None
    for picture in shown:
        while last is not None and wanted[len(pictures)] < picture.time_seconds - _EPSILON:
            pictures.append(shrink(last.frame))
            if len(pictures) == len(wanted):
                return pictures
        last = picture
    if last is None:
        raise ItemFailed(Reason.BROKEN, "has no frame that can be decoded")
    moment = last.time_seconds
    if max(end, moment) + _TOLERANCE_SECONDS < wanted[-1]:
        raise ItemFailed(
            Reason.BROKEN, f"ends at {moment:.2f} s, frames up to {wanted[-1]:.2f} s are needed"
        )
    return pictures + [shrink(last.frame)] * (len(wanted) - len(pictures))


class _Shrinker:
    """Scales frames to the first one's size, upright; remembers the last picture."""

    def __init__(self, short_side: int) -> None:
        self.short_side = short_side
        self.scaler = VideoReformatter()
        self.size: tuple[int, int] | None = None
        self.frame: VideoFrame | None = None
        self.picture: Frames | None = None

    def __call__(self, frame: VideoFrame) -> Frames:
        if self.picture is None or frame is not self.frame:
            turned = orientation_of(frame)
            if self.size is None:
                upright = turned.size(frame.width, frame.height)
                self.size = scaled_size(*upright, self.short_side)
            width, height = turned.size(*self.size)
            small = self.scaler.reformat(
                frame, width=width, height=height, format="rgb24", interpolation="AREA"
            )
            picture: Frames = turned.upright(small.to_ndarray().astype(np.uint8, copy=False))
            self.frame, self.picture = frame, picture
        return self.picture


def scaled_size(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Return (width, height) with the shorter of them `short_side` and the shape kept.

    >>> scaled_size(160, 120, 72)
    (96, 72)
    """
    scale = short_side / min(width, height)
    return max(short_side, round(width * scale)), max(short_side, round(height * scale))
