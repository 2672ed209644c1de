"""Cutting a clip out of a video, to the frame, the same bytes each time.

Decoder, clock and encoder are those inside PyAV: no ffmpeg program, of whatever version, has
a say in which frames a clip holds.
"""

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
from av.video.frame import VideoFrame

from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.canvas import Canvas
from kinetics_builder.video.cutting.clip_file import Look, Written, read_back, write_clip
from kinetics_builder.video.cutting.reel import Reel
from kinetics_builder.video.cutting.sound import read_sound
from kinetics_builder.video.reading.showing import SLACK_SECONDS, Shown

HELD_SECONDS = 0.1
"""A picture that is still shown so long after a clip's start belongs to the clip. Less, and
the clip begins with the picture after it."""

MAX_DAMAGED = 0.1
"""Share of a clip's frames that may be damaged or lost; with more it is no clip."""

LENGTH_SECONDS = 0.05
"""So much a clip's length may differ from what was asked."""


Pictures = Iterator[tuple[float, VideoFrame]]
"""Each with its second in the clip."""

Change = Callable[[Pictures], Pictures]
"""Makes others of a clip's pictures, as many, at the same moments."""


@dataclass(frozen=True, slots=True)
class ClipFileInfo:
    """A clip's file, measured after it was written."""

    bytes: int
    sha256: str
    width: int
    height: int
    frames_per_second: float
    num_frames: int
    duration_seconds: float
    num_damaged_frames: int = 0
    """Frames of the source that could not be decoded, or only with damage."""


def cut_clip(
    source: Path | Reel,
    target: Path,
    interval: Interval,
    *,
    settings: CutConfig | None = None,
    seen: Callable[[float, VideoFrame], None] | None = None,
    change: Change | None = None,
) -> ClipFileInfo:
    """Write what `source` shows in `interval` of its time to the MP4 file `target`.

    Args:
        source: A file, or a reel where several clips are taken from one: in order of time,
            what lies in one behind the other is decoded once.
        target: The clip's file.
        interval: Seconds of the source's time.
        settings: How it is encoded.
        seen: Is shown each of the clip's pictures as it is encoded, and its second in the clip.
        change: Is given the clip's pictures in order, and gives as many that are encoded instead.

    The clip's time begins with the interval: a picture that is held across its start is shown
    from the start, and the last one until its end (or the source's). Sound is as long as
    that, silent where nothing is heard. Frames have the size, the format and the colours of the
    first one. The file appears whole or not at all; equal input and settings give equal bytes.

    Raises ItemFailed(BROKEN) if `interval` holds no frame, the source is damaged beyond use or
    what was written is not what was asked, ItemFailed(TIMEOUT) if it takes too long.

    """
    settings = settings or CutConfig()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with Reel(source) if isinstance(source, Path) else nullcontext(source) as reel:
            made = _Cutting(reel, interval, settings, seen, change).write(part)
        _publish(part, target)
    except av.FFmpegError as error:
        raise _explained(error) from error
    finally:
        part.unlink(missing_ok=True)
    return made


