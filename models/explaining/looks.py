"""How clips are shown that are more than pictures: flow in colours, beside the pictures.

Shapes, as name suffixes: T frames, H height, W width, C channels: R, G, B, or x, y, or all five.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.flow.levels import STILL

Pictures = NDArray[np.uint8]
Looks = dict[str, Pictures]
"""Pictures by what they are of: `pictures`, `flow`."""

_RGB = 3
_LEAST = 4.0
"""Levels that are drawn at full strength at most: the noise of what stands is not enlarged."""
_STRONG = 99.5
"""Percentile of the strengths that is drawn at full strength."""


def looks(clip_THWC: Pictures) -> Looks:
    """Return what a clip can be seen as: its pictures, its flow in colours, or both.

    Raises ValueError for a clip of another number of channels.
    """
    return dict(_looks(clip_THWC))


def _looks(clip_THWC: Pictures) -> Iterator[tuple[str, Pictures]]:
    num_channels = clip_THWC.shape[-1]
    if num_channels not in (2, _RGB, 5):
        raise ValueError(f"a clip of {num_channels} channels is neither pictures nor flow")
    if num_channels != 2:
        yield "pictures", clip_THWC[..., :_RGB]
    if num_channels != _RGB:
        yield "flow", flow_colours(clip_THWC[..., -2:].astype(np.float32) - STILL)


def flow_colours(motion_THW2: NDArray[np.float32]) -> Pictures:
    """Return motion as RGB: the hue says where to, the colour's strength how far.

    What stands still is white; red moves to the right, and hues follow the hand of a clock. The
    strongest of all that is given is drawn at full strength.
    """
    x, y = motion_THW2[..., 0], motion_THW2[..., 1]
    strength = np.hypot(x, y)
    most = max(_LEAST, float(np.percentile(strength, _STRONG)) if strength.size else 0.0)
    hue = np.degrees(np.arctan2(y, x)) % 360
    strong = np.clip(strength / most, 0, 1)
    planes = np.stack([hue, strong, np.ones_like(hue)], axis=-1).astype(np.float32)
    flat = planes.reshape(-1, 1, 3)
    shades = cv2.cvtColor(flat, cv2.COLOR_HSV2RGB).reshape(planes.shape)
    colours: Pictures = np.rint(255 * shades).astype(np.uint8)
    return colours
