"""The network: a map of where people's middles are, and how far their edges lie from there.

After CenterNet (arXiv:1904.07850) for the middles and FCOS (arXiv:1904.01355) for the edges, at
one level, a quarter of the picture's size.

Shapes, as name suffixes: B batch, H and W of the picture, h and w of the map (a quarter), 4 for the
distances to left, top, right and bottom edge.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE = 4
"""Pixels of the picture to one place of the map."""

MULTIPLE = 16
"""Sides of pictures must be multiples of it."""

_RARE = 0.02
"""How likely a middle is at any place before anything is learnt."""


class PeopleNetwork(nn.Module):
    """From pictures to logits of middles, and distances in pixels."""

    def __init__(self, width: int = 16) -> None:
        """Build the network; `width` is the channels of its first layer."""
        super().__init__()
        wide, wider, widest = 2 * width, 4 * width, 6 * width
        self.stem = nn.Sequential(_layer(3, width, 2), _layer(width, wide, 2))
        self.quarter = _Residual(wide)
        self.eighth = nn.Sequential(_layer(wide, wider, 2), _Residual(wider))
        self.sixteenth = nn.Sequential(
            _layer(wider, widest, 2), _Residual(widest), _Residual(widest)
        )
        self.up_eighth = _layer(widest + wider, wider, 1)
        self.up_quarter = _layer(wider + wide, wide, 1)
        self.middle = nn.Sequential(_layer(wide, wide, 1), nn.Conv2d(wide, 1, 1))
        self.edges = nn.Sequential(_layer(wide, wide, 1), nn.Conv2d(wide, 4, 1))
        nn.init.constant_(self.middle[-1].bias, -math.log(1 / _RARE - 1))  # type: ignore[arg-type]

    @property
    def device(self) -> torch.device:
        """Return where the weights are."""
        return next(self.parameters()).device

    def forward(self, x_B3HW: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits_Bhw and distances_B4hw (pixels, above 0) of pictures around 0."""
        quarter = self.quarter(self.stem(x_B3HW))
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        eighth = self.up_eighth(torch.cat([_doubled(sixteenth), eighth], dim=1))
        quarter = self.up_quarter(torch.cat([_doubled(eighth), quarter], dim=1))
        distances_B4hw = STRIDE * F.softplus(4 * self.edges(quarter))
        return self.middle(quarter)[:, 0], distances_B4hw


def places(height: int, width: int, device: torch.device | None = None) -> Tensor:
    """Return the pixels (x, y) in the middle of each place of a map, shape (2, h, w)."""
    rows, columns = (torch.arange(side, device=device) + 0.5 for side in (height, width))
    y, x = torch.meshgrid(rows * STRIDE, columns * STRIDE, indexing="ij")
    return torch.stack([x, y])


def boxes_of(distances_B4hw: Tensor) -> Tensor:
    """Return boxes (x1, y1, x2, y2) in pixels, shape (B, 4, h, w)."""
    height, width = distances_B4hw.shape[2:]
    x_hw, y_hw = places(height, width, distances_B4hw.device)
    left, top, right, bottom = distances_B4hw.unbind(1)
    return torch.stack([x_hw - left, y_hw - top, x_hw + right, y_hw + bottom], dim=1)


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _layer(channels, channels, 1)
        self.second = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.second(self.first(x)))


def _layer(before: int, after: int, stride: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
