"""What a film gave: its stills and loops, and its shots."""

from dataclasses import dataclass

from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval

LOOP = ".mp4"
"""Ends a loop's name, which is its still's but for that."""


@dataclass(frozen=True, slots=True)
class MadeStill:
    """A key frame's still in its place, and the loop around it."""

    time_seconds: float
    shown_seconds: float
    size: tuple[int, int]
    """Width and height, in pixels."""
    file: str
    """Path relative to the workspace."""
    mark: FileMark
    loop_file: str
    """Likewise."""
    loop_mark: FileMark


@dataclass(frozen=True, slots=True)
class ReadFilm:
    """What a film gave."""

    stills: tuple[MadeStill, ...]
    shots: tuple[Interval, ...]