class _Cutting:
    def __init__(
        self,
        reel: Reel,
        interval: Interval,
        settings: CutConfig,
        seen: Callable[[float, VideoFrame], None] | None,
        change: Change | None,
    ) -> None:
        self.reel, self.settings, self.seen, self.change = reel, settings, seen, change
        self.line = reel.line
        end = min(interval.end, self.line.end_seconds())
        self.window = f"[{interval.start:g}, {interval.end:g}) s"
        if interval.start > end - SLACK_SECONDS:
            raise ItemFailed(Reason.BROKEN, f"no frame can be decoded in {self.window}")
        self.interval = Interval(interval.start, end)
        self.deadline = time.monotonic() + settings.timeout_seconds

    def write(self, part: Path) -> ClipFileInfo:
        """Write the clip to `part`, and hold what was written against what was asked."""
        line, interval, settings = self.line, self.interval, self.settings
        stretch = _Stretch(self.reel.pictures(interval.start), interval)
        pictures = iter(stretch)
        first = next(pictures, None)
        if first is None:
            raise ItemFailed(Reason.BROKEN, f"no frame can be decoded in {self.window}")
        look = Look.of(first[1], line, settings.short_side)
        num_frames = write_clip(
            part,
            self._shown(self._painted(chain([first], pictures), look.canvas)),
            read_sound(self.reel.path, line, interval) if settings.keep_audio else None,
            seconds=interval.end - interval.start,
            look=look,
            settings=settings,
        )
        num_damaged = max(0, self._num_promised() - (stretch.num_inside - stretch.num_damaged))
        if num_damaged > MAX_DAMAGED * max(1, self._num_promised()):
            raise ItemFailed(
                Reason.BROKEN,
                f"of {self._num_promised()} frames in {self.window} {num_damaged} are damaged",
            )
        asked = _Asked(num_frames, look.canvas, interval, settings.keep_audio and bool(line.sound))
        return _measured(part, asked, num_damaged)

    def _painted(self, pictures: Pictures, canvas: Canvas) -> Pictures:
        for moment, frame in pictures:
            if time.monotonic() > self.deadline:
                seconds = self.settings.timeout_seconds
                raise ItemFailed(Reason.TIMEOUT, f"cutting took longer than {seconds:g} s")
            yield moment, canvas.paint(frame)

    def _shown(self, pictures: Pictures) -> Pictures:
        for moment, picture in self.change(pictures) if self.change else pictures:
            if self.seen:
                self.seen(moment, picture)
            yield moment, picture

    def _num_promised(self) -> int:
        """Return how many pictures the packets, and those that are lost, promise in the clip."""
        moments = [*self.line.shown_seconds(), *self.line.lost]
        return sum(_is_inside(moment, self.interval) for moment in moments)


class _Stretch:
    """The pictures of a clip, each with the seconds from the clip's start."""

    def __init__(self, pictures: Iterable[Shown], interval: Interval) -> None:
        self.pictures, self.interval = pictures, interval
        self.num_inside = self.num_damaged = 0

    def __iter__(self) -> Iterator[tuple[float, VideoFrame]]:
        start, held, is_first = self.interval.start, None, True
        for moment, frame, is_damaged in self.pictures:
            if moment < start - SLACK_SECONDS:
                held = frame
                continue
            if not _is_inside(moment, self.interval):
                break
            self.num_inside += 1
            self.num_damaged += is_damaged
            since = max(0.0, moment - start)
            if is_first and since > HELD_SECONDS and held is not None:
                yield 0.0, held
            elif is_first:
                since = 0.0
            is_first = False
            yield since, frame
        if is_first and held is not None:
            yield 0.0, held


def _is_inside(moment: float, interval: Interval) -> bool:
    return interval.start - SLACK_SECONDS <= moment < interval.end - SLACK_SECONDS


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a clip should be."""

    num_frames: int
    canvas: Canvas
    interval: Interval
    has_sound: bool

    def differences(self, info: Written) -> Iterator[str]:
        """Yield what is otherwise in the file that was made."""
        seconds = self.interval.end - self.interval.start
        if info.num_frames != self.num_frames:
            yield f"{info.num_frames} frames for {self.num_frames}"
        if abs(info.duration_seconds - seconds) > LENGTH_SECONDS:
            yield f"{info.duration_seconds:.2f} s for {seconds:.2f} s"
        if (info.width, info.height) != (self.canvas.width, self.canvas.height):
            size = f"{self.canvas.width}x{self.canvas.height}"
            yield f"{info.width}x{info.height} pixels for {size}"
        if info.has_sound != self.has_sound:
            yield "sound that was not asked for" if info.has_sound else "no sound"


def _measured(part: Path, asked: _Asked, num_damaged: int) -> ClipFileInfo:
    info = read_back(part)
    if different := ", ".join(asked.differences(info)):
        raise ItemFailed(Reason.BROKEN, f"the clip that was written has {different}")
    mark = FileMark.of(part)
    return ClipFileInfo(
        bytes=mark.bytes,
        sha256=mark.sha256,
        width=info.width,
        height=info.height,
        frames_per_second=info.frames_per_second,
        num_frames=info.num_frames,
        duration_seconds=info.duration_seconds,
        num_damaged_frames=num_damaged,
    )


def _explained(error: av.FFmpegError) -> ItemFailed | OSError:
    """Return what stops all items alike (a full disk) as it is, the rest as this item's."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
        return OSError(error.errno, os.strerror(error.errno))
    return ItemFailed(Reason.BROKEN, f"cannot be cut: {error.strerror or error}")


def _publish(part: Path, target: Path) -> None:
    """Make the finished file durable under its name."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)
