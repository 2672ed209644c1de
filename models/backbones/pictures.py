"""Networks of pictures as torchvision has them, applied to each frame (TSN, arXiv:1608.00859).

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width, N frames of all clips.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from kinetics_builder.errors import ModelError

FAMILIES = ("convnext", "efficientnet", "mobilenet")
"""Whose features end in a map that is averaged and then classified."""


@dataclass(frozen=True, kw_only=True)
class PicturesConfig:
    """One of torchvision's networks of pictures, without its classifier."""

    kind: ClassVar[str] = "pictures"

    network: str = "efficientnet_b4"
    """Its name there."""

    def build(self) -> "Pictures":
        """Build the trunk, untrained."""
        return Pictures(self)


class Pictures(nn.Module):
    """Each frame by itself."""

    def __init__(self, config: PicturesConfig) -> None:
        super().__init__()
        whole = _network(config.network)
        self.features: nn.Module = whole.features
        layers = [one for one in whole.classifier.modules() if isinstance(one, nn.Linear)]
        self.feature_widths = (layers[0].in_features,)

    def forward(self, x_BCTHW: Tensor) -> list[Tensor]:
        """Return one map with all moments; H and W are divided by 32."""
        x_NCHW = x_BCTHW.transpose(1, 2).flatten(0, 1)
        y_NCHW: Tensor = self.features(x_NCHW.contiguous(memory_format=torch.channels_last))
        y_BTCHW = y_NCHW.view(len(x_BCTHW), -1, *y_NCHW.shape[1:])
        return [y_BTCHW.transpose(1, 2)]


def _network(name: str) -> Any:
    # Not at the top: torchvision takes torch's compiler with it, which is seconds of imports.
    from torchvision import models

    known = [one for one in models.list_models(module=models) if one.startswith(FAMILIES)]
    if name not in known:
        raise ModelError(
            f"backbone.network = {name!r} is none of torchvision's that can be taken: "
            f"{', '.join(known)}."
        )
    return models.get_model(name, weights=None)


def bootstrap_pictures(trunk: nn.Module, state_2d: Mapping[str, Tensor]) -> int:
    """Load weights of the same network of pictures, and return how many tensors fitted."""
    own = trunk.state_dict()
    fitted = {key: value for key, value in state_2d.items() if key in own}
    wrong = [key for key in own if key not in fitted or fitted[key].shape != own[key].shape]
    if wrong:
        raise ModelError(
            f"The 2-D weights do not fit {wrong[0]!r} (and {len(wrong) - 1} more): expected those "
            "of the same network of torchvision's, as EfficientNet_B4_Weights.IMAGENET1K_V1 for "
            "efficientnet_b4."
        )
    trunk.load_state_dict(fitted)
    return len(fitted)
