"""Turning several annotators' boxes into those that stand. Pure functions, no database."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kinetics_builder.metrics.agreement.overlaps import Floats, Matched

_ROUNDING = 1e-9
_DIGITS = 6


class Drawn(NamedTuple):
    """A box, in shares of the frame's width and height, and the box that it began as."""

    x1: float
    y1: float
    x2: float
    y2: float
    began_as: int | None = None


def merge(answers: Collection[Sequence[Drawn]], overlap: float) -> list[Drawn]:
    """Return the boxes of which more than half of the annotators drew one.

    Boxes of two annotators are of one person if they overlap (intersection over union) by
    `overlap` at least; the pairs are those with the greatest sum of overlaps. What stands is the
    mean box, and the box that most of them began with. The order of the answers does not matter.

    >>> merge([[Drawn(0, 0, 0.5, 1)], [Drawn(0, 0, 0.6, 1), Drawn(0.8, 0, 1, 1)]], 0.5)
    [Drawn(x1=0.0, y1=0.0, x2=0.55, y2=1.0, began_as=None)]
    """
    people: list[list[Drawn]] = []
    for boxes in sorted((sorted(one, key=_order) for one in answers), key=_orders):
        for box, place in zip(boxes, _places(boxes, people, overlap), strict=True):
            if place is None:
                people.append([box])
            else:
                people[place].append(box)
    stand = [_mean(boxes) for boxes in people if 2 * len(boxes) > len(answers)]
    return sorted(stand, key=_order)


@dataclass(frozen=True, slots=True)
class Pair:
    """A true box, and the drawn one that is nearest to being its own."""

    true: Drawn
    drawn: Drawn | None
    """None where none overlaps that is not nearer to another."""
    overlap: float
    """Intersection over union; 0 without a drawn box."""
    is_met: bool


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer beside the truth."""

    pairs: tuple[Pair, ...]
    """One for each true box."""
    too_many: tuple[Drawn, ...]
    """Drawn boxes that belong to no true one."""

    @property
    def num_met(self) -> int:
        """True boxes that were met."""
        return sum(pair.is_met for pair in self.pairs)

    @property
    def is_right(self) -> bool:
        """Whether each true box is met, and none is drawn too many."""
        return self.num_met == len(self.pairs) and not self.too_many


def grade(drawn: Sequence[Drawn], truth: Sequence[Drawn], overlap: float) -> Graded:
    """Return an answer beside the truth; a true box is met by an `overlap` of so much or more.

    The pairs are those with the greatest sum of overlaps.

    >>> grade([Drawn(0, 0, 0.5, 1)], [Drawn(0, 0, 0.4, 1), Drawn(0.8, 0, 1, 1)], 0.5).num_met
    1
    """
    matched = _matched(drawn, truth)
    found = {
        int(second): (int(first), float(shared))
        for first, second, shared in zip(
            matched.first_M, matched.second_M, matched.overlaps_M, strict=True
        )
        if shared > 0
    }
    pairs = []
    for place, true in enumerate(truth):
        first, shared = found.get(place, (None, 0.0))
        box = None if first is None else drawn[first]
        pairs.append(Pair(true, box, shared, shared >= overlap - _ROUNDING and box is not None))
    taken = {first for first, _ in found.values()}
    extra = tuple(box for place, box in enumerate(drawn) if place not in taken)
    return Graded(tuple(pairs), extra)


@dataclass(frozen=True, slots=True)
class Changes:
    """What an answer did to the boxes that were there."""

    num_added: int
    num_moved: int
    num_dropped: int

    @property
    def is_none(self) -> bool:
        """Whether all was left as it was."""
        return not (self.num_added or self.num_moved or self.num_dropped)


def changes_of(drawn: Collection[Drawn], shown: Collection[Drawn]) -> Changes:
    """Return what was done to the boxes `shown`, whose `began_as` is their own number."""
    before = {box.began_as: box for box in shown}
    kept = [box for box in drawn if box.began_as in before]
    return Changes(
        num_added=len(drawn) - len(kept),
        num_moved=sum(box[:4] != before[box.began_as][:4] for box in kept),
        num_dropped=len(before.keys() - {box.began_as for box in kept}),
    )


def _places(
    boxes: Sequence[Drawn], people: Sequence[Sequence[Drawn]], overlap: float
) -> list[int | None]:
    """Return for each box which of the people it is; None for somebody new."""
    places: list[int | None] = [None] * len(boxes)
    if boxes and people:
        means = [_mean(one) for one in people]
        matched = _matched(boxes, means)
        pairs = zip(matched.first_M, matched.second_M, matched.overlaps_M, strict=True)
        for first, second, shared in pairs:
            if shared >= overlap - _ROUNDING:
                places[int(first)] = int(second)
    return places


def _mean(boxes: Sequence[Drawn]) -> Drawn:
    if len({box[:4] for box in boxes}) == 1:
        corners = list(boxes[0][:4])
    else:
        corners = [round(float(value), _DIGITS) for value in _corners(boxes).mean(axis=0)]
    begun = Counter(box.began_as for box in boxes if box.began_as is not None)
    began_as = min(begun, key=lambda number: (-begun[number], number)) if begun else None
    return Drawn._make([*map(float, corners), began_as])


def _matched(first: Sequence[Drawn], second: Sequence[Drawn]) -> "Matched":
    from kinetics_builder.metrics.agreement.overlaps import box_overlaps, match

    return match(box_overlaps(_corners(first), _corners(second)))


def _corners(boxes: Sequence[Drawn]) -> "Floats":
    import numpy as np  # here: who only asks what a box is, or sends none, needs none

    return np.array([box[:4] for box in boxes], np.float64).reshape(-1, 4)


def _orders(boxes: Sequence[Drawn]) -> list[tuple[float, ...]]:
    return [_order(box) for box in boxes]


def _order(box: Drawn) -> tuple[float, ...]:
    return (*box[:4], -1 if box.began_as is None else box.began_as)
