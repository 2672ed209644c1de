"""Two clips of a batch made one: blended, or a block of one in the other.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Blend:
    """How each clip of a batch is made one with another of it."""

    others_B: Tensor
    """Places of the other clips."""
    share: float
    """How much of the label is the clip's own, 0 to 1."""
    block: tuple[float, float] | None
    """Where the middle of the other's block lies, as shares of height and width; None blends."""

    def of(self, frames_BTHWC: Tensor) -> Tensor:
        """Return the clips with the others in them, uint8."""
        others = frames_BTHWC[self.others_B]
        if self.block is None:
            mixed = torch.lerp(others.float(), frames_BTHWC.float(), self.share)
            return mixed.round_().to(torch.uint8)
        height, width = frames_BTHWC.shape[2:4]
        down, across = (
            _stretch(middle, size, self.share)
            for middle, size in zip(self.block, (height, width), strict=True)
        )
        cut = frames_BTHWC.clone()
        cut[:, :, down, across] = others[:, :, down, across]
        return cut


def drawn_blend(num_clips: int, mixup: float, cutmix: float) -> Blend | None:
    """Return a blend of `num_clips` clips, drawn from torch's seed; None where none is wanted.

    `mixup` (arXiv:1710.09412) and `cutmix` (arXiv:1905.04899) are alphas of Betas that the share
    is drawn from, one for the whole batch; where both are set, one of them is drawn evenly. A
    block is moved inside the picture, so that its area is always the other label's share, up to
    whole pixels.
    """
    if not (mixup or cutmix) or num_clips < 2:
        return None
    random = np.random.default_rng(int(torch.randint(1 << 31, ()).item()))
    cuts = bool(cutmix) and (not mixup or random.random() < 0.5)
    share = float(random.beta(cutmix, cutmix) if cuts else random.beta(mixup, mixup))
    others = torch.from_numpy(np.roll(np.arange(num_clips), 1 + random.integers(num_clips - 1)))
    block = (float(random.random()), float(random.random())) if cuts else None
    return Blend(others, share, block)


def _stretch(middle: float, size: int, own_share: float) -> slice:
    """Return the pixels of the block along one side."""
    length = round(size * float(np.sqrt(1 - own_share)))
    first = round(middle * (size - length))
    return slice(first, first + length)
