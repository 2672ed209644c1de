"""How good a detector is at each operating point, and which one to choose. No torch."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kinetics_builder.ava.boxes import Found, overlap
from kinetics_builder.formats.boxes.pixels import Corners

MIN_OVERLAP = 0.5
"""IoU from which a found box is a drawn one."""


class Point(NamedTuple):
    """What is reached with the boxes from a score on."""

    min_score: float
    precision: float
    recall: float


class Judged(NamedTuple):
    """A found box: how sure the detector was, and whether it is one that was drawn."""

    score: float
    is_right: bool


def judged(found: Iterable[Found], drawn: Sequence[Corners]) -> list[Judged]:
    """Return the found boxes of a picture, best first: each drawn box counts once."""
    left = list(drawn)
    verdicts = []
    for one in sorted(found, key=lambda f: (-f.score, f.corners)):
        best = max(left, key=lambda box: overlap(box, one.corners), default=None)
        is_right = best is not None and overlap(best, one.corners) >= MIN_OVERLAP
        if is_right and best is not None:
            left.remove(best)
        verdicts.append(Judged(one.score, is_right))
    return verdicts


def curve_of(verdicts: Sequence[Judged], num_drawn: int) -> list[Point]:
    """Return precision and recall at every score that occurs, from the highest.

    >>> [tuple(point) for point in curve_of([Judged(0.9, True), Judged(0.4, False)], 2)]
    [(0.9, 1.0, 0.5), (0.4, 0.5, 0.5)]
    """
    curve: list[Point] = []
    num_right = 0
    ordered = sorted(verdicts, key=lambda one: -one.score)
    for place, one in enumerate(ordered, 1):
        num_right += one.is_right
        point = Point(one.score, num_right / place, num_right / num_drawn if num_drawn else 0.0)
        if curve and curve[-1].min_score == one.score:
            curve.pop()
        curve.append(point)
    return curve


def operating_point(curve: Sequence[Point], least_precision: float) -> Point | None:
    """Return the point with the highest recall among those that are precise enough.

    Where none is, the most precise; None for an empty curve.
    """
    precise = [point for point in curve if point.precision >= least_precision]
    if precise:
        return max(precise, key=lambda point: (point.recall, point.min_score))
    return max(curve, key=lambda point: (point.precision, point.recall), default=None)
