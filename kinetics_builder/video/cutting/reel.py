"""A video from which several clips are taken, decoded once where one follows the other."""

from collections import deque
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Self

from kinetics_builder.video.reading.showing import SLACK_SECONDS, Showing, Shown, start_before
from kinetics_builder.video.reading.timeline import Timeline, read_timeline


class Reel:
    """A file held open between clips; use it in a `with`, and take clips in order of time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pictures: Iterator[Shown] = iter(())
        self._latest: deque[Shown] = deque(maxlen=2)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.rewind()

    @cached_property
    def line(self) -> Timeline:
        """Read through the file once; raises as `read_timeline`."""
        return read_timeline(self.path)

    def pictures(self, from_seconds: float) -> Iterator[Shown]:
        """Yield the pictures from some moment on, and at least the one that is shown then.

        Decoding goes on where the clip before ended, unless that lies behind the moment or
        further before it than a new beginning would: then it begins anew, as `Showing` does.
        """
        if not self._leads_to(from_seconds):
            self.rewind()
            self._pictures = iter(Showing(self.path, self.line, from_seconds))
        yield from tuple(self._latest)
        try:
            for shown in self._pictures:
                self._latest.append(shown)
                yield shown
        except Exception:
            self.rewind()
            raise

    def rewind(self) -> None:
        """Close the file, and forget where decoding stood."""
        close = getattr(self._pictures, "close", None)
        if close is not None:
            close()
        self._pictures = iter(())
        self._latest.clear()

    def _leads_to(self, moment: float) -> bool:
        if not self._latest or self._latest[0].time_seconds > moment + SLACK_SECONDS:
            return False
        start = start_before(self.line, moment)
        if start is None:
            return True
        key = self.line.picture.packets[start.place].shown
        return key is None or key - self.line.begin_seconds <= self._latest[-1].time_seconds
