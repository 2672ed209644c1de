"""Boxes of persons on a still, as detectors give them.

Corners are shares of the still's width and height: (x1, y1) top left, x1 < x2, y1 < y2.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kinetics_builder.formats.boxes.pixels import Corners

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DECIMALS = 4


class Found(NamedTuple):
    """A person that a detector found."""

    corners: Corners
    score: float
    """In [0, 1]."""


class PersonDetector(Protocol):
    """Finds the persons on a still."""

    name: str

    def find(self, rgb_HWC: "NDArray[np.uint8]") -> list[Found]:
        """Return the persons on an upright picture."""
        ...


def clipped(corners: Sequence[float]) -> Corners | None:
    """Return a box without what lies outside the still; None where nothing is left.

    >>> clipped((-0.02, 0.5, 0.25, 1.01))
    Corners(x1=0.0, y1=0.5, x2=0.25, y2=1.0)
    """
    inside = Corners(*(round(min(max(float(c), 0.0), 1.0), _DECIMALS) for c in corners))
    return inside if inside.x1 < inside.x2 and inside.y1 < inside.y2 else None


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the intersection over union of two boxes, in [0, 1].

    >>> overlap((0.0, 0.0, 0.5, 1.0), (0.25, 0.0, 0.75, 1.0))
    0.3333333333333333
    """
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def strongest(found: Sequence[Found], max_overlap: float) -> list[Found]:
    """Return boxes, best first, without those that a better one overlaps more than so.

    Ties go to the box that is further left, then further up.
    """
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (-f.score, f.corners)):
        if all(overlap(one.corners, other.corners) <= max_overlap for other in kept):
            kept.append(one)
    return kept
