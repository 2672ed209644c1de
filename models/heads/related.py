"""The head of the Actor-Centric Relation Network (arXiv:1807.10982).

Shapes, as name suffixes: B batch, C channels, T moments, H height, W width, K classes, R regions.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.heads.config import HeadConfig
from models.heads.regions import RegionsHead
from models.layers.inception import POINT, SQUARE


class RelatedHead(RegionsHead):
    """Hold each person against every position of the picture; classify what comes of it.

    The person, as `RegionsHead` sees them, stands beside the averaged map at each position; a
    1x1 layer and a 3x3 layer relate the two, and the greatest of all positions is classified.
    """

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__(widths, num_classes, config)
        width = sum(widths)
        # The two halves of one 1x1 layer over both: a scene is led through it once, however many
        # are in it. Normalised is over people, not over clips, which these norms tell by their
        # dimensions.
        self.person = nn.Linear(width, width, bias=False)
        self.scene = nn.Conv3d(width, width, POINT, bias=False)
        self.related_norm = nn.BatchNorm2d(width)
        self.around = nn.Conv3d(width, width, SQUARE, padding=(0, 1, 1), bias=False)
        self.around_norm = nn.BatchNorm2d(width)
        for layer in (self.person, self.scene, self.around):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def described(self, features: list[Tensor], boxes_R5: Tensor) -> Tensor:
        """Return what each person has to do with all that is there (R, C)."""
        person_RC = self.person(super().described(features, boxes_R5))
        averaged = [x_BCTHW.mean(2, keepdim=True) for x_BCTHW in features]
        scene_BCHW = self.scene(torch.cat(averaged, dim=1))[:, :, 0]
        both_RCHW = scene_BCHW[boxes_R5[:, 0].long()] + person_RC[:, :, None, None]
        related_RCHW = F.relu(self.related_norm(both_RCHW), inplace=True)
        around_RCHW = self.around(related_RCHW[:, :, None])[:, :, 0]
        return F.relu(self.around_norm(around_RCHW), inplace=True).amax((2, 3))
