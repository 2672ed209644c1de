"""Heads: from a trunk's feature maps to logits.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width, K classes, R regions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.ops import roi_align

from models.layers.conv import Size3

HeadKind = Literal["time_logits", "pooled", "projected", "last_moment", "streams", "regions"]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadConfig:
    """How features become logits."""

    kind: HeadKind
    """`time_logits`: I3D's, a logit at each moment, averaged. `pooled`: SlowFast's.
    `projected`: X3D's, which is `pooled` with a hidden layer. `last_moment`: a recurrent
    network's, after its last frame. `streams`: a `time_logits` for each stream, averaged.
    `regions`: a detector's, for each box."""
    dropout: float = 0.5
    window: Size3 = (2, 7, 7)
    """Average-pool window of `time_logits`; cut to the feature map where that is smaller."""
    hidden_width: int = 2048
    """Channels of the hidden layer of `projected`."""
    resolution: int = 7
    """Positions along each side of a box, of `regions`."""
    map_stride: int = 16
    """Pixels of a clip from one position of the trunk's map to the next, of `regions`."""
    aligned: bool = True
    """Whether boxes are moved by half a position, so that pixels lie at their middles; of
    `regions`. The older networks were trained without."""


class TimeLogitsHead(nn.Module):
    """Average pool, dropout, 1x1x1 convolution: logits over time (arXiv:1705.07750)."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        self.window = config.window
        self.dropout = nn.Dropout(config.dropout)
        self.logits = nn.Conv3d(sum(widths), num_classes, 1)
        nn.init.normal_(self.logits.weight, std=0.01)
        nn.init.zeros_(self.logits.bias)  # type: ignore[arg-type]  # bias is never None here

    def time_logits(self, features: list[Tensor]) -> Tensor:
        """Return logits_BKT, one column for each moment; 64 frames of 224x224 give 7."""
        (x_BCTHW,) = features
        sizes = x_BCTHW.shape[2:]
        window = [min(k, n) for k, n in zip(self.window, sizes, strict=True)]
        pooled = F.avg_pool3d(x_BCTHW, window, stride=1)
        logits_BKT: Tensor = self.logits(self.dropout(pooled)).mean((3, 4))
        return logits_BKT

    def forward(self, features: list[Tensor]) -> Tensor:
        """Return logits_BK, averaged over time."""
        return self.time_logits(features).mean(2)


class LastMomentHead(nn.Module):
    """Classify what is remembered at each frame; the last frame answers (arXiv:1705.07750)."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(sum(widths), num_classes)
        nn.init.normal_(self.projection.weight, std=0.01)
        nn.init.zeros_(self.projection.bias)

    def time_logits(self, features: list[Tensor]) -> Tensor:
        """Return logits_BKT, one column for each frame: the paper's loss is over all of them."""
        (x_BCTHW,) = features
        logits_BTK: Tensor = self.projection(self.dropout(x_BCTHW.mean((3, 4)).transpose(1, 2)))
        return logits_BTK.transpose(1, 2)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Return logits_BK after the last frame."""
        return self.time_logits([features[0][:, :, -1:]])[:, :, 0]


class StreamsHead(nn.Module):
    """One I3D classifier for each stream; their logits are averaged (arXiv:1705.07750)."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        self.streams = nn.ModuleList(
            TimeLogitsHead((width,), num_classes, config) for width in widths
        )

    def forward(self, features: list[Tensor]) -> Tensor:
        """Return logits_BK."""
        pairs = zip(self.streams, features, strict=True)
        return torch.stack([head([x_BCTHW]) for head, x_BCTHW in pairs]).mean(0)


class PooledHead(nn.Module):
    """Pool each pathway over time and space, concatenate, dropout, classify."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(sum(widths), num_classes)
        nn.init.normal_(self.projection.weight, std=0.01)
        nn.init.zeros_(self.projection.bias)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Return logits_BK."""
        pooled_BC = torch.cat([x_BCTHW.mean((2, 3, 4)) for x_BCTHW in features], dim=1)
        logits_BK: Tensor = self.projection(self.dropout(pooled_BC))
        return logits_BK


class ProjectedHead(nn.Module):
    """Pool over time and space, widen with a ReLU, dropout, classify (arXiv:2004.04730)."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        self.hidden = nn.Conv3d(sum(widths), config.hidden_width, 1, bias=False)
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(config.hidden_width, num_classes)
        nn.init.kaiming_normal_(self.hidden.weight, mode="fan_out", nonlinearity="relu")
        nn.init.normal_(self.projection.weight, std=0.01)
        nn.init.zeros_(self.projection.bias)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Return logits_BK."""
        pooled_BC111 = torch.cat([x.mean((2, 3, 4), keepdim=True) for x in features], dim=1)
        hidden_BC = F.relu(self.hidden(pooled_BC111)).flatten(1)
        logits_BK: Tensor = self.projection(self.dropout(hidden_BC))
        return logits_BK


class RegionsHead(nn.Module):
    """Look at each box (arXiv:1812.03982, section 5).

    Average over time, RoIAlign, the greatest of each box, the pathways side by side, dropout,
    classify.
    """

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        self.config = config
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(sum(widths), num_classes)
        nn.init.normal_(self.projection.weight, std=0.01)
        nn.init.zeros_(self.projection.bias)

    def forward(self, features: list[Tensor], boxes_R5: Tensor | None = None) -> Tensor:
        """Return logits_RK for boxes (place in the batch, x1, y1, x2, y2), in the clip's pixels.

        Without boxes the whole picture of each clip is one.
        """
        if boxes_R5 is None:
            boxes_R5 = whole_pictures(features[0], self.config.map_stride)
        pooled_RC = torch.cat([self._pooled(x_BCTHW, boxes_R5) for x_BCTHW in features], dim=1)
        logits_RK: Tensor = self.projection(self.dropout(pooled_RC))
        return logits_RK

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


_HEADS: dict[HeadKind, Callable[[tuple[int, ...], int, HeadConfig], nn.Module]] = {
    "time_logits": TimeLogitsHead,
    "pooled": PooledHead,
    "projected": ProjectedHead,
    "last_moment": LastMomentHead,
    "streams": StreamsHead,
    "regions": RegionsHead,
}


def build_head(widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> nn.Module:
    """Return the head that `config` names, for pathways of `widths` channels."""
    return _HEADS[config.kind](widths, num_classes, config)
