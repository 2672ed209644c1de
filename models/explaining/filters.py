"""The filters that see a clip first, as pictures that move: of pictures, and of flow.

Shapes, as name suffixes: N filters, C channels, T frames, H height, W width.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from models.explaining.looks import flow_colours

_CELL = 60
"""Pixels of a filter's side, about."""
_GAP = 4
_ZERO = 128
"""Grey: a filter that asks for nothing there."""
_RGB = 3
_PAPER = 255
"""White: the same of flow."""


@dataclass(frozen=True)
class DrawnFilters:
    """All filters of one layer side by side."""

    name: str
    """The layer's path in the network."""
    num_filters: int
    pictures_THWC: NDArray[np.uint8]
    """One picture a frame that they span; each filter on its own scale. 0 is grey, or white."""


def draw_filters(network: nn.Module, num_channels: int = 3) -> list[DrawnFilters]:
    """Return the filters of the layers that see the clip itself: convolutions in space.

    SlowFast has two such layers, one a pathway, and so have two streams. A filter of flow asks for
    a motion at each position: drawn in colours, as `flow_colours` has them, on white. Fields that
    stand together as channels are its frames.

    Args:
        network: Whose.
        num_channels: Of its clips: 3 of pictures, 2 of flow, 5 of both.

    """
    return [
        DrawnFilters(name, len(layer.weight), _drawn(layer.weight.detach().float().numpy()))
        for name, layer in _first(network, num_channels)
        if layer.groups == 1 and max(layer.kernel_size[1:]) > 1
    ]


def _first(network: nn.Module, num_channels: int) -> Iterator[tuple[str, nn.Conv3d]]:
    """Yield the layers that see the clip: all that see pictures, the first that sees flow."""
    stacks = (part.flow_stack for part in network.modules() if hasattr(part, "flow_stack"))
    of_flow = 2 * int(next(stacks, 1))  # type: ignore[arg-type]
    wanted = {2: {of_flow}, _RGB: {_RGB}, 5: {_RGB, of_flow}}.get(num_channels, set())
    for name, layer in network.named_modules():
        if isinstance(layer, nn.Conv3d) and layer.in_channels in wanted:
            if layer.in_channels != _RGB:
                wanted.remove(of_flow)
            yield name, layer


def _drawn(weights_NCTHW: NDArray[np.float32]) -> NDArray[np.uint8]:
    num = len(weights_NCTHW)
    most_N = np.abs(weights_NCTHW).reshape(num, -1).max(1).reshape(num, 1, 1, 1, 1)
    strong_NCTHW = 127 * weights_NCTHW / np.maximum(most_N, 1e-12)
    if weights_NCTHW.shape[1] == _RGB:
        shades_NCTHW = np.rint(_ZERO + strong_NCTHW).astype(np.uint8)
        return _sheet(shades_NCTHW.transpose(0, 2, 3, 4, 1), _ZERO)
    return _sheet(np.stack([flow_colours(_as_fields(one)) for one in strong_NCTHW]), _PAPER)


def _as_fields(filter_CTHW: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a filter's fields (T, H, W, 2): channels are x and y, of one field after the other."""
    num_channels, num_frames, height, width = filter_CTHW.shape
    fields = filter_CTHW.reshape(num_channels // 2, 2, num_frames, height, width)
    return np.moveaxis(fields, 1, -1).reshape(-1, height, width, 2)


def _sheet(shades_NTHWC: NDArray[np.uint8], ground: int) -> NDArray[np.uint8]:
    """Return filters side by side, a picture a frame."""
    num, num_frames, height, width = shades_NTHWC.shape[:4]
    scale = max(1, round(_CELL / max(height, width)))
    large = shades_NTHWC.repeat(scale, axis=2).repeat(scale, axis=3)
    columns = math.ceil(math.sqrt(2 * num))
    down, across = height * scale + _GAP, width * scale + _GAP
    rows = math.ceil(num / columns)
    sheet = np.full((num_frames, rows * down - _GAP, columns * across - _GAP, 3), ground, np.uint8)
    for place, filter_THWC in enumerate(large):
        row, column = divmod(place, columns)
        y, x = row * down, column * across
        sheet[:, y : y + height * scale, x : x + width * scale] = filter_THWC
    return sheet
