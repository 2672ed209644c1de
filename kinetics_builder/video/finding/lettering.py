"""Large writing in pictures: titles, captions, subtitles, found by its strokes.

A letter is an area of one brightness, lighter or darker than what is around it, drawn with a
stroke of about one width; letters of about one height that stand in a row are writing. Shapes:
H height, W width.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

HEIGHTS = (0.03, 0.3)
"""Of the picture's: letters are not smaller, so that they are large writing, nor larger."""

CONTRAST = 60
"""Of 255: letters stand out by more from what is around them."""

STROKE = 0.1
"""Of the picture's height: a stroke is no wider."""

LEAST_LETTERS = 5
"""Fewer in a row are no writing."""

MOST_LETTERS = 400
"""More that might be are a texture."""

UNEVEN = 60.0
"""Of 255: the brightness of a letter's pixels spreads by less."""


class Letter(NamedTuple):
    """What may be a letter: a box, in pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """Return the line that it stands on."""
        return self.top + self.height


def writing_share(grey_HW: NDArray[np.uint8]) -> float:
    """Return the share of a picture that rows of large letters take, in [0, 1]."""
    written_HW = np.zeros(grey_HW.shape, np.bool_)
    for way in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT):
        for row in rows_of(letters(grey_HW, way)):
            left, top = min(one.left for one in row), min(one.top for one in row)
            right = max(one.left + one.width for one in row)
            written_HW[top : max(one.bottom for one in row), left:right] = True
    return float(written_HW.mean())


def letters(grey_HW: NDArray[np.uint8], way: int) -> list[Letter]:
    """Return what may be letters, from left to right.

    Args:
        grey_HW: A picture.
        way: MORPH_TOPHAT for letters lighter than what is around, MORPH_BLACKHAT for darker.

    """
    side = max(5, int(len(grey_HW) * STROKE)) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    strokes_HW = (cv2.morphologyEx(grey_HW, way, kernel) > CONTRAST).astype(np.uint8)
    _, parts_HW, stats, _ = cv2.connectedComponentsWithStats(strokes_HW)
    inside_HW = cv2.distanceTransform(strokes_HW, cv2.DIST_L2, 3)
    found = []
    for part in np.flatnonzero(_is_shaped(np.asarray(stats, dtype=np.int32), len(grey_HW))):
        left, top, width, height = (int(n) for n in stats[part, :4])
        box = np.s_[top : top + height, left : left + width]
        is_of_it = parts_HW[box] == part
        is_stroke = 2 * inside_HW[box][is_of_it].max() <= 0.45 * height
        if is_stroke and grey_HW[box][is_of_it].std() < UNEVEN:
            found.append(Letter(left, top, width, height))
    return sorted(found) if len(found) <= MOST_LETTERS else []


def _is_shaped(stats: NDArray[np.int32], picture_height: int) -> NDArray[np.bool_]:
    """Say of each part of a picture whether a letter may have its size; the first is the ground."""
    width, height, area = (stats[:, n] for n in (2, 3, 4))
    least, most = (share * picture_height for share in HEIGHTS)
    is_sized = (height >= least) & (height <= most)
    is_sized &= (width >= 0.08 * height) & (width <= 1.8 * height)
    is_sized &= (area >= 0.12 * width * height) & (area <= 0.9 * width * height + 8)
    is_sized[0] = False
    return np.asarray(is_sized)


def rows_of(found: Sequence[Letter]) -> list[list[Letter]]:
    """Return the rows of writing among letters that come from left to right."""
    row_of = list(range(len(found)))
    for number, one in enumerate(found):
        for other_number in range(number + 1, len(found)):
            other = found[other_number]
            if other.left - one.left - one.width > max(one.height, other.height) * 1.8:
                break
            if _follows(one, other):
                old, new = row_of[other_number], row_of[number]
                row_of = [new if row == old else row for row in row_of]
    rows = defaultdict(list)
    for row, one in zip(row_of, found, strict=True):
        rows[row].append(one)
    return [row for row in rows.values() if len(row) >= LEAST_LETTERS]


def _follows(one: Letter, other: Letter) -> bool:
    """Say whether one letter stands behind another in a row."""
    tall, low = max(one.height, other.height), min(one.height, other.height)
    gap = other.left - one.left - one.width
    return (
        -0.7 * one.width <= gap <= tall
        and abs(one.bottom - other.bottom) <= 0.25 * tall
        and tall <= 1.8 * low
    )
