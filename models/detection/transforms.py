"""Boxes that move with the picture: scaled, cut and mirrored. No torch.

Shapes, as name suffixes: N boxes; 4 is x1, y1, x2, y2.
"""

import numpy as np

from models.clips.transforms import Augmentation, Cut, random_cut
from models.detection.folder import Actions, Boxes

LEAST_PIXELS = 1.0
"""A box that is thinner than this in the clip is not seen."""
TRIES = 10


def in_pixels(shares_N4: Boxes, height: int, width: int) -> Boxes:
    """Return boxes in pixels of a picture, cut to it.

    >>> in_pixels(np.array([[0.25, -0.1, 0.75, 1.0]]), height=100, width=200).tolist()
    [[50.0, 0.0, 150.0, 100.0]]
    """
    size = np.array([width, height, width, height], np.float64)
    pixels: Boxes = np.clip(shares_N4 * size, 0.0, size)
    return pixels


def moved(pixels_N4: Boxes, cut: Cut, size: int) -> Boxes:
    """Return boxes as they lie in a cut that is `size` pixels large, cut to it.

    >>> right = Cut(top=0, left=50, side=50, is_mirrored=True)
    >>> moved(np.array([[60.0, 10.0, 80.0, 30.0]]), right, 100).tolist()
    [[40.0, 20.0, 80.0, 60.0]]
    """
    corner = np.array([cut.left, cut.top, cut.left, cut.top], np.float64)
    boxes_N4: Boxes = (pixels_N4 - corner) * (size / cut.side)
    if cut.is_mirrored:
        boxes_N4 = np.column_stack(
            [size - boxes_N4[:, 2], boxes_N4[:, 1], size - boxes_N4[:, 0], boxes_N4[:, 3]]
        )
    return np.clip(boxes_N4, 0.0, size)


def seen(boxes_N4: Boxes) -> Actions:
    """Return which boxes have enough left of them to be seen (N)."""
    sides_N2 = boxes_N4[:, 2:] - boxes_N4[:, :2]
    return np.asarray((sides_N2 >= LEAST_PIXELS).all(axis=1))


def cut_with_a_box(
    pixels_N4: Boxes,
    size: tuple[int, int],
    augmentation: Augmentation,
    flip: bool,
    random: np.random.Generator,
) -> Cut:
    """Return a random cut of a picture of `size` (height, width) in which a box is seen.

    After `TRIES` in vain the cut is moved to the middle of a box.
    """
    height, width = size
    for _ in range(TRIES):
        cut = random_cut(height, width, augmentation, flip, random)
        if seen(moved(pixels_N4, cut, augmentation.crop_size)).any():
            return cut
    x1, y1, x2, y2 = pixels_N4[int(random.integers(len(pixels_N4)))].tolist()
    left = min(max(round((x1 + x2 - cut.side) / 2), 0), width - cut.side)
    top = min(max(round((y1 + y2 - cut.side) / 2), 0), height - cut.side)
    return Cut(top=top, left=left, side=cut.side, is_mirrored=cut.is_mirrored)
