"""What the network should have said, and how far from it it is.

Shapes as in `network`; N boxes of a picture.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from models.detection.people.network import STRIDE, boxes_of, places

_SPREAD = 0.12
"""How wide a middle is, as a share of the box's sides."""

_CORE = 0.5
"""From what height of a middle's hill its places say where the edges are."""

_EDGES_WEIGHT = 2.0


class Targets(NamedTuple):
    """What is right for pictures of a batch."""

    heat_Bhw: Tensor
    """1 in the place of a middle, falling off around it."""
    boxes_B4hw: Tensor
    """The box whose hill is highest at each place, in pixels."""
    weight_Bhw: Tensor
    """How much a place's edges count; 0 away from middles."""


def targets_of(boxes: Sequence[Tensor], size: tuple[int, int]) -> Targets:
    """Return what is right for boxes (N, 4) in pixels of pictures of (height, width)."""
    height, width = size[0] // STRIDE, size[1] // STRIDE
    device = boxes[0].device
    spots = places(height, width, device)
    heats, owners, weights = [], [], []
    for boxes_N4 in boxes:
        if not len(boxes_N4):
            heats.append(torch.zeros(height, width, device=device))
            owners.append(torch.zeros(4, height, width, device=device))
            weights.append(torch.zeros(height, width, device=device))
            continue
        hills_Nhw = _hills(boxes_N4, spots)
        heat_hw, owner_hw = hills_Nhw.max(dim=0)
        heats.append(heat_hw)
        owners.append(boxes_N4[owner_hw].permute(2, 0, 1))
        weights.append(torch.where(heat_hw >= _CORE, heat_hw, torch.zeros_like(heat_hw)))
    return Targets(torch.stack(heats), torch.stack(owners), torch.stack(weights))


def loss_of(logits_Bhw: Tensor, distances_B4hw: Tensor, targets: Targets) -> Tensor:
    """Return the loss: focal for the middles (CenterNet, eq. 1), generalised IoU for the edges."""
    heat = targets.heat_Bhw
    is_middle = heat == 1
    log_yes, log_no = F.logsigmoid(logits_Bhw), F.logsigmoid(-logits_Bhw)
    yes = log_yes.exp()
    found = (1 - yes) ** 2 * log_yes
    refused = (1 - heat) ** 4 * yes**2 * log_no
    middles = -torch.where(is_middle, found, refused).sum() / is_middle.sum().clamp(min=1)
    weight = targets.weight_Bhw
    apart = _giou_loss(boxes_of(distances_B4hw), targets.boxes_B4hw)
    edges = (apart * weight).sum() / weight.sum().clamp(min=1e-6)
    return middles + _EDGES_WEIGHT * edges


def _hills(boxes_N4: Tensor, spots: Tensor) -> Tensor:
    """Return a hill for each box, 1 in the place that holds its middle."""
    middles_N2 = (boxes_N4[:, :2] + boxes_N4[:, 2:]) / 2
    sides_N2 = (boxes_N4[:, 2:] - boxes_N4[:, :2]).clamp(min=1.0)
    spread_N2 = (_SPREAD * sides_N2).clamp(min=0.5 * STRIDE)
    away_N2hw = (spots[None] - middles_N2[:, :, None, None]) / spread_N2[:, :, None, None]
    hills_Nhw = torch.exp(-0.5 * (away_N2hw**2).sum(dim=1))
    _, height, width = spots.shape
    columns = (middles_N2[:, 0] / STRIDE).long().clamp(0, width - 1)
    rows = (middles_N2[:, 1] / STRIDE).long().clamp(0, height - 1)
    hills_Nhw[torch.arange(len(boxes_N4), device=boxes_N4.device), rows, columns] = 1.0
    return hills_Nhw


def _giou_loss(a_B4hw: Tensor, b_B4hw: Tensor) -> Tensor:
    """Return 1 - the generalised intersection over union (arXiv:1902.09630) at each place."""
    inner = torch.minimum(a_B4hw[:, 2:], b_B4hw[:, 2:]) - torch.maximum(
        a_B4hw[:, :2], b_B4hw[:, :2]
    )
    outer = torch.maximum(a_B4hw[:, 2:], b_B4hw[:, 2:]) - torch.minimum(
        a_B4hw[:, :2], b_B4hw[:, :2]
    )
    shared = inner.clamp(min=0).prod(dim=1)
    union = _area(a_B4hw) + _area(b_B4hw) - shared
    hull = outer.clamp(min=1e-6).prod(dim=1)
    loss: Tensor = 1 - shared / union.clamp(min=1e-6) + (hull - union) / hull
    return loss


def _area(boxes_B4hw: Tensor) -> Tensor:
    return (boxes_B4hw[:, 2:] - boxes_B4hw[:, :2]).clamp(min=0).prod(dim=1)
