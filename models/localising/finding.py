"""From what a localiser says at moments to stretches of a video.

Shapes, as name suffixes: N stretches.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.localising.network import Localiser, moments_of

_MOST_LOOKED_AT, _MOST_KEPT = 2000, 200
_LEAST_SCORE = 0.001
_SIGMA = 0.5
Floats = NDArray[np.float64]


class Stretch(NamedTuple):
    """When an action happens in a video."""

    start: float
    """Seconds."""
    end: float
    number: int
    """Of its class."""
    score: float


@torch.no_grad()
def find_stretches(
    network: Localiser, features_TD: Tensor, every_seconds: float, seconds: float
) -> list[Stretch]:
    """Return the stretches of a video, the surest first, at most 200.

    Moments are `every_seconds` apart; a feature stands for the time around its middle.
    """
    network.eval()
    x_BDT, is_there_BT = padded([features_TD], network.num_levels)
    said = network(x_BDT.to(network.device), is_there_BT.to(network.device))
    logits_BMK, edges_BM2, there_BM = (one.cpu() for one in said)
    middle_M, stride_M = moments_of(x_BDT.shape[2], network.num_levels)
    scores = (logits_BMK[0].sigmoid() * there_BM[0][:, None]).flatten()
    best = scores.topk(min(_MOST_LOOKED_AT, len(scores))).indices
    best = best[scores[best] > _LEAST_SCORE]
    moment, number = best // logits_BMK.shape[2], best % logits_BMK.shape[2]
    far_N2 = edges_BM2[0, moment] * stride_M[moment, None]
    start_N = ((middle_M[moment] - far_N2[:, 0]) * every_seconds).clamp(0, seconds)
    end_N = ((middle_M[moment] + far_N2[:, 1]) * every_seconds).clamp(0, seconds)
    found = [
        Stretch(*one)
        for one in zip(
            start_N.tolist(), end_N.tolist(), number.tolist(), scores[best].tolist(), strict=True
        )
        if one[1] > one[0]
    ]
    return softly_chosen(found)


def softly_chosen(found: list[Stretch]) -> list[Stretch]:
    """Return the surest stretches; what overlaps a surer one of its class loses score.

    Soft-NMS by a Gaussian of the overlap (arXiv:1704.04503, sigma 0.5).
    """
    kept: list[Stretch] = []
    for number in sorted({one.number for one in found}):
        kept += _of_class([one for one in found if one.number == number])
    return sorted(kept, key=lambda one: (-one.score, one.start, one.end, one.number))[:_MOST_KEPT]


def _of_class(found: list[Stretch]) -> list[Stretch]:
    start, end, score = np.array([(one.start, one.end, one.score) for one in found]).T
    chosen = []
    for _ in range(min(len(found), _MOST_KEPT)):
        best = int(score.argmax())
        if score[best] <= _LEAST_SCORE:
            break
        chosen.append(found[best]._replace(score=float(score[best])))
        shared = np.clip(np.minimum(end, end[best]) - np.maximum(start, start[best]), 0, None)
        overlap = shared / ((end - start) + (end[best] - start[best]) - shared)
        score = score * np.exp(-(overlap**2) / _SIGMA)
        score[best] = 0.0
    return chosen


def padded(features: list[Tensor], num_levels: int) -> tuple[Tensor, Tensor]:
    """Return x_BDT of features_TD of several videos, and is_there_BT."""
    whole = 2 ** (num_levels - 1)
    most = max(len(one) for one in features)
    length = -(-most // whole) * whole
    x_BDT = torch.zeros(len(features), features[0].shape[1], length)
    is_there_BT = torch.zeros(len(features), length)
    for place, one in enumerate(features):
        x_BDT[place, :, : len(one)] = one.T
        is_there_BT[place, : len(one)] = 1.0
    return x_BDT, is_there_BT
