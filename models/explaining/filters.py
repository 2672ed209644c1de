"""The filters that see a clip first, as pictures that move.

Shapes, as name suffixes: N filters, C channels, T frames, H height, W width.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

_CELL = 60
"""Pixels of a filter's side, about."""
_GAP = 4
_ZERO = 128
"""Grey: a filter that asks for nothing there."""


@dataclass(frozen=True)
class DrawnFilters:
    """All filters of one layer side by side."""

    name: str
    """The layer's path in the network."""
    num_filters: int
    pictures_THWC: NDArray[np.uint8]
    """One picture a frame that they span; each filter on its own scale, 0 is grey."""


def draw_filters(network: nn.Module, num_channels: int = 3) -> list[DrawnFilters]:
    """Return the filters of the layers that see the clip itself: RGB convolutions in space.

    SlowFast has two such layers, one a pathway. There are none where a clip is no RGB.
    """
    return [
        DrawnFilters(name, len(layer.weight), _drawn(layer.weight.detach().float().numpy()))
        for name, layer in network.named_modules()
        if num_channels == 3
        and isinstance(layer, nn.Conv3d)
        and layer.in_channels == num_channels
        and layer.groups == 1
        and max(layer.kernel_size[1:]) > 1
    ]


def _drawn(weights_NCTHW: NDArray[np.float32]) -> NDArray[np.uint8]:
    num, _, num_frames, height, width = weights_NCTHW.shape
    most_N = np.abs(weights_NCTHW).reshape(num, -1).max(1).reshape(num, 1, 1, 1, 1)
    shades = _ZERO + 127 * weights_NCTHW / np.maximum(most_N, 1e-12)
    shades_NTHWC = np.rint(shades).astype(np.uint8).transpose(0, 2, 3, 4, 1)
    scale = max(1, round(_CELL / max(height, width)))
    large = shades_NTHWC.repeat(scale, axis=2).repeat(scale, axis=3)
    columns = math.ceil(math.sqrt(2 * num))
    down, across = height * scale + _GAP, width * scale + _GAP
    rows = math.ceil(num / columns)
    sheet = np.full((num_frames, rows * down - _GAP, columns * across - _GAP, 3), _ZERO, np.uint8)
    for place, filter_THWC in enumerate(large):
        row, column = divmod(place, columns)
        y, x = row * down, column * across
        sheet[:, y : y + height * scale, x : x + width * scale] = filter_THWC
    return sheet
