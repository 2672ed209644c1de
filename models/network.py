"""A network: a trunk and a head.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width, K classes, R boxes, M
people that are remembered of a film.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from models.heads import build_head
from models.spec import NetworkSpec, Normalisation

if TYPE_CHECKING:
    from models.heads.proposing import FoundPeople, ProposingHead


class VideoNetwork(nn.Module):
    """Classify clips, or the boxes in them: `head(backbone(clip))`."""

    def __init__(self, spec: NetworkSpec, num_classes: int) -> None:
        super().__init__()
        trunk: Any = spec.backbone.build()
        self.backbone = trunk
        widths = trunk.feature_widths
        self.head = build_head(widths, num_classes, spec.head)

    def forward(
        self,
        x_BCTHW: Tensor,
        boxes_R5: Tensor | None = None,
        memory_BMC: Tensor | None = None,
    ) -> Tensor:
        """Return logits_BK for normalised RGB; of a detector logits_RK, one row for each box.

        Boxes are (place in the batch, x1, y1, x2, y2), in pixels of the clip. Without any, a
        detector takes each clip's whole picture for one. Memories are those of each clip's film
        (`models.detection.bank`), of detectors that take any; without, nothing is remembered.
        """
        given = [one for one in (boxes_R5, memory_BMC) if one is not None]
        logits: Tensor = self.head(self.backbone(x_BCTHW), *given)
        return logits


class ProposingNetwork(VideoNetwork):
    """Find the people in clips, and say what each does.

    The trunk is cut in two: maps of the clip, which the head searches and cuts regions out of, and
    `rest`, which these are led through.
    """

    backbone: Any
    head: "ProposingHead"

    def forward(
        self, x_BCTHW: Tensor, boxes_R5: Tensor | None = None, actions_RK: Tensor | None = None
    ) -> Any:
        """Return logits_RK as every detector does; with `actions_RK`, the `Regions` to learn from.

        Then `boxes_R5` are people's, and `actions_RK` is 1.0 for what they do.
        """
        features = self.backbone(x_BCTHW)
        if boxes_R5 is None or actions_RK is None:
            return self.head(features, self.backbone.rest, boxes_R5)
        return self.head.learn(features, self.backbone.rest, boxes_R5, actions_RK)

    def find(self, x_BCTHW: Tensor) -> "list[FoundPeople]":
        """Return the people in each clip with what they do."""
        size = int(x_BCTHW.shape[3]), int(x_BCTHW.shape[4])
        return self.head.find(self.backbone(x_BCTHW), self.backbone.rest, size)


def build_network(spec: NetworkSpec, num_classes: int) -> VideoNetwork:
    """Build an untrained network; its weights are drawn from torch's current seed."""
    kind = ProposingNetwork if spec.finds_people else VideoNetwork
    return kind(spec, num_classes)


Kind = TypeVar("Kind", bound=nn.Module)


def channels_last(network: Kind) -> Kind:
    """Put the weights of all convolutions in channels-last order, as clips come; return it."""
    for value in network.parameters():
        if value.ndim in (4, 5):
            order = torch.channels_last if value.ndim == 4 else torch.channels_last_3d
            value.data = value.data.to(memory_format=order)
    return network


def num_parameters(network: nn.Module) -> int:
    """Return how many numbers are learnt (running statistics are not)."""
    return sum(parameter.numel() for parameter in network.parameters())


def normalise(frames_BTHWC: Tensor, normalisation: Normalisation) -> Tensor:
    """Return x_BCTHW for uint8 RGB frames, as a view in channels-last order (no copy).

    It is computed row by row: three channels at a time leave a processor's lanes empty.
    """
    B, T, H, W, C = frames_BTHWC.shape
    factor_R, shift_R = _factor_and_shift(normalisation, W, frames_BTHWC.device)
    rows_BTHR = frames_BTHWC.reshape(B, T, H, W * C).to(torch.float32)
    rows_BTHR.mul_(factor_R).sub_(shift_R)
    return rows_BTHR.view(B, T, H, W, C).permute(0, 4, 1, 2, 3)


@lru_cache(maxsize=16)
def _factor_and_shift(
    normalisation: Normalisation, width: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return what normalises a row of `width` pixels, once a device: sending it would wait."""
    mean = torch.tensor(normalisation.mean, device=device)
    std = torch.tensor(normalisation.std, device=device)
    return (1 / (255 * std)).repeat(width), (mean / std).repeat(width)
