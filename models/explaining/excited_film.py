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
_GREY, _REACH = 128, 110
"""All but the loudest hundredth of differences are drawn within so many levels of grey."""
_LOUDEST = 0.99


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
    now, many = clip_THWC.astype(np.float32), clip_THWC.shape[3] != 3
    if clip_THWC.shape[3] != 2:  # of flow, grey stands still, and colours say how fast
        clip_THWC, rgb_THWC = clip_THWC.copy(), now[..., :3]
        clip_THWC[..., :3], contrast = _legible(rgb_THWC - rgb_THWC.mean())
        said = f"{said}, shown x {contrast:.2g}"
    for number, (name, seen) in enumerate(looks(clip_THWC).items()):
        yield (said if number == 0 else name), seen
    moving, louder = _legible(np.diff(now, axis=0, prepend=now[:1]))
    for name, seen in looks(moving).items():
        yield f"change of {name}, x {louder:.2g}" if many else f"change, x {louder:.2g}", seen


def _legible(apart_THWC: NDArray[np.float32]) -> tuple[NDArray[np.uint8], float]:
    """Return differences around grey, so loud that they can be seen, and how many times as loud."""
    loudest = float(np.quantile(np.abs(apart_THWC), _LOUDEST))
    times = _REACH / loudest if loudest else 1.0
    return np.clip(_GREY + times * apart_THWC, 0, 255).astype(np.uint8), times


def _title(text: str, width: int) -> NDArray[np.uint8]:
    picture = Image.new("RGB", (width, _LINE), (_PAPER,) * 3)
    font = ImageFont.load_default(12)
    ImageDraw.Draw(picture).text((4, _LINE / 2), text, (_INK,) * 3, font=font, anchor="lm")
    return np.asarray(picture)
