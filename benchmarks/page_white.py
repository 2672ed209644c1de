"""Whether the stage flashes white between clips, seen from outside: in pictures of the screen."""

from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.screen import Picture, watching

WHITE = 225
"""From which value on, in each colour, a point is white."""


def whitest_percent(browser: Any, work: Callable[[Any], object]) -> float:
    """Do some work in a browser; return the largest part of the stage that ever was white."""
    script = """
    const box = document.querySelector(".stage").getBoundingClientRect();
    return [box.left / innerWidth, box.top / innerHeight, box.right / innerWidth,
            box.bottom / innerHeight];
    """
    stage = browser.execute_script(script)
    with watching(browser) as pictures:
        work(browser)
    return max(100 * _white_share(picture, stage) for picture in pictures)


def _white_share(picture: Picture, stage: Sequence[float]) -> float:
    points_HWC = picture.points()
    high, wide = points_HWC.shape[:2]
    left, top, right, bottom = stage
    inside = points_HWC[int(top * high) : int(bottom * high), int(left * wide) : int(right * wide)]
    return float((inside.min(axis=2) >= WHITE).mean())
