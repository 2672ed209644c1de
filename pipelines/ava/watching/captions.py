"""Where captions stand: beside their boxes, inside the picture, on one another only as a last way.

All in whole pixels of a picture, (0, 0) top left.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Area(NamedTuple):
    """A rectangle of pixels; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.bottom - self.top

    def shared(self, other: "Area") -> int:
        """Return how many pixels two areas share.

        >>> Area(0, 0, 4, 4).shared(Area(2, 2, 8, 8)), Area(0, 0, 4, 4).shared(Area(4, 0, 8, 8))
        (4, 0)
        """
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0, across) * max(0, down)

    def inside(self, size: tuple[int, int]) -> "Area":
        """Return the area moved into a picture of (width, height), from its top left.

        >>> Area(-3, 5, 7, 15).inside((20, 12))
        Area(left=0, top=2, right=10, bottom=12)
        """
        left = max(0, min(self.left, size[0] - self.width))
        top = max(0, min(self.top, size[1] - self.height))
        return Area(left, top, left + self.width, top + self.height)


def leader(caption: Area, box: Area) -> tuple[int, int, int, int] | None:
    """Return a line (x1, y1, x2, y2) from a caption to its box; None where they touch.

    >>> leader(Area(0, 0, 10, 10), Area(20, 5, 30, 50))
    (10, 10, 20, 10)
    >>> leader(Area(0, 0, 10, 10), Area(5, 10, 9, 20))
    """
    is_beside = caption.right < box.left or box.right < caption.left
    if not is_beside and caption.bottom >= box.top and caption.top <= box.bottom:
        return None
    x1 = min(max((box.left + box.right) // 2, caption.left), caption.right)
    y1 = min(max((box.top + box.bottom) // 2, caption.top), caption.bottom)
    return x1, y1, min(max(x1, box.left), box.right), min(max(y1, box.top), box.bottom)


def place_caption(
    box: Area,
    caption: tuple[int, int],
    taken: Sequence[Area],
    size: tuple[int, int],
    *,
    is_below: bool,
) -> Area:
    """Return where a caption of (width, height) stands in a picture of `size`.

    On top of its box, or below it; where others are, or the picture ends, at another place
    near it; where every place is taken, at the one where it hides least of other captions.
    """
    best, least = None, 0
    for place in _places(box, caption, size, is_below=is_below):
        hidden = sum(place.shared(other) for other in taken)
        if not hidden:
            return place
        if best is None or hidden < least:
            best, least = place, hidden
    assert best is not None
    return best


def _places(
    box: Area, caption: tuple[int, int], size: tuple[int, int], *, is_below: bool
) -> Iterator[Area]:
    """Yield places inside the picture, the best first."""
    width, height = caption
    above, below = box.top - height, box.bottom
    lefts = (box.left, box.right - width)
    first, second = (below, above) if is_below else (above, below)
    within = box.bottom - height if is_below else box.top
    corners = [(left, top) for top in (first, within) for left in lefts]
    corners += [(left, top) for left in (box.right, box.left - width) for top in (within, box.top)]
    corners += [(left, second) for left in lefts]
    corners += _near(box, caption, size)
    for left, top in corners:
        yield Area(left, top, left + width, top + height).inside(size)


def _near(box: Area, caption: tuple[int, int], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Return corners all over the picture, those of captions near the box's middle first."""
    across, down = max(1, caption[0] // 4), max(1, caption[1] // 4)
    middle = (box.left + box.right - caption[0]) / 2, (box.top + box.bottom - caption[1]) / 2
    lefts = range(0, max(1, size[0] - caption[0] + 1), across)
    tops = range(0, max(1, size[1] - caption[1] + 1), down)
    corners = [(left, top) for top in tops for left in lefts]
    return sorted(corners, key=lambda at: (at[0] - middle[0]) ** 2 + (at[1] - middle[1]) ** 2)
