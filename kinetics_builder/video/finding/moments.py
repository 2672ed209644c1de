"""What judges of pictures say of a video at moments some seconds apart, and so of its windows.

Shapes: H height, W width, C = 3 colours (red, green, blue).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from kinetics_builder.intervals import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TIMES = "times"
"""Beside the names of judges: the moments, seconds."""

Moments = Mapping[str, Sequence[float]]
"""The moments, in order, and what each judge says at each of them."""

OF_SEVERAL: dict[str, Callable[[Sequence[float]], float]] = {"nobody": min, "nsfw": max}
"""What the scores of a judge make of a window: somebody who is seen once is there, and so is what
should not be."""


class PictureJudge(Protocol):
    """Says how much a picture is of one kind."""

    name: str
    """One of those in `OF_SEVERAL`."""

    def score(self, rgb_HWC: "NDArray[np.uint8]") -> float:
        """Return a score in [0, 1] of an upright picture."""
        ...


def of_window(moments: Moments, window: Interval) -> dict[str, float]:
    """Return each judge's score of a window; none where no moment lies inside it.

    >>> of_window({"times": [0, 2, 4], "nobody": [1.0, 0.9, 0.1]}, Interval(1, 5))
    {'nobody': 0.1}
    """
    times = moments.get(TIMES)
    if not times:
        return {}
    inside = [n for n, time in enumerate(times) if window.start <= time < window.end]
    names = [name for name in OF_SEVERAL if name in moments] if inside else []
    return {name: OF_SEVERAL[name]([moments[name][n] for n in inside]) for name in names}
