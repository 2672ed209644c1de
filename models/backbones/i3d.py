"""I3D: Inception-v1 inflated into three dimensions (arXiv:1705.07750, figure 3).

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width.
"""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from models.layers.conv import (
    ConvUnit,
    NormConfig,
    SameMaxPool3d,
    Size3,
    initialise_convolutions,
)
from models.layers.inception import CUBE, POINT, SQUARE, MixedBlock, MixedWidths

Pool = tuple[Size3, Size3]
"""Window and stride of a max pool."""

INCEPTION_V1 = (
    (MixedWidths(64, 96, 128, 16, 32, 32), MixedWidths(128, 128, 192, 32, 96, 64)),
    (
        MixedWidths(192, 96, 208, 16, 48, 64),
        MixedWidths(160, 112, 224, 24, 64, 64),
        MixedWidths(128, 128, 256, 24, 64, 64),
        MixedWidths(112, 144, 288, 32, 64, 64),
        MixedWidths(256, 160, 320, 32, 128, 128),
    ),
    (MixedWidths(256, 160, 320, 32, 128, 128), MixedWidths(384, 192, 384, 48, 128, 128)),
)
"""Widths of the blocks 3b-3c, 4b-4f and 5b-5c."""


SONNET = NormConfig(eps=1e-3, momentum=0.001)
"""Batch normalisation of the published network, in torch's words: Sonnet's decay is 0.999. The
widespread port to torch has 0.01."""


@dataclass(frozen=True, kw_only=True)
class I3DConfig:
    """Sizes of one inflated Inception. The defaults are the published network."""

    kind: ClassVar[str] = "i3d"

    in_channels: int = 3
    stem_widths: tuple[int, int, int] = (64, 64, 192)
    """Channels after the layers 1a, 2b and 2c."""
    stem_kernel: Size3 = (7, 7, 7)
    stem_stride: Size3 = (2, 2, 2)
    kernel: Size3 = CUBE
    """Kernel of layer 2c and of the blocks; (1, 3, 3) is Inception-v1, frame by frame."""
    stages: tuple[tuple[tuple[int, ...], ...], ...] = INCEPTION_V1
    """Stages of blocks; a block is its six `MixedWidths`."""
    pools: tuple[Pool, ...] = (
        ((1, 3, 3), (1, 2, 2)),
        ((1, 3, 3), (1, 2, 2)),
        ((3, 3, 3), (2, 2, 2)),
        ((2, 2, 2), (2, 2, 2)),
    )
    """Max pools after layer 1a, after 2c, and between the stages."""
    norm: NormConfig = SONNET

    def build(self) -> "I3D":
        """Build the trunk, untrained."""
        return I3D(self)


def inception_v1(in_channels: int = 3) -> I3DConfig:
    """Return the 2-D network with batch normalisation, applied to each frame on its own.

    Its third branch has a 3x3, as I3D's has: 5,599,904 numbers for three channels.
    """
    return I3DConfig(
        in_channels=in_channels,
        stem_kernel=(1, 7, 7),
        stem_stride=(1, 2, 2),
        kernel=SQUARE,
        pools=(((1, 3, 3), (1, 2, 2)),) * 3 + (((1, 2, 2), (1, 2, 2)),),
    )


class I3D(nn.Module):
    """The trunk of I3D: everything up to the last Inception block."""

    def __init__(self, config: I3DConfig) -> None:
        super().__init__()
        first, second, third = config.stem_widths
        norm = config.norm
        self.conv_1a = ConvUnit(
            config.in_channels, first, config.stem_kernel, stride=config.stem_stride, norm=norm
        )
        self.pool_2a = SameMaxPool3d(*config.pools[0])
        self.conv_2b = ConvUnit(first, second, POINT, norm=norm)
        self.conv_2c = ConvUnit(second, third, config.kernel, norm=norm)
        self.stages = nn.ModuleList()
        width = third
        for pool, blocks in zip(config.pools[1:], config.stages, strict=True):
            stage, width = _stage(width, pool, blocks, config)
            self.stages.append(stage)
        self.feature_widths = (width,)
        initialise_convolutions(self)

    def forward(self, x_BCTHW: Tensor) -> list[Tensor]:
        """Return one feature map. The published network divides T by 8 and H, W by 32."""
        y = self.conv_2c(self.conv_2b(self.pool_2a(self.conv_1a(x_BCTHW))))
        for stage in self.stages:
            y = stage(y)
        return [y]


def _stage(
    width: int, pool: Pool, blocks: tuple[tuple[int, ...], ...], config: I3DConfig
) -> tuple[nn.Sequential, int]:
    """Return (pool, block, block, ...) and the channels that leave it."""
    layers: list[nn.Module] = [SameMaxPool3d(*pool)]
    for widths in map(MixedWidths._make, blocks):
        layers.append(MixedBlock(width, widths, config.norm, config.kernel))
        width = widths.num_out
    return nn.Sequential(*layers), width
