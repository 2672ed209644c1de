"""Frames of a clip at given times. No torch.

Shapes, as name suffixes: T frames, H height, W width, C channels (RGB).
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.reading.indexed import NotIndexed, Picture, pictures_at
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


class Developer(Protocol):
    """Makes RGB of decoded frames, all of one size."""

    def size(self, frame: VideoFrame) -> tuple[int, int]:
        """Return (height, width) of all that is made, told by the first frame; asked for once."""

    def develop(self, frame: VideoFrame, rgb_HWC: Frames) -> None:
        """Write a frame, upright, into an array of that size."""


def decode_at(
    path: Path,
    times: Times,
    short_side: int,
    limits: DecodeLimits | None = None,
    line: Timeline | None = None,
) -> Frames:
    """Return the frames shown at `times`, uint8 (T, H, W, 3), scaled to `short_side` pixels.

    Times are the file's own (see `kinetics_builder.video.reading.timeline`), in any order; the
    frame shown at t is the last whose time is at most t. Of an MP4 file with an index as `cut`
    writes it, only what is needed is read. Raises ItemFailed for a file that cannot be decoded,
    whose last picture ends a second or more before the last time asked for, or that takes longer
    than the limit. `line` spares reading through another file's packets again.
    """
    return develop_at(path, times, lambda: _Shrinker(short_side), limits, line)


def develop_at(
    path: Path,
    times: Times,
    developer: Callable[[], Developer],
    limits: DecodeLimits | None = None,
    line: Timeline | None = None,
) -> Frames:
    """Return the frames shown at `times` as a developer makes them, as `decode_at` does.

    Another developer is begun with where a file turns out to be less plain than it looked.
    """
    wanted, places = np.unique(np.asarray(times, np.float64), return_inverse=True)
    limits = limits or DecodeLimits()
    try:
        try:
            shown = pictures_at(path, wanted.tolist(), _EPSILON)
            found = _developed(shown, developer(), len(wanted), limits)
        except NotIndexed:
            line = line or read_timeline(path)
            shown = _at(_within(Showing(path, line, float(wanted[0])), limits), wanted, line)
            found = _developed(shown, developer(), len(wanted), limits)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise ItemFailed(Reason.BROKEN, f"cannot be decoded: {error}") from error
    is_in_order = len(places) == len(wanted) and bool((np.diff(places) > 0).all())
    return found if is_in_order else found[places]


def _developed(
    shown: Iterable[Picture], developer: Developer, num_frames: int, limits: DecodeLimits
) -> Frames:
    """Return what a developer makes of pictures, as often as each is shown."""
    made_THWC: Frames | None = None
    done, watch = 0, _Watch(limits)
    for frame, count in shown:
        watch.look_at(frame)
        if made_THWC is None:
            made_THWC = np.empty((num_frames, *developer.size(frame), 3), np.uint8)
        developer.develop(frame, made_THWC[done])
        made_THWC[done + 1 : done + count] = made_THWC[done]
        done += count
    assert made_THWC is not None and done == num_frames, "a picture is shown at every time"
    return made_THWC


class _Watch:
    """Sees to the limits."""

    def __init__(self, limits: DecodeLimits) -> None:
        self.limits, self.deadline = limits, time.monotonic() + limits.seconds

    def look_at(self, frame: VideoFrame) -> None:
        """Raise ItemFailed where it took too long to this frame, or the frame is too large."""
        if time.monotonic() > self.deadline:
            raise ItemFailed(Reason.TIMEOUT, f"decoding took over {self.limits.seconds:g} s")
        if frame.width * frame.height > self.limits.max_pixels:
            raise ItemFailed(Reason.TOO_LARGE, f"frames of {frame.width}x{frame.height}")


def _within(shown: Iterable[Shown], limits: DecodeLimits) -> Iterator[Shown]:
    """Yield pictures within the limits."""
    watch = _Watch(limits)
    for picture in shown:
        watch.look_at(picture.frame)
        yield picture


def _at(shown: Iterable[Shown], wanted: Times, line: Timeline) -> Iterator[Picture]:
    """Yield the picture shown at each of the ascending times `wanted`."""
    done, last = 0, None
    for picture in shown:
        if last is not None:
            until = int(np.searchsorted(wanted, picture.time_seconds - _EPSILON))
            if until > done:
                yield Picture(last.frame, until - done)
                done = until
            if done == len(wanted):
                return
        last = picture
    if last is None:
        raise ItemFailed(Reason.BROKEN, "has no frame that can be decoded")
    moment = last.time_seconds
    if max(line.end_seconds(), moment) + _TOLERANCE_SECONDS < wanted[-1]:
        raise ItemFailed(
            Reason.BROKEN, f"ends at {moment:.2f} s, frames up to {wanted[-1]:.2f} s are needed"
        )
    yield Picture(last.frame, len(wanted) - done)


class _Shrinker:
    """Scales frames to the first one's size."""

    def __init__(self, short_side: int) -> None:
        self.short_side, self.scaler = short_side, VideoReformatter()

    def size(self, frame: VideoFrame) -> tuple[int, int]:
        upright = orientation_of(frame).size(frame.width, frame.height)
        width, height = scaled_size(*upright, self.short_side)
        return height, width

    def develop(self, frame: VideoFrame, rgb_HWC: Frames) -> None:
        turned = orientation_of(frame)
        width, height = turned.size(rgb_HWC.shape[1], rgb_HWC.shape[0])
        small = self.scaler.reformat(frame, width, height, "rgb24", interpolation="AREA", threads=1)
        rgb_HWC[:] = turned.upright(small.to_ndarray())


def scaled_size(width: int, height: int, short_side: int) -> tuple[int, int]:
    """Return (width, height) with the shorter of them `short_side` and the shape kept.

    >>> scaled_size(160, 120, 72)
    (96, 72)
    """
    scale = short_side / min(width, height)
    return max(short_side, round(width * scale)), max(short_side, round(height * scale))
