"""Where and when in a clip a network sees a class: Grad-CAM (arXiv:1610.02391) over time too.

Shapes, as name suffixes: B batch (1), C channels, T frames, H height, W width, K classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from models.network import VideoNetwork, normalise
from models.spec import Normalisation

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Evidence:
    """What a clip shows of one class, as a network sees it."""

    number: int
    """The class's."""
    shares_THW: Floats
    """For each pixel of the clip, as a share of the strongest, 0 to 1."""

    @property
    def by_frame_T(self) -> Floats:
        """Return each frame's share of the strongest frame, 0 to 1."""
        sums_T: Floats = self.shares_THW.sum((1, 2))
        return sums_T / np.float32(float(sums_T.max(initial=0.0)) or 1.0)


def find_evidence(
    network: VideoNetwork,
    frames_THWC: Tensor,
    normalisation: Normalisation,
    numbers: Sequence[int],
) -> list[Evidence]:
    """Return the evidence for each class of `numbers` in a clip; none of it is below 0.

    Clips are uint8, of as many channels as the network eats.

    The last maps of all pathways are weighted by how their channels move the class's logit. A
    channel's gradients are summed where the paper averages them: pathways of different lengths,
    whose maps are brought to the clip's size and added, then weigh as much as they do in the
    logit, and for one pathway nothing changes but the scale.

    Nothing is returned for a network whose trunk leaves a single position, as transformers that
    answer by their class token do: it does not tell where.
    """
    x_BCTHW = normalise(frames_THWC[None], normalisation)
    with torch.no_grad():
        maps = network.eval().backbone(x_BCTHW)
    if not any(map_BCTHW[0, 0].numel() > 1 for map_BCTHW in maps):
        return []
    size = (int(x_BCTHW.shape[2]), int(x_BCTHW.shape[3]), int(x_BCTHW.shape[4]))
    return [Evidence(number, _of_class(network, maps, number, size)) for number in numbers]


def _of_class(
    network: VideoNetwork, maps: Sequence[Tensor], number: int, size: tuple[int, int, int]
) -> Floats:
    leaves = [map_BCTHW.detach().requires_grad_() for map_BCTHW in maps]
    logit = network.head(leaves)[0, number]
    slopes = torch.autograd.grad(logit, leaves)
    whole_THW = torch.zeros(size)
    for map_BCTHW, slope_BCTHW in zip(maps, slopes, strict=True):
        weight_BC111 = slope_BCTHW.sum((2, 3, 4), keepdim=True)
        seen_B1THW = (weight_BC111 * map_BCTHW).sum(1, keepdim=True).float()
        whole_THW += F.interpolate(seen_B1THW, size, mode="trilinear")[0, 0].cpu()
    whole_THW.relu_()
    most = float(whole_THW.max())
    shares: Floats = (whole_THW / most if most else whole_THW).numpy()
    return shares
