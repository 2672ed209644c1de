"""Which part of a picture a video fills: bars and frames that somebody put around it left out.

Shapes: T time, H height, W width.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

FLAT_LEVELS = 4.0
"""Grey levels by which a border's cells may differ from its colour, a quarter of them by more."""

STEADY_LEVELS = 3.0
"""Grey levels by which a border's cells may change over time, a quarter of them by more."""

EQUAL_LEVELS = 10.0
"""Grey levels by which opposite borders may differ."""

EDGE_LEVELS = 8.0
"""Grey levels by which what lies within must differ from the border, in `EDGE_SHARE` of it."""

EDGE_SHARE = 0.6

LEAST_ROWS = 2

MOST_SHARE = 0.6
"""Share of a side that its two borders may take."""


class Area(NamedTuple):
    """The part of a picture that is shown, half-open, in cells."""

    top: int
    bottom: int
    left: int
    right: int


def shown_area(film_THW: Floats) -> Area:
    """Return the part of the pictures within their borders; all of it where there are none.

    A border is a steady flat stretch along two opposite sides, of one colour, that ends in a
    straight edge. What merely looks empty (a wall, a night sky) has no such edge.
    """
    mean_HW, spread_HW = film_THW.mean(0), film_THW.std(0)
    top, bottom, left, right = 0, mean_HW.shape[0], 0, mean_HW.shape[1]
    for _ in range(2):  # bars within bars: a letterboxed film in a frame
        within = slice(top, bottom), slice(left, right)
        before, after = _borders(mean_HW[within], spread_HW[within])
        top, bottom = top + before, bottom - after
        within = slice(top, bottom), slice(left, right)
        before, after = _borders(mean_HW[within].T, spread_HW[within].T)
        left, right = left + before, right - after
    return Area(top, bottom, left, right)


def _borders(mean_HW: Floats, spread_HW: Floats) -> tuple[int, int]:
    """Return how many rows at the top and at the bottom are border."""
    colour_H = np.median(mean_HW, axis=1)
    apart_H = np.quantile(np.abs(mean_HW - colour_H[:, None]), 0.75, axis=1)
    is_flat_H = (apart_H < FLAT_LEVELS) & (np.quantile(spread_HW, 0.75, axis=1) < STEADY_LEVELS)
    top = _num_alike(is_flat_H, colour_H)
    bottom = _num_alike(is_flat_H[::-1], colour_H[::-1])
    num_rows = len(mean_HW)
    if min(top, bottom) < LEAST_ROWS or top + bottom > MOST_SHARE * num_rows:
        return 0, 0
    if abs(colour_H[0] - colour_H[-1]) > EQUAL_LEVELS:
        return 0, 0
    within = mean_HW[top : num_rows - bottom]
    has_edges = _is_edge(within, colour_H[0]) and _is_edge(within[::-1], colour_H[-1])
    return (top, bottom) if has_edges else (0, 0)


def _num_alike(is_flat_H: NDArray[np.bool_], colour_H: Floats) -> int:
    """Return how many rows from the first on are flat and of its colour."""
    is_border = is_flat_H & (np.abs(colour_H - colour_H[0]) <= FLAT_LEVELS)
    return len(is_border) if is_border.all() else int(np.argmin(is_border))


def _is_edge(within_HW: Floats, colour: float) -> bool:
    """Say whether the first rows within a border differ from it nearly everywhere."""
    apart_W = np.abs(within_HW[:3] - colour).max(0)
    return float((apart_W > EDGE_LEVELS).mean()) >= EDGE_SHARE
