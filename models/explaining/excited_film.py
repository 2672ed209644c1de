"""What excites a unit, as a film: clips side by side, from fast to slow, and below what moves.

Flow is shown in colours, below the pictures where there are such.

Shapes, as name suffixes: T frames, H height, W width, C channels.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from models.explaining.excitation import Found
from models.explaining.looks import looks

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
    clip = found.pictures_THWC
    scale = max(1, _SIDE // clip.shape[1])
    parts: list[NDArray[np.uint8]] = []
    for title, seen in _shown(found, clip):
        large = seen.repeat(scale, axis=1).repeat(scale, axis=2)
        head = _title(title, large.shape[2])
        parts += [np.broadcast_to(head, (len(large), *head.shape)), large]
    return np.concatenate(parts, axis=1)


def _shown(found: Found, clip_THWC: NDArray[np.uint8]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Yield what stands below each other, with its title: what is seen, then what changes."""
    said = f"slowness {found.search.slowness:g}: {found.after:.3g}"
    many = clip_THWC.shape[3] != 3
    for number, (name, seen) in enumerate(looks(clip_THWC).items()):
        yield (said if number == 0 else name), seen
    for name, seen in looks(_changes(clip_THWC)).items():
        yield f"change of {name}, 4 times" if many else "change, 4 times", seen


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
