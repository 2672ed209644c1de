"""How a person in a box looks, as numbers that can be compared: colours and outlines.

Shapes: H height, W width, C = 3 colours, D numbers of a look.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kinetics_builder.formats.boxes.pixels import Corners

SIDE = 32, 64
"""Width and height to which what lies in a box is brought."""

NUM_STRIPES = 4
"""From head to foot: a person's shirt and trousers are told apart."""

NUM_HUES, NUM_GREYS, NUM_DIRECTIONS = 12, 4, 8
LENGTH = NUM_STRIPES * (NUM_HUES + NUM_GREYS + NUM_DIRECTIONS)

_COLOURFUL = 48
"""Of 255: a pixel of less saturation is grey, and its hue says nothing."""

_EDGE = 0.12
"""Share of a box at each side that is left out: it is mostly what is behind the person."""


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return a still as rgb_HWC."""
    return np.asarray(Image.open(path).convert("RGB"))


def look_of(rgb_HWC: NDArray[np.uint8], corners: Corners) -> bytes:
    """Return the look of the person in a box: `LENGTH` numbers from 0 to 255.

    For each stripe the square roots of the shares of its pixels of each hue and each grey,
    and of its edges in each direction.
    """
    patch_HWC = _patch(rgb_HWC, corners)
    hsv_HWC = np.asarray(cv2.cvtColor(patch_HWC, cv2.COLOR_RGB2HSV), dtype=np.uint8)
    grey_HW = cv2.cvtColor(patch_HWC, cv2.COLOR_RGB2GRAY)
    across = np.asarray(cv2.Sobel(grey_HW, cv2.CV_32F, 1, 0), dtype=np.float32)
    down = np.asarray(cv2.Sobel(grey_HW, cv2.CV_32F, 0, 1), dtype=np.float32)
    height = SIDE[1] // NUM_STRIPES
    parts = []
    for top in range(0, SIDE[1], height):
        rows = slice(top, top + height)
        parts.append(_colours(hsv_HWC[rows]))
        parts.append(_directions(across[rows], down[rows]))
    return np.round(255 * np.sqrt(np.concatenate(parts))).astype(np.uint8).tobytes()


def likeness_of(one: bytes, other: bytes) -> float:
    """Return how alike two looks are, in [0, 1]: 1 for equal ones."""
    [[likeness]] = likenesses([one], [other])
    return float(likeness)


def likenesses(rows: list[bytes], columns: list[bytes]) -> NDArray[np.float64]:
    """Return how alike each of `rows` is to each of `columns`: the cosine of their numbers."""
    if not rows or not columns:
        return np.zeros((len(rows), len(columns)))
    a_ND, b_MD = _unit(rows), _unit(columns)
    alike_NM: NDArray[np.float64] = np.clip(a_ND @ b_MD.T, 0.0, 1.0)
    return alike_NM


def _unit(looks: list[bytes]) -> NDArray[np.float64]:
    numbers_ND = np.frombuffer(b"".join(looks), dtype=np.uint8).reshape(len(looks), -1)
    lengths = np.linalg.norm(numbers_ND.astype(np.float64), axis=1, keepdims=True)
    unit_ND: NDArray[np.float64] = numbers_ND / np.maximum(lengths, 1e-9)
    return unit_ND


def _patch(rgb_HWC: NDArray[np.uint8], corners: Corners) -> NDArray[np.uint8]:
    height, width = rgb_HWC.shape[:2]
    edge = _EDGE * (corners.x2 - corners.x1)
    left, right = _pixels(corners.x1 + edge, corners.x2 - edge, width)
    top, bottom = _pixels(corners.y1, corners.y2, height)
    inside_HWC = rgb_HWC[top:bottom, left:right]
    return np.asarray(cv2.resize(inside_HWC, SIDE, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _pixels(begin: float, end: float, size: int) -> tuple[int, int]:
    """Return the first and the last but one of at least one pixel.

    >>> _pixels(0.25, 0.5, 100), _pixels(0.999, 1.0, 100)
    ((25, 50), (99, 100))
    """
    first = min(int(begin * size), size - 1)
    return first, max(first + 1, min(round(end * size), size))


def _colours(hsv_HWC: NDArray[np.uint8]) -> NDArray[np.float64]:
    hue, saturation, value = (hsv_HWC[..., channel].ravel() for channel in range(3))
    is_colourful = (saturation >= _COLOURFUL) & (value >= _COLOURFUL)
    hues = np.bincount(hue[is_colourful].astype(int) * NUM_HUES // 180, minlength=NUM_HUES)
    greys = np.bincount(value[~is_colourful].astype(int) * NUM_GREYS // 256, minlength=NUM_GREYS)
    shares: NDArray[np.float64] = np.concatenate([hues, greys]) / hue.size
    return shares


def _directions(across: NDArray[np.float32], down: NDArray[np.float32]) -> NDArray[np.float64]:
    strength = np.hypot(across, down).ravel()
    angle = np.arctan2(down, across).ravel() % np.pi
    bins = np.minimum((angle / np.pi * NUM_DIRECTIONS).astype(int), NUM_DIRECTIONS - 1)
    sums = np.bincount(bins, weights=strength, minlength=NUM_DIRECTIONS)
    shares: NDArray[np.float64] = sums / max(float(sums.sum()), 1e-9) / 4
    return shares
