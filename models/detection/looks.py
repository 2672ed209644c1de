"""Looking at a key frame's pictures more than once: at several sizes, and mirrored.

Shapes, as name suffixes: B batch, T frames, H height, W width, C channels, N boxes of a key frame,
V looks, R boxes of a batch, K classes; 4 is x1, y1, x2, y2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from models.clips.decode import scaled_size
from models.clips.transforms import has_sides
from models.detection.folder import Boxes


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at whole pictures."""

    short_side: int | None = None
    """Pixels; None leaves them as they come."""
    is_mirrored: bool = False

    def pictures(self, frames_BTHWC: Tensor) -> Tensor:
        """Return the clips as they are looked at, uint8."""
        height, width = (int(size) for size in frames_BTHWC.shape[2:4])
        if self.is_mirrored:
            frames_BTHWC = frames_BTHWC.flip(3)
        if self.short_side in (None, min(height, width)):
            return frames_BTHWC
        across, down = scaled_size(width, height, self.short_side)
        planes = frames_BTHWC.flatten(0, 1).permute(0, 3, 1, 2)
        small = F.interpolate(planes, size=(down, across), mode="bilinear", antialias=True)
        return small.permute(0, 2, 3, 1).reshape(*frames_BTHWC.shape[:2], down, across, 3)

    def boxes(self, shares_N4: Boxes) -> Boxes:
        """Return boxes, as shares of width and height, as they lie in those pictures.

        >>> import numpy as np
        >>> Look(is_mirrored=True).boxes(np.array([[0.1, 0.2, 0.3, 0.4]])).round(6).tolist()
        [[0.7, 0.2, 0.9, 0.4]]
        """
        if not self.is_mirrored:
            return shares_N4
        mirrored_N4: Boxes = shares_N4[:, [2, 1, 0, 3]].copy()
        mirrored_N4[:, [0, 2]] = 1 - mirrored_N4[:, [0, 2]]
        return mirrored_N4


ONCE = (Look(),)


def looks_of(short_sides: Sequence[int], *, with_mirror: bool) -> tuple[Look, ...]:
    """Return a look at each size, and with `with_mirror` another at its mirror image."""
    sizes: Sequence[int | None] = tuple(dict.fromkeys(short_sides)) or (None,)
    mirrored = (False, True) if with_mirror else (False,)
    return tuple(Look(size, is_mirrored) for is_mirrored in mirrored for size in sizes)


def averaged(scores_VRK: Tensor, looks: Sequence[Look], labels: Sequence[str]) -> Tensor:
    """Return the mean score over all looks (R, K); mirror images do not tell left from right."""
    mean_RK = scores_VRK.mean(0)
    sided = [place for place, label in enumerate(labels) if has_sides(label)]
    plain = [place for place, look in enumerate(looks) if not look.is_mirrored]
    if sided:
        mean_RK[:, sided] = scores_VRK[plain][:, :, sided].mean(0)
    return mean_RK
