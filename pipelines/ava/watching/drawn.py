"""One film with boxes on its pictures, as an MP4 file."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from kinetics_builder.ava.sightings import Overlay, Sheet
from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.canvas import Canvas, Colours, even_size
from kinetics_builder.video.cutting.clip_file import Look, write_clip
from kinetics_builder.video.cutting.stills import seen_size
from kinetics_builder.video.reading.frames import Scaler
from kinetics_builder.video.reading.showing import SLACK_SECONDS, Showing, Shown
from kinetics_builder.video.reading.timeline import Timeline, read_timeline
from pipelines.ava.watching.painting import Painter
from pipelines.ava.watching.sheets import Side
from pipelines.ava.watching.stretch import Asked, Part, find_part

BT_709 = 1
"""Primaries, transfer and matrix of what is written (ITU-T H.273)."""

LEAST_SHORT_SIDE = 360
"""Smaller films are drawn this large: captions take some twenty lines of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How films are drawn."""

    threshold: float = 0.5
    """The least score of a detection's action."""
    speed: float = 0.5
    """Of the film: at 0.5 a second takes two."""
    step_seconds: float = 1.0
    hold_seconds: float = 0.2
    """As `sightings.Overlay` has them."""
    asked: Asked = field(default_factory=Asked)
    short_side: int = 0
    """Pixels of the shorter side; 0 keeps the film's own, if it is not too small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What was written."""

    num_pictures: int
    part: Part


def draw_film(
    path: Path,
    target: Path,
    sheets: Mapping[Side, Sheet],
    begin_seconds: float,
    manner: Manner,
    captions: Mapping[str, str],
) -> Drawn:
    """Write `path` with what `sheets` say, in the file's own time, to `target`.

    The file appears whole or not at all. `begin_seconds` is the moment of the rows' time at
    which the film's file begins. A picture is shown as long as in the film, divided by the
    speed; there is no sound. `captions` are other words for some names of actions.

    Raises ItemFailed as `read_timeline`, `find_part` and `Showing` do.
    """
    line = read_timeline(path)
    moments = {moment for sheet in sheets.values() for moment in sheet.moments}
    shown = find_part(line, moments, begin_seconds, manner.asked)
    overlays = {side: _overlay(side, sheet, manner) for side, sheet in sheets.items()}
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        painter = Painter(size_of(line, manner.short_side), captions)
        num_pictures = _write(
            part, Showing(path, line, shown.stretch.start), painter, overlays, shown.stretch, manner
        )
        part.replace(target)
    except av.FFmpegError as error:
        message = f"cannot be written: {error.strerror or error}"
        raise ItemFailed(Reason.BROKEN, message) from error
    finally:
        part.unlink(missing_ok=True)
    return Drawn(num_pictures=num_pictures, part=shown)


def _overlay(side: Side, sheet: Sheet, manner: Manner) -> Overlay:
    kept = sheet.at_least(manner.threshold) if side is Side.DETECTIONS else sheet
    return Overlay(kept, manner.step_seconds, manner.hold_seconds)


def _write(
    part: Path,
    showing: Showing,
    painter: Painter,
    overlays: Mapping[Side, Overlay],
    stretch: Interval,
    manner: Manner,
) -> int:
    line, size = showing.timeline, painter.size
    scaler = Scaler(size, 0)

    def painted() -> Iterator[tuple[float, VideoFrame]]:
        for begin, end, shown in pictures_within(showing, stretch):
            seen = {side: overlay.shown(begin, end) for side, overlay in overlays.items()}
            rgb_HWC = painter.paint(scaler.upright(shown.frame), seen)
            yield (begin - stretch.start) / manner.speed, _frame(rgb_HWC)

    shown = line.shown_seconds()
    rate = Fraction(len(shown) / max(line.end_seconds(), 1e-3) * manner.speed)
    rate = min(max(rate.limit_denominator(1001), Fraction(1)), Fraction(1000))
    canvas = Canvas(*size, Colours(BT_709, BT_709, BT_709), size[0] / size[1])
    return write_clip(
        part,
        painted(),
        None,
        seconds=stretch.length / manner.speed,
        look=Look(canvas, rate, Fraction(1)),
        settings=CutConfig(),
    )


def size_of(line: Timeline, short_side: int) -> tuple[int, int]:
    """Return the (width, height) in which a film is drawn: upright, square pixels, both even."""
    width, height = seen_size(line.first)
    return even_size(width, height, short_side or max(LEAST_SHORT_SIDE, min(width, height)))


def pictures_within(
    showing: Iterable[Shown], stretch: Interval
) -> Iterator[tuple[float, float, Shown]]:
    """Yield the pictures shown in a stretch, each with the begin and the end of its part of it."""
    before: Shown | None = None
    for shown in showing:
        if before is not None and shown.time_seconds > stretch.start + SLACK_SECONDS:
            end = min(shown.time_seconds, stretch.end)
            yield max(before.time_seconds, stretch.start), end, before
        before = shown
        if shown.time_seconds >= stretch.end - SLACK_SECONDS:
            return
    if before is not None:
        yield max(before.time_seconds, stretch.start), stretch.end, before


def _frame(rgb_HWC: NDArray[np.uint8]) -> VideoFrame:
    frame = VideoFrame.from_ndarray(rgb_HWC, format="rgb24")
    return frame.reformat(
        format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
    )
