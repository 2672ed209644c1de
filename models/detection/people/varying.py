"""One picture in many: turned round, nearer, farther, lighter, darker, and its boxes with it.

Shapes, as name suffixes: C = 3 colours, H and W of the picture, N boxes.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

_LEAST_SEEN = 0.3
"""Of a box that must stay in the picture, or it is forgotten."""


def varied(
    x_CHW: Tensor, boxes_N4: Tensor, random: torch.Generator, max_zoom: float
) -> tuple[Tensor, Tensor]:
    """Return a picture around 0 and its boxes (pixels), flipped, moved, resized and tinted."""

    def uniform(low: float, high: float, count: int = 1) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=random)

    _, height, width = x_CHW.shape
    zoom = torch.exp(uniform(-1, 1) * torch.tensor(max_zoom).log())
    mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    shift_2 = uniform(-1, 1, 2) * (1 - 1 / zoom).abs().clamp(min=0.1)
    zero = torch.zeros(1)
    theta_23 = torch.stack(
        [
            torch.cat([mirror / zoom, zero, shift_2[:1]]),
            torch.cat([zero, 1 / zoom, shift_2[1:]]),
        ]
    )
    grid = F.affine_grid(theta_23[None], [1, 3, height, width], align_corners=False)
    moved = F.grid_sample(x_CHW[None], grid, padding_mode="zeros", align_corners=False)[0]
    sizes_2 = torch.tensor([width, height], dtype=torch.float32)
    tinted = moved * uniform(0.75, 1.25, 3).view(3, 1, 1) + uniform(-0.3, 0.3)
    return tinted, _moved(boxes_N4, torch.cat([mirror / zoom, 1 / zoom]), shift_2, sizes_2)


def _moved(boxes_N4: Tensor, scale_2: Tensor, shift_2: Tensor, sizes_2: Tensor) -> Tensor:
    """Return the boxes where `affine_grid` puts them: out = (in - shift) / scale, in [-1, 1]."""
    corners_N22 = (2 * boxes_N4.view(-1, 2, 2) / sizes_2 - 1 - shift_2) / scale_2
    pixels_N22 = (corners_N22 + 1) / 2 * sizes_2
    low_N2, high_N2 = pixels_N22.amin(dim=1), pixels_N22.amax(dim=1)
    whole = (high_N2 - low_N2).prod(dim=1)
    low_N2, high_N2 = low_N2.clamp(min=0), torch.minimum(high_N2, sizes_2)
    seen = (high_N2 - low_N2).clamp(min=0).prod(dim=1)
    boxes: Tensor = torch.cat([low_N2, high_N2], dim=1)[seen > _LEAST_SEEN * whole]
    return boxes
