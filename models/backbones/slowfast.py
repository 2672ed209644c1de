"""SlowFast (Feichtenhofer et al., arXiv:1812.03982, table 1).

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar, get_args

from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.checks import check_blocks, check_choice, check_count, check_divides, check_lengths
from models.layers.bottleneck import zero_last_norms
from models.layers.conv import NormConfig, Size3, initialise_convolutions
from models.layers.flat_conv import keep_rounding
from models.layers.fusion import FUSIONS, FusionConfig, FusionKind, build_fusion, check_fusion
from models.layers.nonlocal_block import Affinity, NonLocalConfig
from models.layers.residual_stage import StageSizes, residual_stage
from models.layers.stem import Stem
from models.layers.weak_inputs import NUM_CHANNELS, NUM_RGB, WeakInput, check_clip, weaken

NUM_STAGES = 4
"""res2 to res5."""


@dataclass(frozen=True, kw_only=True)
class SlowFastConfig:
    """Sizes of one SlowFast. The defaults are the 4x16 ResNet-50."""

    kind: ClassVar[str] = "slowfast"

    in_channels: int = 3
    """Channels of a clip: RGB; 5 with `fast_input="flow"`, where x and y of flow follow."""
    depths: tuple[int, int, int, int] = (3, 4, 6, 3)
    """Blocks in the stages res2 to res5."""
    width: int = 64
    """Channels of the Slow stem."""
    expansion: int = 4
    alpha: int = 8
    """Frame-rate ratio Fast/Slow ("alpha", section 3.2)."""
    beta_inv: int = 8
    """Channel ratio Slow/Fast (1/"beta", section 3.2)."""
    fast_width: int | None = None
    """Channels of the Fast stem where `width / beta_inv` is no whole number (1/6: 11); or None."""
    fusion: FusionKind = "time_strided_conv"
    """How Fast features reach the Slow pathway (section 3.3)."""
    fusion_kernel: int = 5
    """Length in frames of the lateral convolutions (7 in the released 8x8)."""
    fusion_ratio: int = 2
    """Lateral channels for each Fast channel (section 3.3, time-strided convolution)."""
    fast_input: WeakInput = "rgb"
    """What the Fast pathway sees (table 5c)."""
    stem_size: int = 7
    """Height and width of the stem's kernels."""
    slow_time_kernels: tuple[int, int, int, int, int] = (1, 1, 1, 3, 3)
    """Lengths in time of the Slow stem and of res2 to res5."""
    fast_time_kernels: tuple[int, int, int, int, int] = (5, 3, 3, 3, 3)
    fast_cubes: bool = False
    """Whether the Fast pathway's bottlenecks look at time and space together (Tx3x3), which costs
    little where there are few channels, and learns what moves where from fewer clips."""
    temporal_blocks: tuple[int, int, int, int] | None = None
    """First blocks of each stage that keep their length in time, the others having 1; None: all."""
    space_strides: tuple[int, int, int, int] = (1, 2, 2, 2)
    """Strides of res2 to res5 in space, in both pathways."""
    space_dilations: tuple[int, int, int, int] = (1, 1, 1, 1)
    """How far apart their kernels look in space; 2 where a detector's res5 has no stride."""
    nonlocal_blocks: tuple[tuple[int, ...], ...] = ((), (), (), ())
    """Slow blocks of res2 to res5, counted from 0, that a non-local block follows."""
    nonlocal_pool: Size3 = (1, 2, 2)
    """Max pool over the positions that a non-local block looks at."""
    nonlocal_affinity: Affinity = "softmax"
    """How a non-local block weighs positions; `dot_product` in PySlowFast's networks for AVA."""
    zero_init: bool = True
    """Whether residual branches start at zero; short trainings do better without."""
    keep_rounding: bool = False
    """Whether the CPU sums as in 3-D everywhere: slower, to the last bit as in older results."""
    norm: NormConfig = field(default_factory=NormConfig)

    def __post_init__(self) -> None:
        check_choice("fusion", self.fusion, FUSIONS)
        check_choice("fast_input", self.fast_input, NUM_CHANNELS)
        check_clip(self.in_channels, self.fast_input)
        _check_stages(self)
        if self.fast_width is None:
            check_divides("beta_inv", self.beta_inv, "width", self.width, "give fast_width")
        check_fusion(self.fusion, self.alpha, self.width, self.fast_stem_width)

    @property
    def fast_stem_width(self) -> int:
        """Return the channels of the Fast stem."""
        return self.fast_width or self.width // self.beta_inv

    @property
    def lateral(self) -> FusionConfig:
        """Return the lateral connections' config."""
        return FusionConfig(
            kind=self.fusion,
            alpha=self.alpha,
            kernel=self.fusion_kernel,
            ratio=self.fusion_ratio,
        )

    def build(self) -> "SlowFast":
        """Build the trunk, untrained."""
        return SlowFast(self)


