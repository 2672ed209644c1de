"""A stage of a residual network: bottlenecks, and non-local blocks between them."""

from dataclasses import dataclass, field

from torch import nn

from models.layers.bottleneck import Bottleneck, CubicBottleneck
from models.layers.conv import NormConfig, Size3
from models.layers.dilation import dilate
from models.layers.nonlocal_block import NonLocalBlock, NonLocalConfig


@dataclass(frozen=True, kw_only=True, slots=True)
class StageSizes:
    """What one stage is made of."""

    num_in: int
    num_inner: int
    """Channels in the middle of each bottleneck."""
    expansion: int
    """Channels that leave the stage for each in the middle."""
    depth: int
    """Bottlenecks."""
    time_kernel: int
    """Length in time of the first `num_temporal` bottlenecks; the others have 1."""
    num_temporal: int
    stride: Size3
    """Stride of the first block."""
    is_cubic: bool = False
    """Whether the middle of each bottleneck has the length in time, and not its beginning."""
    dilation: int = 1
    """How far apart the kernels over space look."""
    nonlocal_blocks: tuple[int, ...] = ()
    """Blocks, counted from 0, that a non-local block follows."""
    nonlocal_config: NonLocalConfig = field(default_factory=NonLocalConfig)

    @property
    def num_out(self) -> int:
        """Return the channels that leave the stage."""
        return self.num_inner * self.expansion


def residual_stage(sizes: StageSizes, norm: NormConfig) -> nn.Sequential:
    """Return the stage; its parts are named 0, 1, ..., and nonlocal1 for one that follows 1."""
    stage, kind = nn.Sequential(), CubicBottleneck if sizes.is_cubic else Bottleneck
    for i in range(sizes.depth):
        block = kind(
            sizes.num_out if i else sizes.num_in,
            sizes.num_inner,
            sizes.num_out,
            time_kernel=sizes.time_kernel if i < sizes.num_temporal else 1,
            stride=(1, 1, 1) if i else sizes.stride,
            norm=norm,
        )
        stage.add_module(str(i), block)
        if i in sizes.nonlocal_blocks:
            stage.add_module(
                f"nonlocal{i}", NonLocalBlock(sizes.num_out, sizes.nonlocal_config, norm)
            )
    if sizes.dilation > 1:
        dilate(stage, sizes.dilation)
    return stage
