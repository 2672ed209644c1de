"""Training clips made harder: colours, RandAugment, erasing, the same for all frames of a clip.

Shapes, as name suffixes: T frames, H height, W width, C channels (RGB).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

LEVELS = 30
"""Of RandAugment's magnitude, as its paper counts them (arXiv:1909.13719)."""
_AREA, _SHAPE, _TRIES = (0.02, 1 / 3), 0.3, 10
"""Of what is erased: its share of the picture, the least height by width, and how often one is
drawn that does not fit (arXiv:1708.04896)."""
_JITTER = {"brightness": 32 / 255, "contrast": 0.4, "saturation": 0.4, "hue": 0.2}
"""Of colours: by how much they change at most, brightness, contrast and saturation as a factor from
1, hue as a share of the circle (recalled of DMVR, which scenic's ViViT takes; brightness is added
there)."""
_GREY, _SPREAD = 0.45 * 255, 0.225 * 255
"""Of the noise in the place of what is erased: as bright as pictures are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Disturbance:
    """What is done to clips."""

    num_ops: int = 0
    """Operations of RandAugment, one after another; each is drawn evenly from 14."""
    magnitude: int = 0
    """How strong each is, 0 to `LEVELS`."""
    spread: float = 0.0
    """Deviation of that from operation to operation."""
    op_chance: float = 1.0
    """Of each operation, to be done."""
    colour_chance: float = 0.0
    """Of brightness, contrast, saturation and hue to be changed."""
    grey_chance: float = 0.0
    erasing_chance: float = 0.0
    """Of a rectangle that becomes noise in all frames."""

    def __bool__(self) -> bool:
        return any((self.num_ops, self.colour_chance, self.grey_chance, self.erasing_chance))

    def of(self, frames_THWC: Tensor, random: np.random.Generator) -> Tensor:
        """Return the clip disturbed, uint8; equal draws give equal clips."""
        seed, num_done = (
            int(random.integers(1 << 31)),
            random.binomial(self.num_ops, self.op_chance),
        )
        if self.colour_chance and random.random() < self.colour_chance:
            frames_THWC = _drawn_from(seed, _colours(), frames_THWC)
        if self.grey_chance and random.random() < self.grey_chance:
            frames_THWC = _without_colours(frames_THWC)
        for magnitude, count in self._operations(int(num_done), random):
            frames_THWC = _drawn_from(seed, _rand_augment(count, magnitude), frames_THWC)
            seed += 1
        if random.random() < self.erasing_chance:
            frames_THWC = _erased(frames_THWC, random)
        return frames_THWC

    def _operations(self, num_done: int, random: np.random.Generator) -> Iterator[tuple[int, int]]:
        """Yield how strong operations are, and how many of them: all, unless each differs."""
        if num_done and not self.spread:
            yield self.magnitude, num_done
            return
        for _ in range(num_done):
            drawn = round(random.normal(self.magnitude, self.spread))
            yield min(max(drawn, 0), LEVELS), 1


def _rand_augment(num_ops: int, magnitude: int) -> nn.Module:
    from torchvision.transforms.v2 import RandAugment  # seconds, for those who ask for it

    made: nn.Module = RandAugment(
        num_ops=num_ops, magnitude=magnitude, num_magnitude_bins=LEVELS + 1
    )
    return made


def _colours() -> nn.Module:
    from torchvision.transforms.v2 import ColorJitter

    made: nn.Module = ColorJitter(**_JITTER)
    return made


def _without_colours(frames_THWC: Tensor) -> Tensor:
    from torchvision.transforms.v2.functional import rgb_to_grayscale

    grey: Tensor = rgb_to_grayscale(frames_THWC.permute(0, 3, 1, 2), num_output_channels=3)
    return grey.permute(0, 2, 3, 1).contiguous()


def _drawn_from(seed: int, change: nn.Module, frames_THWC: Tensor) -> Tensor:
    """Return the clip changed by what a seed draws; torch's own draws stay as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        changed: Tensor = change(frames_THWC.permute(0, 3, 1, 2))
    return changed.permute(0, 2, 3, 1).contiguous()


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
