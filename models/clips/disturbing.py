"""Training clips made harder: RandAugment and erasing, the same for all frames of a clip.

Shapes, as name suffixes: T frames, H height, W width, C channels (RGB).
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

LEVELS = 30
"""Of RandAugment's magnitude, as its paper counts them (arXiv:1909.13719)."""
_AREA, _SHAPE, _TRIES = (0.02, 1 / 3), 0.3, 10
"""Of what is erased: its share of the picture, the least height by width, and how often one is
drawn that does not fit (arXiv:1708.04896)."""
_GREY, _SPREAD = 0.45 * 255, 0.225 * 255
"""Of the noise in the place of what is erased: as bright as pictures are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disturbance:
    """What is done to clips."""

    num_ops: int = 0
    """Operations of RandAugment, one after another; each is drawn evenly from 14."""
    magnitude: int = 0
    """How strong each is, 0 to `LEVELS`."""
    op_chance: float = 1.0
    """Of each operation, to be done."""
    erasing_chance: float = 0.0
    """Of a rectangle that becomes noise in all frames."""

    def __bool__(self) -> bool:
        return bool(self.num_ops or self.erasing_chance)

    def of(self, frames_THWC: Tensor, random: np.random.Generator) -> Tensor:
        """Return the clip disturbed, uint8; equal draws give equal clips."""
        seed, num_done = (
            int(random.integers(1 << 31)),
            random.binomial(self.num_ops, self.op_chance),
        )
        if num_done:
            frames_THWC = _augmented(frames_THWC, int(num_done), self.magnitude, seed)
        if random.random() < self.erasing_chance:
            frames_THWC = _erased(frames_THWC, random)
        return frames_THWC


def _augmented(frames_THWC: Tensor, num_ops: int, magnitude: int, seed: int) -> Tensor:
    from torchvision.transforms.v2 import RandAugment  # seconds, for those who ask for it

    augment = RandAugment(num_ops=num_ops, magnitude=magnitude, num_magnitude_bins=LEVELS + 1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        augmented: Tensor = augment(frames_THWC.permute(0, 3, 1, 2))
    return augmented.permute(0, 2, 3, 1).contiguous()


def _erased(frames_THWC: Tensor, random: np.random.Generator) -> Tensor:
    height, width = frames_THWC.shape[1:3]
    for _ in range(_TRIES):
        area = height * width * random.uniform(*_AREA)
        shape = np.exp(random.uniform(np.log(_SHAPE), -np.log(_SHAPE)))
        high, wide = round(float(np.sqrt(area * shape))), round(float(np.sqrt(area / shape)))
        if 0 < high < height and 0 < wide < width:
            top = int(random.integers(height - high + 1))
            left = int(random.integers(width - wide + 1))
            noise = random.normal(_GREY, _SPREAD, (len(frames_THWC), high, wide, 3))
            erased = frames_THWC.clone()
            erased[:, top : top + high, left : left + wide] = torch.from_numpy(
                noise.clip(0, 255).astype(np.uint8)
            )
            return erased
    return frames_THWC
