"""Heads of networks that tell clips apart.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width, K classes.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.heads.config import HeadConfig


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
        """Return logits_BK after the last frame; to learn from, logits_BKT after each."""
        if self.training:
            return self.time_logits(features)
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
