"""What arrived, held against what was promised: by lengths, by playlists, by the file's index."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.errors import ItemFailed, Reason

if TYPE_CHECKING:
    from kinetics_builder.video.reading.wholeness import Spans

_SLACK_SECONDS, _SLACK_SHARE = 0.5, 0.01
"""What rounding and sound that ends before the picture explain."""
_STEPS = 4
"""Usual steps that pictures shown for longer explain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a site promised to send."""

    has_lengths: bool = True
    """False if of some part only the connection's end said that it was whole."""
    seconds: float = 0.0
    """How long the segments of its playlist last at least; 0 where there is none."""


def check_arrival(file: Path, promise: Promise) -> None:
    """Return if `file` is all that was promised.

    Raises:
        ItemFailed: INCOMPLETE where the way lost something; BROKEN where every length was
            kept, so that the site's own file is cut off.

    """
    from kinetics_builder.video.reading.wholeness import spans

    check_structure(file, promise)
    found = spans(file)
    if promise.seconds:
        _check_playlist(found, promise)
    elif _is_short(found.held_seconds, found.promised_seconds):
        text = (
            f"lasts {found.held_seconds:.1f} s, its own index says {found.promised_seconds:.1f} s"
        )
        raise _cut_off(promise, text)
    if _is_short(found.held_seconds - found.unread_seconds, found.held_seconds):
        text = f"{found.unread_seconds:.1f} of its {found.held_seconds:.1f} s cannot be read"
        raise _cut_off(promise, text)


def check_structure(file: Path, promise: Promise) -> None:
    """Return if the outer structure of `file` is whole; ItemFailed as `check_arrival` where not.

    For each file as it came: put together with its sound, a picture hides what it lacks.
    """
    from kinetics_builder.video.reading.wholeness import broken_at, missing_bytes

    if (place := broken_at(file)) is not None:
        raise _cut_off(promise, f"its own structure breaks off at byte {place}, with more behind")
    if missing := missing_bytes(file):
        raise _cut_off(promise, f"ends {missing} bytes before its own structure says")


def _cut_off(promise: Promise, text: str) -> ItemFailed:
    return ItemFailed(Reason.BROKEN if promise.has_lengths else Reason.INCOMPLETE, text)


def _check_playlist(found: "Spans", promise: Promise) -> None:
    if _is_short(found.held_seconds, promise.seconds):
        raise ItemFailed(
            Reason.INCOMPLETE,
            f"lasts {found.held_seconds:.1f} s, its playlist promised {promise.seconds:.1f} s",
        )
    hole = found.longest_step_seconds
    if not promise.has_lengths and hole > max(_SLACK_SECONDS, _STEPS * found.usual_step_seconds):
        raise ItemFailed(Reason.INCOMPLETE, f"a part of {hole:.1f} s is missing within")


def _is_short(held: float, promised: float) -> bool:
    return promised - held > max(_SLACK_SECONDS, _SLACK_SHARE * promised)
