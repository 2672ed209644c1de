"""Video ResNets of one pathway: Slow-only, C2D, I3D-ResNet, R(2+1)D and CSN.

They differ in where kernels reach over time, in what stands in the middle of a block, and
in where time is shortened.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch.nn.functional as F
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.checks import check_lengths
from models.layers.bottleneck import Bottleneck, Residual, zero_last_norms
from models.layers.channel_separated import PreservedBottleneck, ReducedBottleneck
from models.layers.conv import NormConfig, Size3, initialise_convolutions
from models.layers.dilation import dilate
from models.layers.factored import (
    FactoredBasic,
    FactoredBottleneck,
    FactoredStem,
    SharedFactoredBasic,
)
from models.layers.nonlocal_block import NonLocalBlock, NonLocalConfig
from models.layers.stem import Stem

BlockKind = Literal[
    "bottleneck", "factored", "factored_basic", "shared_factored_basic", "reduced", "preserved"
]

_BLOCKS: dict[BlockKind, type[Bottleneck | FactoredBasic]] = {
    "bottleneck": Bottleneck,
    "factored": FactoredBottleneck,
    "factored_basic": FactoredBasic,
    "shared_factored_basic": SharedFactoredBasic,
    "reduced": ReducedBottleneck,
    "preserved": PreservedBottleneck,
}


@dataclass(frozen=True, kw_only=True)
class ResNetConfig:
    """Sizes of one video ResNet. The defaults are the Slow pathway alone, ResNet-50.

    The stages are res2 to res5, or fewer; every tuple with an entry for each has that order.
    """

    kind: ClassVar[str] = "resnet"

    in_channels: int = 3
    depths: tuple[int, ...] = (3, 4, 6, 3)
    """Blocks in each stage."""
    width: int = 64
    """Channels of the stem, and inside the blocks of res2; each stage doubles them."""
    block: BlockKind = "bottleneck"
    expansion: int = 4
    """Channels that leave a block for each inner one (1 for the two basic ones)."""
    stem_kernel: Size3 = (1, 7, 7)
    stem_stride: Size3 = (1, 2, 2)
    stem_pool_stride: Size3 | None = (1, 2, 2)
    """Stride of the max pool after the stem; None leaves the pool out."""
    stem_factored: bool = False
    """Whether the stem's convolution is one over space and one over time."""
    time_kernels: tuple[tuple[int, ...], ...] = ((1,), (1,), (3,), (3,))
    """Lengths in time of each stage's first convolutions, repeated from block to block."""
    time_strides: tuple[int, ...] = (1, 1, 1, 1)
    space_strides: tuple[int, ...] = (1, 2, 2, 2)
    space_dilations: tuple[int, ...] = (1, 1, 1, 1)
    """How far apart each stage's kernels look in space; 2 where a detector's res5 has no stride."""
    time_pool: int = 1
    """Frames that a max pool after res2 makes one."""
    nonlocal_blocks: tuple[tuple[int, ...], ...] = ((), (), (), ())
    """Numbers of each stage's blocks (from 0) after which a non-local block stands."""
    nonlocal_pool: Size3 = (1, 2, 2)
    zero_init: bool = True
    """Whether residual branches start at zero; short trainings do better without."""
    norm: NormConfig = field(default_factory=NormConfig)

    def __post_init__(self) -> None:
        _check(self)

    def build(self) -> "ResNet":
        """Build the trunk, untrained."""
        return ResNet(self)


_BY_STAGE = ("time_kernels", "time_strides", "space_strides", "space_dilations", "nonlocal_blocks")


def _check(config: ResNetConfig) -> None:
    if config.block not in _BLOCKS:
        raise ModelError(f"block is {config.block!r}; give one of {', '.join(_BLOCKS)}.")
    for name in _BY_STAGE:
        if len(getattr(config, name)) != len(config.depths):
            raise ModelError(
                f"{name} has {len(getattr(config, name))} entries; give {len(config.depths)}, "
                "one for each stage of depths."
            )
    for stage, depth in enumerate(config.depths):
        numbers = config.nonlocal_blocks[stage]
        if not all(0 <= number < depth for number in numbers):
            raise ModelError(
                f"nonlocal_blocks of res{stage + 2} are {numbers}; it has blocks 0 to {depth - 1}."
            )
    check_lengths("space_dilations", config.space_dilations)
    _check_kernels(config)


def _check_kernels(config: ResNetConfig) -> None:
    kernels = ((config.stem_kernel[0],), *config.time_kernels)
    if any(not lengths or any(n < 1 or n % 2 == 0 for n in lengths) for lengths in kernels):
        raise ModelError(
            f"stem_kernel and time_kernels reach over {kernels} frames; give odd lengths, "
            "for only they have a centre."
        )
    if issubclass(_BLOCKS[config.block], FactoredBasic) and (
        config.expansion != 1 or set(sum(config.time_kernels, ())) != {3}
    ):
        raise ModelError(
            f"Blocks {config.block} take expansion = 1 and time_kernels of 3, got "
            f"{config.expansion} and {config.time_kernels}."
        )


class ResNet(nn.Module):
    """A stem and four residual stages."""

    def __init__(self, config: ResNetConfig) -> None:
        super().__init__()
        stem = FactoredStem if config.stem_factored else Stem
        self.stem = stem(
            config.in_channels,
            config.width,
            config.stem_kernel,
            config.norm,
            stride=config.stem_stride,
            pool_stride=config.stem_pool_stride,
        )
        self.time_pool = config.time_pool
        self.stages = nn.ModuleList()
        width = config.width
        for number in range(len(config.depths)):
            stage, width = _stage(width, number, config)
            self.stages.append(stage)
        self.feature_widths = (width,)
        initialise_convolutions(self)
        if config.zero_init:
            zero_last_norms(self)

    def forward(self, x_BCTHW: Tensor) -> list[Tensor]:
        """Return one feature map; the published networks divide H and W by 32."""
        y = self.stages[0](self.stem(x_BCTHW))
        if self.time_pool > 1:
            y = F.max_pool3d(y, (self.time_pool, 1, 1))
        for stage in self.stages[1:]:
            y = stage(y)
        return [y]


def _stage(num_in: int, number: int, config: ResNetConfig) -> tuple[nn.Sequential, int]:
    """Return the stage res(number + 2) and the channels that leave it.

    Blocks are named "0", "1", ..., a non-local block after block i is named "nonlocal{i}".
    """
    num_out = config.width * 2**number * config.expansion
    stage = nn.Sequential()
    for i in range(config.depths[number]):
        stage.add_module(str(i), _block(num_out if i else num_in, number, i, config))
        if i in config.nonlocal_blocks[number]:
            pool = NonLocalConfig(pool=config.nonlocal_pool)
            stage.add_module(f"nonlocal{i}", NonLocalBlock(num_out, pool, config.norm))
    if (dilation := config.space_dilations[number]) > 1:
        dilate(stage, dilation)
    return stage, num_out


def _block(num_in: int, number: int, i: int, config: ResNetConfig) -> Residual:
    inner = config.width * 2**number
    kernels, space = config.time_kernels[number], config.space_strides[number]
    return _BLOCKS[config.block](
        num_in,
        inner,
        inner * config.expansion,
        time_kernel=kernels[i % len(kernels)],
        stride=(1, 1, 1) if i else (config.time_strides[number], space, space),
        norm=config.norm,
    )
