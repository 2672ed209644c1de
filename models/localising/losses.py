"""What is right at each moment, and how wrong a localiser is.

Shapes, as name suffixes: M moments of all levels, K classes, A actions; 2 is start and end, or the
distances to them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from models.localising.config import LocaliserConfig
from models.localising.network import moments_of

_REACH = 4.0
"""A level is for actions whose farther edge lies up to so many of its strides away (of the first:
from 0 on), and no nearer than half of that."""


def targets(
    actions_A2: Tensor,
    numbers_A: Tensor,
    num_moments: int,
    num_classes: int,
    config: LocaliserConfig,
) -> tuple[Tensor, Tensor]:
    """Return is_done_MK, and edges_M2 in strides of each moment's level; 0 where nothing is done.

    Of several actions at a moment the shortest gives the edges (arXiv:2202.07925, section 3.3).
    """
    middle_M, stride_M = moments_of(num_moments, config.num_levels)
    is_done_MK = torch.zeros(len(middle_M), num_classes)
    edges_M2 = torch.zeros(len(middle_M), 2)
    if not len(actions_A2):
        return is_done_MK, edges_M2
    length_A = actions_A2[:, 1] - actions_A2[:, 0]
    far_MA2 = torch.stack(
        [middle_M[:, None] - actions_A2[:, 0], actions_A2[:, 1] - middle_M[:, None]], dim=2
    )
    from_middle_MA = (middle_M[:, None] - actions_A2.mean(1)).abs()
    is_near_MA = from_middle_MA <= config.radius * stride_M[:, None]
    reach_MA = far_MA2.amax(2) / stride_M[:, None]
    is_first_M, is_last_M = stride_M == 1, stride_M == 2 ** (config.num_levels - 1)
    fits_MA = (reach_MA < _REACH) | is_last_M[:, None]
    fits_MA &= (reach_MA >= _REACH / 2) | is_first_M[:, None]
    is_own_MA = is_near_MA & fits_MA & (far_MA2.amin(2) > 0)
    length_MA = length_A.expand_as(reach_MA).masked_fill(~is_own_MA, torch.inf)
    shortest_M = length_MA.argmin(1)
    has_one_M = is_own_MA.any(1)
    edges_M2[has_one_M] = far_MA2[has_one_M, shortest_M[has_one_M]] / stride_M[has_one_M, None]
    moment, action = is_own_MA.nonzero(as_tuple=True)
    is_done_MK[moment, numbers_A[action]] = 1.0
    return is_done_MK, edges_M2


def focal_losses(logits_MK: Tensor, is_done_MK: Tensor) -> Tensor:
    """Return the focal loss of each (arXiv:1708.02002; alpha 0.25, gamma 2)."""
    crossed_MK = F.binary_cross_entropy_with_logits(logits_MK, is_done_MK, reduction="none")
    share_MK = logits_MK.sigmoid()
    wrong_MK = share_MK + is_done_MK - 2 * share_MK * is_done_MK
    weight_MK = 0.25 * is_done_MK + 0.75 * (1 - is_done_MK)
    return weight_MK * wrong_MK.square() * crossed_MK


def edge_losses(edges_M2: Tensor, wanted_M2: Tensor) -> Tensor:
    """Return 1 - DIoU of stretches that hold the same moment (arXiv:1911.08287), of each."""
    shared_M = torch.minimum(edges_M2, wanted_M2).sum(-1)
    joined_M = torch.maximum(edges_M2, wanted_M2).sum(-1).clamp(min=1e-6)
    union_M = edges_M2.sum(-1) + wanted_M2.sum(-1) - shared_M
    apart_M2 = edges_M2 - wanted_M2
    apart_M = (apart_M2[..., 1] - apart_M2[..., 0]) / 2
    return 1 - shared_M / union_M.clamp(min=1e-6) + (apart_M / joined_M).square()
