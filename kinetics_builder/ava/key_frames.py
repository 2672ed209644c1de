"""Which stretch of a film is annotated, and which moments of it people are asked about.

Times are seconds of the film's own time: 0 is its first picture (see `video.timeline`).
"""

from fractions import Fraction
from math import ceil, floor

from kinetics_builder.ava.settings import FilmsConfig
from kinetics_builder.intervals import Interval

SLACK = Fraction(1, 1000)
"""Seconds by which stamps in whole milliseconds may miss a film's end."""


def annotated_stretch(duration_seconds: float, config: FilmsConfig) -> Interval:
    """Return the stretch of a film that is annotated: the paper's minutes, or all of a short one.

    >>> annotated_stretch(5400.0, FilmsConfig())
    Interval(start=900.0, end=1800.0)
    >>> annotated_stretch(60.5, FilmsConfig())
    Interval(start=0.0, end=60.5)
    """
    start, end = config.start_minute * 60, config.end_minute * 60
    if duration_seconds < end - float(SLACK):
        return Interval(0.0, duration_seconds)
    return Interval(start, min(end, duration_seconds))


def key_frame_times(
    stretch: Interval, *, every_seconds: float = 1.0, context_seconds: float = 3.0
) -> list[float]:
    """Return the multiples of `every_seconds` whose context lies inside `stretch`, in order.

    >>> times = key_frame_times(Interval(900.0, 1800.0))
    >>> times[0], times[-1], len(times)
    (902.0, 1798.0, 897)
    >>> key_frame_times(Interval(0.0, 5.0))
    [2.0, 3.0]
    """
    every, half = _exact(every_seconds), _exact(context_seconds) / 2
    first = ceil((_exact(stretch.start) + half - SLACK) / every)
    last = floor((_exact(stretch.end) - half + SLACK) / every)
    return [float(number * every) for number in range(first, last + 1)]


def still_name(seconds: float) -> str:
    """Return the name of a key frame's still: four digits of whole seconds, as AVA's rows have.

    >>> still_name(902.0), still_name(2.5)
    ('0902.jpg', '0002-500000.jpg')
    """
    whole, millionths = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{whole:04d}-{millionths:06d}.jpg" if millionths else f"{whole:04d}.jpg"


def _exact(seconds: float) -> Fraction:
    """Return a setting as people write it: 0.1 is a tenth."""
    return Fraction(repr(float(seconds)))
