"""Crops and flips of a clip, the same for all of its frames.

Shapes, as name suffixes: T frames, H height, W width, C channels: R, G, B; flow's x, y; or both.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from kinetics_builder.video.flow.levels import opposite
from models.clips.decode import Frames

_SIDED = re.compile(r"\b(left|right|clockwise|anticlockwise|counterclockwise)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Augmentation:
    """How a training clip is varied."""

    short_sides: tuple[float, float]
    """Range the short side is drawn from before the crop, pixels (SlowFast: 256 to 320)."""
    crop_size: int
    flip_probability: float
    area: tuple[float, float] | None = None
    """Range of the share of the picture that is shown, stretched to a square, in place of
    `short_sides` (MViT: 0.08 to 1)."""


def has_sides(label: str) -> bool:
    """Say whether a label names a side, so that its mirror image is another action.

    >>> has_sides("swiping left"), has_sides("clapping")
    (True, False)
    """
    return _SIDED.search(label) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut:
    """A part of a picture, pixels, that is shown as a square."""

    top: int
    left: int
    side: int
    """Its height, and its width where no other is told."""
    is_mirrored: bool
    wide: int | None = None

    @property
    def width(self) -> int:
        """Return its width."""
        return self.side if self.wide is None else self.wide

    def on_even_pixels(self) -> Self:
        """Return it with its corners on even pixels, where colours lie; 2 at least."""
        top, left = (first // 2 * 2 for first in (self.top, self.left))
        side, width = (max(2, size // 2 * 2) for size in (self.side, self.width))
        wide = None if self.wide is None else width
        return replace(self, top=top, left=left, side=side, wide=wide)

    def part_of(self, plane_HW: Frames, part: int = 1) -> Frames:
        """Return it of a picture, or of a plane that is a `part`-th of the picture's size."""
        top, left = self.top // part, self.left // part
        return plane_HW[top : top + self.side // part, left : left + self.width // part]

    def of(self, frames_THWC: Frames, size: int) -> Tensor:
        """Return it of all frames as a square, `size` x `size` pixels, uint8."""
        down = slice(self.top, self.top + self.side)
        cut = frames_THWC[:, down, self.left : self.left + self.width]
        return resized(mirrored(cut) if self.is_mirrored else cut, size)


def mirrored(frames_THWC: Frames) -> Frames:
    """Return the mirror image: what moved to the right moves to the left there."""
    return _turned(frames_THWC[:, :, ::-1], _FLOW.get(frames_THWC.shape[-1], ())[:1])


def played_backwards(frames_THWC: Frames) -> Frames:
    """Return frames whose order is turned round already with their flow turned round, too."""
    return _turned(frames_THWC, _FLOW.get(frames_THWC.shape[-1], ()))


_SHAPES, _TRIES = (3 / 4, 4 / 3), 10
"""Of a part of some area: its width by its height, and how often one is drawn that does not fit."""
_FLOW = {2: (0, 1), 5: (3, 4)}
"""Which channels are flow, x before y, by their number."""


def _turned(frames_THWC: Frames, channels: Sequence[int]) -> Frames:
    if not channels:
        return frames_THWC
    turned = frames_THWC.copy()
    turned[..., channels] = opposite(turned[..., channels])
    return turned


def random_cut(
    height: int, width: int, augmentation: Augmentation, flip: bool, random: np.random.Generator
) -> Cut:
    """Return a random part of a picture, perhaps mirrored where `flip` allows it."""
    if augmentation.area is not None:
        return _of_area(height, width, augmentation, flip, random)
    short = random.uniform(*augmentation.short_sides)
    side = min(round(min(height, width) * augmentation.crop_size / short), height, width)
    top = int(random.integers(height - side + 1))
    left = int(random.integers(width - side + 1))
    is_mirrored = random.random() < augmentation.flip_probability and flip
    return Cut(top=top, left=left, side=side, is_mirrored=is_mirrored)


def _of_area(
    height: int, width: int, augmentation: Augmentation, flip: bool, random: np.random.Generator
) -> Cut:
    """Return a part of some area and shape (arXiv:1409.4842), the middle where none drawn fits."""
    assert augmentation.area is not None, "somebody asks for it"
    least, most = _SHAPES
    for _ in range(_TRIES):
        area = height * width * random.uniform(*augmentation.area)
        shape = float(np.exp(random.uniform(np.log(least), np.log(most))))
        high, wide = round((area / shape) ** 0.5), round((area * shape) ** 0.5)
        if 0 < high <= height and 0 < wide <= width:
            top = int(random.integers(height - high + 1))
            left = int(random.integers(width - wide + 1))
            break
    else:
        high, wide = min(height, round(width / least)), min(width, round(height * most))
        top, left = (height - high) // 2, (width - wide) // 2
    is_mirrored = random.random() < augmentation.flip_probability and flip
    return Cut(top=top, left=left, side=high, wide=wide, is_mirrored=is_mirrored)


def drawn_once(
    augmentation: Augmentation, flip: bool, random: np.random.Generator
) -> Callable[[int, int], Cut]:
    """Return what draws a square of a picture of some height and width, and stays with it."""

    @cache
    def drawn(height: int, width: int) -> Cut:
        return random_cut(height, width, augmentation, flip, random)

    return drawn


def augment(
    frames_THWC: Frames, augmentation: Augmentation, flip: bool, random: np.random.Generator
) -> Tensor:
    """Return a random square crop, resized to the crop size and perhaps mirrored; uint8."""
    height, width = frames_THWC.shape[1:3]
    cut = random_cut(height, width, augmentation, flip, random)
    return cut.of(frames_THWC, augmentation.crop_size)


def crops(frames_THWC: Frames, size: int, num_crops: int) -> list[Tensor]:
    """Return the test crops: the centre, or three along the long side.

    Those that need no scaling are views of `frames_THWC`, not copies.
    """
    height, width = frames_THWC.shape[1:3]
    side = min(size, height, width)
    result = []
    for share in _shares(num_crops):
        top = round((height - side) * (share if height > width else 0.5))
        left = round((width - side) * (0.5 if height > width else share))
        cut = frames_THWC[:, top : top + side, left : left + side]
        result.append(torch.from_numpy(cut) if side == size else resized(cut, size))
    return result


def _shares(num_crops: int) -> Sequence[float]:
    return [0.5] if num_crops == 1 else [i / (num_crops - 1) for i in range(num_crops)]


def resized(frames_THWC: Frames, size: int) -> Tensor:
    """Return the frames as a uint8 tensor of `size` x `size` pixels (bilinear)."""
    frames = torch.from_numpy(np.ascontiguousarray(frames_THWC))
    if frames.shape[1] == size and frames.shape[2] == size:
        return frames
    planes = frames.permute(0, 3, 1, 2)
    small = F.interpolate(planes, size=(size, size), mode="bilinear", antialias=True)
    return small.permute(0, 2, 3, 1).contiguous()
