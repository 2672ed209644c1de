"""Cells of AVA's files as AVA writes them, and the moments it has key frames at."""

from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.text import is_sound

FIRST_SECONDS, LAST_SECONDS = 902, 1798
"""AVA's key frames: one a second, both counted, from the start of the whole video."""


def timestamp_text(seconds: float) -> str:
    """Return a timestamp as AVA writes it: four digits; anything else as the shortest float.

    >>> timestamp_text(902.0), timestamp_text(12.0401)
    ('0902', '12.0401')
    """
    return f"{int(seconds):04d}" if seconds.is_integer() else repr(seconds)


def share_text(share: float) -> str:
    """Return a corner with AVA's three decimals; as the shortest float where they do not do.

    >>> share_text(0.25), share_text(0.2504)
    ('0.250', '0.2504')
    """
    text = f"{share:.3f}"
    return text if float(text) == share else repr(share)


class OddMoments:
    """Counts key frames where AVA has none, and warns of them once, at the row of the first."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._number = 0
        self._first: tuple[int | None, float] = (None, 0.0)

    def see(self, seconds: float) -> None:
        """Take the next key frame, which stands where `problems` is."""
        if not FIRST_SECONDS <= seconds <= LAST_SECONDS:
            if not self._number:
                self._first = self._problems.line, seconds
            self._number += 1

    def tell(self) -> None:
        """Warn, at the end of the file, if there were any."""
        if not self._number:
            return
        line, seconds = self._first
        more = f"; this is the first of {self._number:,}" if self._number > 1 else ""
        self._problems.line = line
        self._problems.warning(
            f"expected a timestamp from {FIRST_SECONDS} to {LAST_SECONDS}, found {seconds:g}; "
            f"all key frames of AVA lie there{more}"
        )


def video_text(video_id: str) -> str:
    """Return a video id as a cell; ValueError if it cannot be one."""
    if not video_id or not is_sound(video_id):
        raise ValueError(f"expected a video id, found {video_id!r}")
    return csv_line([video_id]).removesuffix("\n")
