"""What excites a unit, as a film: clips side by side, from fast to slow, and below what moves.

Shapes, as name suffixes: T frames, H height, W width, C channels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.explaining.excitation import Found

_SIDE = 192
"""Pixels of a clip's side, about."""
_LINE = 22
_GAP = 6
_PAPER, _INK = 24, 235
_LOUDER = 4
"""Changes from one frame to the next are drawn so many times as large, around grey."""


def draw_found(found: Sequence[Found]) -> NDArray[np.uint8]:
    """Return the pictures of the film: a column for each search, a title over it."""
    columns = [_column(one) for one in found]
    gap = np.full((*columns[0].shape[:2], _GAP, 3), _PAPER, np.uint8)
    parts = [part for column in columns for part in (column, gap)]
    return np.concatenate(parts[:-1], axis=2)


def _column(found: Found) -> NDArray[np.uint8]:
    pictures = found.pictures_THWC
    if pictures.shape[3] != 3:
        pictures = np.repeat(pictures[..., :1], 3, axis=3)
    scale = max(1, _SIDE // pictures.shape[1])
    seen = pictures.repeat(scale, axis=1).repeat(scale, axis=2)
    moving = _changes(pictures).repeat(scale, axis=1).repeat(scale, axis=2)
    width = seen.shape[2]
    titles = [f"slowness {found.search.slowness:g}: {found.after:.3g}", "change, 4 times"]
    heads = [np.broadcast_to(_title(text, width), (len(seen), _LINE, width, 3)) for text in titles]
    return np.concatenate([heads[0], seen, heads[1], moving], axis=1)


def _changes(pictures_THWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return each frame's difference from the one before, around grey; the first has none."""
    now = pictures_THWC.astype(np.float32)
    apart = np.diff(now, axis=0, prepend=now[:1])
    return np.clip(128 + _LOUDER * apart, 0, 255).astype(np.uint8)


def _title(text: str, width: int) -> NDArray[np.uint8]:
    picture = Image.new("RGB", (width, _LINE), (_PAPER,) * 3)
    font = ImageFont.load_default(12)
    ImageDraw.Draw(picture).text((4, _LINE / 2), text, (_INK,) * 3, font=font, anchor="lm")
    return np.asarray(picture)
