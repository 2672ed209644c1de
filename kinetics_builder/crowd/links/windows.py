"""Which key frames one question about links shows. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kinetics_builder.config import AssignConfig


@dataclass(frozen=True, slots=True)
class Moment:
    """A key frame of a film with boxes on it."""

    at_seconds: float
    num_boxes: int
    is_ready: bool = True
    """Whether it may be asked about now."""
    is_jumped: bool = False
    """Whether anybody is linked from before it to after it and has no box at it."""
    is_news: bool = False
    """Whether it shows what no question about it has shown: it is asked about again."""


Window = Sequence[Moment]


def windows(
    moments: Iterable[Moment], taken: Iterable[tuple[float, float]], config: AssignConfig
) -> list[list[Moment]]:
    """Return the stretches of a film to ask about next, in the order of time.

    Each link from one key frame to the next lies in exactly one of them, unless either key frame
    is not ready, or both lie in a stretch that is `taken` and neither is news: so neighbours share
    a key frame. A
    window has `stretch_frames` key frames and `stretch_boxes` boxes at most, and two key frames
    at least; it ends, in its last quarter, where nobody is linked over its end.

    Args:
        moments: Key frames with boxes, in the order of time.
        taken: Beginning and end of stretches that were asked about before.
        config: How large a window may be.

    """
    known = list(taken)
    found: list[list[Moment]] = []
    for run in _runs(list(moments), known):
        rest = run
        while len(rest) > 1:
            size = _size(rest, config)
            found.append(rest[:size])
            rest = rest[size - 1 :]
    return found


def _runs(moments: Sequence[Moment], taken: Sequence[tuple[float, float]]) -> list[list[Moment]]:
    """Return key frames one after the other whose links are all to be asked about."""
    runs: list[list[Moment]] = []
    for one, other in pairwise(moments):
        is_taken = any(a <= one.at_seconds and other.at_seconds <= b for a, b in taken)
        is_asked = not is_taken or one.is_news or other.is_news
        if not (is_asked and one.is_ready and other.is_ready):
            continue
        if runs and runs[-1][-1] is one:
            runs[-1].append(other)
        else:
            runs.append([one, other])
    return runs


def _size(moments: Sequence[Moment], config: AssignConfig) -> int:
    """Return how many of the first key frames make a window."""
    largest, num_boxes = 0, 0
    for moment in moments[: config.stretch_frames]:
        num_boxes += moment.num_boxes
        if num_boxes > config.stretch_boxes:
            break
        largest += 1
    largest = max(largest, 2)
    if largest == len(moments):
        return largest
    ends = range(largest, max(largest - largest // 4, 2) - 1, -1)
    return next((size for size in ends if not moments[size - 1].is_jumped), largest)
