"""Which stretch of a film is shown, and which key frames lie outside its file."""

from collections.abc import Collection
from dataclasses import dataclass

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video.reading.showing import SLACK_SECONDS
from kinetics_builder.video.reading.timeline import Timeline

CONTEXT_SECONDS = 1.5
"""What is shown before the first key frame and behind the last: AVA's segments have so much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a film is asked for, in the rows' time; None: around the key frames."""

    start_seconds: float | None = None
    end_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a film is shown."""

    stretch: Interval
    """In the file's own time."""
    inside: tuple[float, ...]
    """Key frames that the stretch holds, in the file's own time."""
    film: Interval
    """What of the rows' time the file holds."""
    outside: tuple[float, ...]
    """Key frames that the file does not reach, in the rows' time."""

    @property
    def warning(self) -> str:
        """Return what is to be said of key frames outside; "" without one."""
        return _outside(self.outside, self.film) if self.outside else ""

    @property
    def told(self) -> Interval:
        """Return the stretch in the rows' time."""
        return Interval(self.stretch.start + self.film.start, self.stretch.end + self.film.start)


def find_part(
    line: Timeline, moments: Collection[float], begin_seconds: float, asked: Asked
) -> Part:
    """Return what is shown of a film with key frames at `moments` of its file's own time.

    `begin_seconds` is the moment of the rows' time at which the file begins.

    Raises ItemFailed(NO_MATCH) where no key frame lies inside the film, or in the stretch that
    is asked for.
    """
    duration = line.end_seconds()
    film = Interval(begin_seconds, begin_seconds + duration)
    inside = [moment for moment in sorted(moments) if -SLACK_SECONDS <= moment < duration]
    known = set(inside)
    outside = tuple(m + begin_seconds for m in sorted(moments) if m not in known)
    if not inside:
        raise ItemFailed(Reason.NO_MATCH, _outside(outside, film))
    start, end = inside[0] - CONTEXT_SECONDS, inside[-1] + CONTEXT_SECONDS
    if asked.start_seconds is not None:
        start = asked.start_seconds - begin_seconds
    if asked.end_seconds is not None:
        end = asked.end_seconds - begin_seconds
    stretch = Interval(max(0.0, start), min(end, duration))
    held = tuple(m for m in inside if stretch.start - SLACK_SECONDS <= m < stretch.end)
    if not held:
        wanted = f"{start + begin_seconds:g} to {end + begin_seconds:g} s"
        first, last = inside[0] + begin_seconds, inside[-1] + begin_seconds
        message = f"no key frame from {wanted}: they lie at {first:g} to {last:g} s"
        raise ItemFailed(Reason.NO_MATCH, message)
    return Part(stretch=stretch, inside=held, film=film, outside=outside)


def _outside(outside: tuple[float, ...], film: Interval) -> str:
    several = len(outside) > 1
    frames = f"{len(outside):,} key frames" if several else "the key frame"
    return (
        f"{frames} at {outside[0]:g} s{' and on' if several else ''} outside the file, "
        f"which holds {film.start:g} to {film.end:g} s. Where it is a cut of the film, say at "
        "which second it begins: --start SECONDS"
    )
