"""A network of pictures that looks at a clip's key frame alone.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width, R regions.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor, nn

from models.backbones.resnet import ResNetConfig

FLAT = ((1,), (1,), (1,), (1,))
"""Kernels of one frame: a ResNet of pictures."""


def key_frame_of(x_BCTHW: Tensor) -> Tensor:
    """Return the clip's key frame: the first of its second half."""
    middle = x_BCTHW.shape[2] // 2
    return x_BCTHW[:, :, middle : middle + 1]


@dataclass(frozen=True, kw_only=True)
class KeyFrameConfig:
    """A ResNet, cut in two before its last stage. The default is ResNet-101."""

    kind: ClassVar[str] = "key_frame"
    is_cut: ClassVar[bool] = True

    resnet: ResNetConfig = field(
        default_factory=lambda: ResNetConfig(depths=(3, 4, 23, 3), time_kernels=FLAT)
    )

    def build(self) -> "KeyFrameTrunk":
        """Build the trunk, untrained."""
        return KeyFrameTrunk(self)


class KeyFrameTrunk(nn.Module):
    """Everything up to res4 looks at the picture, res5 at regions of it (arXiv:1506.01497)."""

    def __init__(self, config: KeyFrameConfig) -> None:
        super().__init__()
        self.resnet = config.resnet.build()
        width = config.resnet.width * 2 ** (len(config.resnet.depths) - 2)
        self.feature_widths = (width * config.resnet.expansion, *self.resnet.feature_widths)

    @property
    def learnt_from_clips(self) -> nn.Module:
        """Return the part that may start from a trained network of clips."""
        return self.resnet

    def forward(self, x_BCTHW: Tensor) -> list[Tensor]:
        """Return [the map that is searched, the map that regions are cut from]: one and the same.

        Both have one moment, and a sixteenth of H and W.
        """
        y = self.resnet.stem(key_frame_of(x_BCTHW))
        for stage in self.resnet.stages[:-1]:
            y = stage(y)
        return [y, y]

    def rest(self, regions_RCTHW: Tensor) -> Tensor:
        """Return regions as they leave the last stage, which halves their sides."""
        deeper: Tensor = self.resnet.stages[-1](regions_RCTHW)
        return deeper
