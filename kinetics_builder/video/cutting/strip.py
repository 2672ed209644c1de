"""Strips of small stills: what a stretch of a video shows, from its start to its end.

Shapes: H height, W width, C = 3 colours.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.reading.frames import Scaler, fit_short_side
from kinetics_builder.video.reading.glimpses import Glimpses
from kinetics_builder.video.reading.single import picture_at
from kinetics_builder.video.reading.timeline import read_timeline

NUM_STILLS = 8
"""Beside one another in a strip."""
WIDTH, HEIGHT = 128, 72
"""Of each of them, in pixels."""
_QUALITY = 70
_LOOK_SECONDS = 0.5
"""How far behind a moment a picture is looked for."""

Picture = NDArray[np.uint8]
"""rgb_HWC, upright."""


def strip_of(duration: float, level: int, number: int) -> Interval:
    """Return the stretch of a strip: at level n a video has 2 ** n of them, counted from 0.

    >>> strip_of(60.0, 1, 1)
    Interval(start=30.0, end=60.0)
    """
    length = duration / 2**level
    return Interval(number * length, (number + 1) * length)


def write_strip(path: Path, stretch: Interval, target: Path) -> None:
    """Write `NUM_STILLS` stills of a stretch of a video beside one another, as a JPEG.

    Each is of the middle of its share, or of the key frame nearest to that, if one lies in the
    share: which takes little time. Cut to one shape, so that strips lie beside one another.

    Raises:
        ItemFailed: The file cannot be read.

    """
    step = stretch.length / NUM_STILLS
    moments = [stretch.start + (place + 0.5) * step for place in range(NUM_STILLS)]
    strip = Image.new("RGB", (NUM_STILLS * WIDTH, HEIGHT))
    for place, picture in enumerate(_pictures(path, moments, step)):
        still = ImageOps.fit(Image.fromarray(picture), (WIDTH, HEIGHT))
        strip.paste(still, (place * WIDTH, 0))
    strip.save(target, "JPEG", quality=_QUALITY)


def _pictures(path: Path, moments: Sequence[float], step: float) -> Iterator[Picture]:
    line = read_timeline(path)
    size = fit_short_side(line.first.width, line.first.height, HEIGHT)
    size = line.first.orientation.size(*size)
    with Glimpses.of(path, size) as glimpses:
        if glimpses is None:
            yield from (Scaler(size, 0).upright(picture_at(path, moment)) for moment in moments)
            return
        for moment in moments:
            yield _glimpsed(glimpses, moment, step)


def _glimpsed(glimpses: Glimpses, moment: float, step: float) -> Picture:
    """Return the picture nearest to a moment that costs little."""
    near = min(glimpses.key_times, key=lambda time: abs(time - moment), default=-1.0)
    at = near if abs(near - moment) <= step / 2 else moment
    last_key = max(glimpses.key_times, default=0.0)
    for start in (at, max(0.0, at - step), last_key):
        if frames := glimpses.between(Interval(start, start + _LOOK_SECONDS), _LOOK_SECONDS):
            return frames[0].rgb_HWC
    raise ItemFailed(Reason.BROKEN, f"nothing is shown at {moment:.2f} s")
