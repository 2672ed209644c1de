"""Pairing boxes with people. Pure functions."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.formats.boxes.pixels import Corners


def pair(boxes: Sequence[Corners], others: Sequence[Corners], least: float) -> dict[int, int]:
    """Return by the place of a box the place of the other that it meets, one to one.

    Pairs are those with the greatest sum of overlaps, each of `least` (IoU) or more.

    >>> wide, narrow = Corners(0, 0, 0.5, 1), Corners(0, 0, 0.4, 1)
    >>> pair([wide, narrow], [narrow], 0.5)
    {1: 0}
    """
    if not boxes or not others:
        return {}
    overlaps_NM = np.array([[overlap(box, other) for other in others] for box in boxes])
    overlaps_NM[overlaps_NM < least] = 0.0
    rows, columns = linear_sum_assignment(overlaps_NM, maximize=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return {row: column for row, column in pairs if overlaps_NM[row, column] > 0}
