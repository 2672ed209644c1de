"""Evidence drawn over a clip: where it glows a class is seen, and above when.

Shapes, as name suffixes: T frames, H height, W width, C = 3 colours.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.explaining.evidence import Evidence
from models.explaining.looks import looks

Pictures = NDArray[np.uint8]
_SIDE = 192
"""Pixels of a clip's side, at least."""
_GAP, _STRIP = 4, 28
_PAPER, _BAR, _NOW = (24, 24, 24), (150, 150, 150), (255, 196, 60)
_STRENGTH = 0.65
"""How much of a pixel's colour the strongest evidence takes."""


def draw_evidence(frames_THWC: Tensor, evidence: Sequence[Evidence]) -> Pictures:
    """Return the clip as it is, then a picture for each class's evidence, side by side.

    A clip of flow is shown in colours, one of pictures and flow as both. Above the evidence, where
    no player puts its buttons, bars say how much of it there is in each frame; the frame that is
    shown is bright.

    Args:
        frames_THWC: uint8, of 3 channels, 2 of flow, or 5 of both.
        evidence: One a class; it is drawn over pictures, or over flow where there are none.

    """
    plain = [_enlarged(torch.from_numpy(one)) for one in looks(frames_THWC.numpy()).values()]
    columns = [np.concatenate([_strip(one, None), one], axis=1) for one in plain]
    columns += [_column(plain[0], one) for one in evidence]
    gap = np.empty((*columns[0].shape[:2], _GAP, 3), np.uint8)
    gap[:] = _PAPER
    parts = [part for column in columns for part in (column, gap)]
    return np.concatenate(parts[:-1], axis=2)


def _enlarged(frames_THWC: Tensor) -> Pictures:
    planes = frames_THWC.permute(0, 3, 1, 2).float()
    scale = max(1, -(-_SIDE // int(planes.shape[3])))
    large = F.interpolate(planes, scale_factor=scale, mode="bicubic") if scale > 1 else planes
    shades: Pictures = large.clamp(0, 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    return shades


def _column(plain_THWC: Pictures, evidence: Evidence) -> Pictures:
    from matplotlib import colormaps

    shares_1THW = torch.from_numpy(evidence.shares_THW)[None]
    size = plain_THWC.shape[1], plain_THWC.shape[2]
    shares = F.interpolate(shares_1THW, size, mode="bilinear")[0].clamp(0, 1).numpy()
    glow = 255 * np.asarray(colormaps["inferno"](shares), np.float32)[..., :3]
    share = _STRENGTH * shares[..., None]
    mixed = np.rint(plain_THWC * (1 - share) + glow * share).astype(np.uint8)
    return np.concatenate([_strip(plain_THWC, evidence.by_frame_T), mixed], axis=1)


def _strip(pictures_THWC: Pictures, by_frame_T: NDArray[np.float32] | None) -> Pictures:
    """Return what stands above the pictures: nothing, or a bar for each frame."""
    num_frames, _, width = pictures_THWC.shape[:3]
    strip = np.empty((num_frames, _STRIP, width, 3), np.uint8)
    strip[:] = _PAPER
    if by_frame_T is None:
        return strip
    edges = np.linspace(0, width, num_frames + 1).astype(int)
    tops = _STRIP - 1 - np.rint((_STRIP - 5) * by_frame_T).astype(int)
    for place, top in enumerate(tops):
        first, end = edges[place], max(edges[place] + 1, edges[place + 1] - 1)
        strip[:, top:, first:end] = _BAR
        strip[place, top:, first:end] = _NOW
    return strip
