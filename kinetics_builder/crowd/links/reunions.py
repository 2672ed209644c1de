"""Who left a shot, and who comes later on: what a stretch shows beside its own boxes.

Pure functions. A person who is seen, is gone, and is seen again is asked about only if some
stretch shows both boxes. So where somebody comes of whom the key frame before knows nothing, the
last boxes of those who are gone belong beside it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

NUM_GONE = 8
"""Of those who left a shot so many of the last are shown beside who comes: one look is enough."""


class Present(NamedTuple):
    """A box, and whose it is by now."""

    box: int
    person: int
    at_seconds: float
    shot: int


class Return(NamedTuple):
    """A box whose person the key frame before does not show, and one that may be the person's."""

    box: int
    gone: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What one question shows: the boxes of some key frames, and some of earlier ones."""

    start_seconds: float
    end_seconds: float
    gone: frozenset[int] = frozenset()

    def has(self, box: int, at_seconds: float) -> bool:
        """Tell whether a box is shown."""
        return self.start_seconds <= at_seconds <= self.end_seconds or box in self.gone


def returns(film: Iterable[Sequence[Present]], num_gone: int = NUM_GONE) -> list[Return]:
    """Return who comes, with each of those who may have come back, in the order of time.

    Somebody whom the machine links over a gap may be the last box of that person; somebody new
    may be any of the `num_gone` who left the shot last. None is of two shots.

    Args:
        film: The boxes of each key frame of a film that has any, in the order of time.
        num_gone: How many of those who left are looked at.

    """
    found: list[Return] = []
    last: dict[int, tuple[int, int]] = {}
    shot: int | None = None
    for place, frame in enumerate(film):
        if frame and frame[0].shot != shot:
            shot, last = frame[0].shot, {}
        here = {seen.person for seen in frame}
        left = [box for person, (_, box) in _latest_first(last) if person not in here]
        for seen in frame:
            if seen.person not in last:
                found += [Return(seen.box, box) for box in left[:num_gone]]
            elif last[seen.person][0] < place - 1:
                found.append(Return(seen.box, last[seen.person][1]))
        last |= {seen.person: (place, seen.box) for seen in frame}
    return found


def _latest_first(last: Mapping[int, tuple[int, int]]) -> list[tuple[int, tuple[int, int]]]:
    return sorted(last.items(), key=lambda item: (-item[1][0], item[1][1]))


def unmet(
    found: Iterable[Return], moments: Mapping[int, float], shown: Collection[Shown]
) -> list[Return]:
    """Return those of which no question shows both boxes. `moments` says when a box is seen."""
    return [
        one
        for one in found
        if not any(
            question.has(one.box, moments[one.box]) and question.has(one.gone, moments[one.gone])
            for question in shown
        )
    ]


def gone_beside(
    start_seconds: float, end_seconds: float, left: Iterable[Return], moments: Mapping[int, float]
) -> frozenset[int]:
    """Return which boxes belong beside a stretch, of what no question shows yet."""
    stretch = Shown(start_seconds, end_seconds)
    return frozenset(
        one.gone
        for one in left
        if stretch.has(one.box, moments[one.box]) and not stretch.has(one.gone, moments[one.gone])
    )