def _check_stages(config: SlowFastConfig) -> None:
    fast_width = 1 if config.fast_width is None else config.fast_width
    check_lengths("fast_width", [fast_width])
    for name in ("alpha", "width", "expansion", "fusion_ratio"):
        check_lengths(name, [getattr(config, name)])
    check_count("depths", config.depths, NUM_STAGES)
    check_lengths("depths", config.depths)
    for name in ("space_strides", "space_dilations"):
        check_count(name, getattr(config, name), NUM_STAGES)
        check_lengths(name, getattr(config, name))
    check_lengths("nonlocal_pool", config.nonlocal_pool)
    check_choice("nonlocal_affinity", config.nonlocal_affinity, get_args(Affinity))
    check_blocks("nonlocal_blocks", config.nonlocal_blocks, config.depths)
    check_lengths("fusion_kernel", [config.fusion_kernel], odd=True)
    check_lengths("stem_size", [config.stem_size], odd=True)
    for name in ("slow_time_kernels", "fast_time_kernels"):
        check_count(name, getattr(config, name), 1 + NUM_STAGES)
        check_lengths(name, getattr(config, name), odd=True)
    if config.temporal_blocks is not None:
        check_count("temporal_blocks", config.temporal_blocks, NUM_STAGES)


def split_pathways(x_BCTHW: Tensor, alpha: int) -> tuple[Tensor, Tensor]:
    """Return (slow, fast): every `alpha`-th frame, and all frames."""
    num_frames = x_BCTHW.shape[2]
    if num_frames % alpha:
        raise ModelError(
            f"A clip of {num_frames} frames cannot be split by {alpha=}; "
            f"give a multiple of {alpha} frames."
        )
    return x_BCTHW[:, :, ::alpha], x_BCTHW


class SlowFast(nn.Module):
    """Two pathways with lateral connections after the stem and after res2, res3 and res4."""

    def __init__(self, config: SlowFastConfig) -> None:
        super().__init__()
        self.alpha, self.fast_input = config.alpha, config.fast_input
        widths = slow, fast = config.width, config.fast_stem_width
        times = config.slow_time_kernels, config.fast_time_kernels
        fast_in, size, norm = NUM_CHANNELS[config.fast_input], config.stem_size, config.norm
        self.slow_stem = Stem(NUM_RGB, slow, (times[0][0], size, size), norm)
        self.fast_stem = Stem(fast_in, fast, (times[1][0], size, size), norm)
        self.slow_stages, self.fast_stages = nn.ModuleList(), nn.ModuleList()
        self.laterals = nn.ModuleList()
        around = NonLocalConfig(affinity=config.nonlocal_affinity, pool=config.nonlocal_pool)
        for number, attentive in enumerate(config.nonlocal_blocks):
            lateral = build_fusion(slow, fast, config.lateral, norm)
            plain = _sizes(lateral.num_out, widths[0], number, times[0], config)
            slow_sizes = replace(plain, nonlocal_blocks=attentive, nonlocal_config=around)
            plain = _sizes(fast, widths[1], number, times[1], config)
            fast_sizes = replace(plain, is_cubic=config.fast_cubes)
            self.laterals.append(lateral)
            self.slow_stages.append(residual_stage(slow_sizes, norm))
            self.fast_stages.append(residual_stage(fast_sizes, norm))
            slow, fast = slow_sizes.num_out, fast_sizes.num_out
        self.feature_widths = (slow, fast)
        initialise_convolutions(self)
        if config.zero_init:
            zero_last_norms(self)
        if config.keep_rounding:
            keep_rounding(self)

    def forward(self, x_BCTHW: Tensor) -> list[Tensor]:
        """Return [slow, fast] feature maps; T must be a multiple of alpha."""
        slow, fast = split_pathways(x_BCTHW, self.alpha)
        slow = self.slow_stem(slow[:, :NUM_RGB])
        fast = self.fast_stem(weaken(fast, self.fast_input))
        stages = zip(self.laterals, self.slow_stages, self.fast_stages, strict=True)
        for lateral, slow_stage, fast_stage in stages:
            slow, fast = slow_stage(lateral(slow, fast)), fast_stage(fast)
        return [slow, fast]


def _sizes(
    num_in: int, width: int, number: int, time_kernels: tuple[int, ...], config: SlowFastConfig
) -> StageSizes:
    """Return the sizes of res(number + 2) in the pathway whose stem has `width` channels."""
    depth = config.depths[number]
    return StageSizes(
        num_in=num_in,
        num_inner=width * 2**number,
        expansion=config.expansion,
        depth=depth,
        time_kernel=time_kernels[number + 1],
        num_temporal=config.temporal_blocks[number] if config.temporal_blocks else depth,
        stride=(1, config.space_strides[number], config.space_strides[number]),
        dilation=config.space_dilations[number],
    )
