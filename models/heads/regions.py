"""The head of detectors that are told where people are.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width, K classes, R regions.
"""

import torch
from torch import Tensor, nn
from torchvision.ops import roi_align

from models.heads.config import HeadConfig


class RegionsHead(nn.Module):
    """Look at each box (arXiv:1812.03982, section 5).

    Average over time, RoIAlign, the greatest of each box, the pathways side by side, dropout,
    classify.
    """

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        self.config = config
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(self.num_described(widths, config), num_classes)
        nn.init.normal_(self.projection.weight, std=0.01)
        nn.init.zeros_(self.projection.bias)

    @staticmethod
    def num_described(widths: tuple[int, ...], config: HeadConfig) -> int:
        """Return how many channels are classified."""
        return sum(widths)

    def forward(self, features: list[Tensor], boxes_R5: Tensor | None = None) -> Tensor:
        """Return logits_RK for boxes (place in the batch, x1, y1, x2, y2), in the clip's pixels.

        Without boxes the whole picture of each clip is one.
        """
        if boxes_R5 is None:
            boxes_R5 = whole_pictures(features[0], self.config.map_stride)
        logits_RK: Tensor = self.projection(self.dropout(self.described(features, boxes_R5)))
        return logits_RK

    def described(self, features: list[Tensor], boxes_R5: Tensor) -> Tensor:
        """Return what is classified of each box (R, C): here the pathways side by side."""
        return torch.cat([self._pooled(x_BCTHW, boxes_R5) for x_BCTHW in features], dim=1)

    def _pooled(self, x_BCTHW: Tensor, boxes_R5: Tensor) -> Tensor:
        # Pixels of a picture have no place in bfloat16.
        x_RCHW: Tensor = roi_align(
            x_BCTHW.mean(2, dtype=torch.float32),
            boxes_R5.float(),
            self.config.resolution,
            1 / self.config.map_stride,
            sampling_ratio=0,
            aligned=self.config.aligned,
        )
        return x_RCHW.amax((2, 3))


def whole_pictures(x_BCTHW: Tensor, map_stride: int) -> Tensor:
    """Return one box for each clip of a batch, as large as the clip that the map is of."""
    boxes_B5 = torch.zeros(len(x_BCTHW), 5, device=x_BCTHW.device)
    boxes_B5[:, 0] = torch.arange(len(x_BCTHW))
    boxes_B5[:, 3], boxes_B5[:, 4] = (size * map_stride for size in x_BCTHW.shape[:2:-1])
    return boxes_B5
