"""Stills of a film at given moments, and its shots, from decoding it once.

Shapes: H height, W width, C = 3 colours.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.loops import LoopWriter
from kinetics_builder.video.finding.shots import SHORT_SIDE, ShotFinder
from kinetics_builder.video.reading.frames import Scaler, fit_short_side
from kinetics_builder.video.reading.showing import SLACK_SECONDS, Showing, Shown
from kinetics_builder.video.reading.timeline import First, read_timeline


class Still(NamedTuple):
    """What a film shows at a moment."""

    time_seconds: float
    """The moment asked for."""
    shown_seconds: float
    """Since when the picture is shown that is shown then."""
    rgb_HWC: NDArray[np.uint8]
    """Upright, with square pixels."""


def read_stills(
    path: Path,
    stretch: Interval,
    times: Sequence[float],
    finder: ShotFinder,
    *,
    short_side: int = 0,
    loops: LoopWriter | None = None,
) -> Iterator[Still]:
    """Yield the still of each of `times`, which are sorted and lie in `stretch`.

    Every picture of `stretch` is shown to `finder` on the way. A picture is shown until the
    next one comes, however long that takes.

    Args:
        path: The film.
        stretch: What is decoded, in the film's time.
        times: The moments, in seconds.
        finder: Is fed with small pictures.
        short_side: Pixels of the stills' shorter side; larger than the film's, and 0, keep its
            own.
        loops: Is given every picture in its full size.

    Raises ItemFailed as `read_timeline` and `Showing` do.

    """
    line = read_timeline(path)
    large, small = Scaler(_size(line.first, short_side), 0), _Small(line.first)
    waiting = deque(times)
    for shown, until in _with_ends(Showing(path, line, from_seconds=stretch.start), stretch.end):
        if shown.time_seconds >= stretch.start - SLACK_SECONDS:
            finder.take(shown.time_seconds, small.of(shown.frame))
        if loops is not None:
            loops.take(line, shown.time_seconds, until, shown.frame)
        while waiting and waiting[0] + SLACK_SECONDS < until:
            yield _still(waiting.popleft(), shown, large)
    if loops is not None:
        loops.close()


def _with_ends(showing: Iterable[Shown], end: float) -> Iterator[tuple[Shown, float]]:
    """Yield the pictures that begin before `end`, each with when the next one begins.

    The last one stays.
    """
    before: Shown | None = None
    for shown in showing:
        if shown.time_seconds >= end + SLACK_SECONDS:
            break
        if before is not None:
            yield before, shown.time_seconds
        before = shown
    if before is not None:
        yield before, inf


class _Small:
    """Makes the pictures that are compared for shots: small, and as they are stored."""

    def __init__(self, first: First) -> None:
        self._size = fit_short_side(first.width, first.height, SHORT_SIDE)
        self._reformatter = VideoReformatter()

    def of(self, frame: VideoFrame) -> NDArray[np.uint8]:
        """Return a picture as bgr_HWC."""
        small = self._reformatter.reformat(
            frame, *self._size, "bgr24", interpolation=Interpolation.AREA, threads=1
        )
        return np.asarray(small.to_ndarray(), dtype=np.uint8)


def _still(moment: float, shown: Shown, scaler: Scaler) -> Still:
    return Still(moment, shown.time_seconds, scaler.upright(shown.frame))


def _size(first: First, short_side: int) -> tuple[int, int]:
    """Return the (width, height) of a film's stills, no larger than asked."""
    width, height = seen_size(first)
    return fit_short_side(width, height, min(short_side, min(width, height)))


def seen_size(first: First) -> tuple[int, int]:
    """Return the (width, height) in which a film is seen: upright, with square pixels."""
    width = max(1, round(first.width * first.pixel_shape))
    return first.orientation.size(width, first.height)
