"""How the edges of regions are moved onto people (arXiv:1506.01497, section 3.1.2).

Shapes, as name suffixes: S regions, E boxes of each (1, or one for each class), K classes.
"""

import torch.nn.functional as F
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder

from models.heads.learnt_regions import Lesson

CODER = BoxCoder((10.0, 10.0, 5.0, 5.0))
"""From regions and how far their edges move, in units of their sides, to boxes."""


def edges_loss(edges_SE4: Tensor, lesson: Lesson) -> Tensor:
    """Return how far the edges of people's regions are from where they should be.

    A sum over the edges, averaged over all regions. Where each class has its own box, those of
    what the person does are averaged.
    """
    wanted_S4 = CODER.encode_single(lesson.people_S4, lesson.boxes_S5[:, 1:])
    apart_SE = F.smooth_l1_loss(
        edges_SE4, wanted_S4[:, None].expand_as(edges_SE4), reduction="none"
    ).sum(2)
    weight_SE = lesson.is_person_S[:, None].to(apart_SE.dtype)
    if edges_SE4.shape[1] > 1:
        done_SK = lesson.actions_SK
        weight_SE = weight_SE * done_SK / done_SK.sum(1, keepdim=True).clamp(min=1)
    return (apart_SE * weight_SE).sum() / len(edges_SE4)
