"""A localiser: at each moment of several time scales, which actions happen, and since when.

After ActionFormer (arXiv:2202.07925): convolutions, attention among near moments, a pyramid over
time, and two heads that all levels share.

Shapes, as name suffixes: B batch, C channels, D features, T moments, K classes, M moments of all
levels; 2 is the distance to start and end.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.localising.config import LocaliserConfig

_PRIOR = 0.01
"""What each class is given at first: nearly everything is nothing."""


class Attending(nn.Module):
    """A transformer block whose moments see those near them; stride 2 halves their number."""

    def __init__(self, config: LocaliserConfig, stride: int = 1) -> None:
        super().__init__()
        width = config.width
        self.num_heads, self.window, self.stride = config.num_heads, config.window, stride
        self.near = nn.Conv1d(width, width, 3, stride, 1, groups=width)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.asked = nn.Linear(width, 3 * width)
        self.joined = nn.Linear(width, width)
        self.mixed = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Dropout(config.dropout),
            nn.Linear(4 * width, width), nn.Dropout(config.dropout),
        )  # fmt: skip

    def forward(self, x_BCT: Tensor, is_there_BT: Tensor) -> tuple[Tensor, Tensor]:
        """Return the moments and which of them are there, perhaps half as many."""
        x_BCT = self.near(x_BCT * is_there_BT[:, None])
        is_there_BT = is_there_BT[:, :: self.stride]
        x_BTC = x_BCT.transpose(1, 2)
        x_BTC = x_BTC + self._attended(self.norms[0](x_BTC), is_there_BT)
        x_BTC = x_BTC + self.mixed(self.norms[1](x_BTC))
        return x_BTC.transpose(1, 2) * is_there_BT[:, None], is_there_BT

    def _attended(self, x_BTC: Tensor, is_there_BT: Tensor) -> Tensor:
        num_moments = x_BTC.shape[1]
        parts = self.asked(x_BTC).unflatten(2, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        place_T = torch.arange(num_moments, device=x_BTC.device)
        is_near_TT = (place_T[:, None] - place_T).abs() <= self.window // 2
        is_seen = is_near_TT & (is_there_BT[:, None, None, :] > 0) | torch.eye(
            num_moments, dtype=torch.bool, device=x_BTC.device
        )
        asked, keys, values = parts.unbind(0)
        heads_BHTC = F.scaled_dot_product_attention(asked, keys, values, attn_mask=is_seen)
        joined: Tensor = self.joined(heads_BHTC.transpose(1, 2).flatten(2))
        return joined


class Head(nn.Module):
    """Three convolutions over time, shared by all levels."""

    def __init__(self, width: int, num_out: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))
        self.norms = nn.ModuleList(nn.GroupNorm(1, width) for _ in range(2))
        self.last = nn.Conv1d(width, num_out, 3, padding=1)

    def forward(self, x_BCT: Tensor) -> Tensor:
        """Return what is said at each moment."""
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x_BCT = F.relu(norm(conv(x_BCT)))
        said: Tensor = self.last(x_BCT)
        return said


class Localiser(nn.Module):
    """From features over time to classes and edges at the moments of all levels."""

    def __init__(self, num_features: int, num_classes: int, config: LocaliserConfig) -> None:
        super().__init__()
        width, self.num_levels = config.width, config.num_levels
        self.first = nn.Sequential(
            nn.Conv1d(num_features, width, 3, padding=1), nn.GroupNorm(1, width), nn.ReLU(),
            nn.Conv1d(width, width, 3, padding=1), nn.GroupNorm(1, width), nn.ReLU(),
        )  # fmt: skip
        self.blocks = nn.ModuleList(
            Attending(config, stride=1 if level == 0 else 2) for level in range(config.num_levels)
        )
        self.classes, self.edges = Head(width, num_classes), Head(width, 2)
        self.scales = nn.Parameter(torch.ones(config.num_levels))
        nn.init.constant_(self.classes.last.bias, -math.log((1 - _PRIOR) / _PRIOR))  # type: ignore[arg-type]

    @property
    def device(self) -> torch.device:
        """Return where it computes."""
        return self.scales.device

    def forward(self, x_BDT: Tensor, is_there_BT: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits_BMK, edges_BM2 in strides of their level, and is_there_BM.

        T must be a multiple of 2 to the number of levels less one.
        """
        x_BCT = self.first(x_BDT * is_there_BT[:, None])
        logits, edges, there = [], [], []
        for block, scale in zip(self.blocks, self.scales, strict=True):
            x_BCT, is_there_BT = block(x_BCT, is_there_BT)
            logits.append(self.classes(x_BCT).transpose(1, 2))
            edges.append(F.softplus(self.edges(x_BCT) * scale).transpose(1, 2))
            there.append(is_there_BT)
        return torch.cat(logits, 1), torch.cat(edges, 1), torch.cat(there, 1)


def moments_of(num_moments: int, num_levels: int) -> tuple[Tensor, Tensor]:
    """Return where each moment of all levels lies, and its level's stride, in first moments.

    >>> [one.tolist() for one in moments_of(4, 2)]
    [[0.5, 1.5, 2.5, 3.5, 1.0, 3.0], [1.0, 1.0, 1.0, 1.0, 2.0, 2.0]]
    """
    middles, strides = [], []
    for level in range(num_levels):
        stride = 2**level
        count = -(-num_moments // stride)
        middles.append((torch.arange(count) + 0.5) * stride)
        strides.append(torch.full((count,), float(stride)))
    return torch.cat(middles), torch.cat(strides)
