"""The head of detectors with long-term feature banks (arXiv:1812.05038).

Sizes, initial weights and the order of layers are those of the released code (lfb_helper.py).

Shapes, as name suffixes: B batch, C channels, D channels of what remembers, T frames, H height,
W width, K classes, R regions, M people that are remembered of a film.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.heads.config import HeadConfig
from models.heads.regions import RegionsHead, whole_pictures


class RecallLayer(nn.Module):
    """Attention of each person to the people who are remembered; what it adds starts at 0."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.theta, self.phi, self.g = (nn.Linear(width, width) for _ in range(3))
        self.out = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        for layer in (self.theta, self.phi, self.g):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, seen_RD: Tensor, memory_BMD: Tensor, places_R: Tensor) -> Tensor:
        """Return what is known of each person then."""
        keys_RMD, values_RMD = self.phi(memory_BMD)[places_R], self.g(memory_BMD)[places_R]
        likeness_RM = (keys_RMD @ self.theta(seen_RD)[:, :, None])[:, :, 0]
        weights_RM = F.softmax(likeness_RM * seen_RD.shape[1] ** -0.5, dim=1)
        recalled_RD = (weights_RM[:, None] @ values_RMD)[:, 0]
        normed_RD = F.relu(F.layer_norm(recalled_RD, recalled_RD.shape[1:]))
        known_RD: Tensor = seen_RD + self.dropout(self.out(normed_RD))
        return known_RD


class NonlocalRecall(nn.Module):
    """The operator FBO-NL: both sides made narrow, then layers of attention."""

    def __init__(self, num_seen: int, config: HeadConfig) -> None:
        super().__init__()
        width, dropout = config.attention_width, config.attention_dropout
        self.seen = nn.Linear(num_seen, width)
        self.remembered = nn.Linear(config.memory_width, width)
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(
            RecallLayer(width, dropout) for _ in range(config.num_attention_layers)
        )
        for layer in (self.seen, self.remembered):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)

    def forward(self, seen_RC: Tensor, memory_BMC: Tensor, places_R: Tensor) -> Tensor:
        """Return what each person's film tells of them (R, D)."""
        known_RD: Tensor = self.dropout(self.seen(seen_RC))
        memory_BMD = self.dropout(self.remembered(memory_BMC))
        for layer in self.layers:
            known_RD = layer(known_RD, memory_BMD, places_R)
        return known_RD


class PooledRecall(nn.Module):
    """The operators FBO-Avg and FBO-Max: the same for all people of a clip."""

    def __init__(self, config: HeadConfig) -> None:
        super().__init__()
        self.is_average = config.recall == "average"

    def forward(self, seen_RC: Tensor, memory_BMC: Tensor, places_R: Tensor) -> Tensor:
        """Return the mean or the greatest of each channel; places of nobody count as 0."""
        pooled_BC = memory_BMC.mean(1) if self.is_average else memory_BMC.amax(1)
        return pooled_BC[places_R].to(seen_RC.dtype)


class RememberingHead(RegionsHead):
    """Classify what is seen of a person beside what their film tells of them."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__(widths, num_classes, config)
        is_nonlocal = config.recall == "nonlocal"
        self.recall: nn.Module = (
            NonlocalRecall(sum(widths), config) if is_nonlocal else PooledRecall(config)
        )

    @staticmethod
    def num_described(widths: tuple[int, ...], config: HeadConfig) -> int:
        """Return how many channels are classified: those seen, and those remembered."""
        is_nonlocal = config.recall == "nonlocal"
        return sum(widths) + (config.attention_width if is_nonlocal else config.memory_width)

    def forward(
        self,
        features: list[Tensor],
        boxes_R5: Tensor | None = None,
        memory_BMC: Tensor | None = None,
    ) -> Tensor:
        """Return logits_RK as `RegionsHead` does; without memories, all of them are 0."""
        if boxes_R5 is None:
            boxes_R5 = whole_pictures(features[0], self.config.map_stride)
        if memory_BMC is None:
            sizes = len(features[0]), self.config.num_remembered, self.config.memory_width
            memory_BMC = torch.zeros(*sizes, device=features[0].device)
        seen_RC = self.described(features, boxes_R5)
        recalled_RC = self.recall(seen_RC, memory_BMC, boxes_R5[:, 0].long())
        both_RC = torch.cat([seen_RC, recalled_RC], dim=1)
        logits_RK: Tensor = self.projection(self.dropout(both_RC))
        return logits_RK
