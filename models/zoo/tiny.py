"""Small networks for one CPU core."""

from dataclasses import replace

from models.backbones.i3d import I3DConfig
from models.backbones.slowfast import SlowFastConfig
from models.heads.config import HeadConfig
from models.layers.conv import NormConfig
from models.spec import FACEBOOK, UNIT_RANGE, UNIT_RANGE_FLOW, NetworkSpec, Sampling, Views

SAMPLING = Sampling(num_frames=16, step_seconds=0.24, crop_size=64, short_side=72)
"""Nearly four seconds, small enough for one core."""

SLOWFAST = SlowFastConfig(
    depths=(1, 1, 1, 1),
    width=16,
    expansion=2,
    alpha=4,
    beta_inv=2,
    stem_size=5,
    slow_time_kernels=(1, 3, 3, 3, 3),
    zero_init=False,
    keep_rounding=True,
)

I3D = I3DConfig(
    stem_widths=(16, 16, 32),
    stem_kernel=(3, 5, 5),
    stem_stride=(1, 2, 2),
    stages=(
        ((16, 16, 24, 8, 16, 8),),
        ((32, 24, 48, 8, 16, 16), (48, 32, 64, 12, 24, 24)),
    ),
    pools=(((1, 3, 3), (1, 2, 2)), ((1, 3, 3), (1, 2, 2)), ((3, 3, 3), (2, 2, 2))),
    norm=NormConfig(eps=1e-3),
)

BRIEF = Sampling(num_frames=8, step_seconds=0.32, crop_size=64, short_side=72)
"""Two and a half seconds, wherever in a clip of four: half as much to compute."""
SMALL = Sampling(num_frames=12, step_seconds=0.24, crop_size=48, short_side=54)
"""Three seconds of such a clip in small pictures: so more steps fit into a minute."""
THREE_TIMES = Views(num_clips=3)
"""The whole of such a clip in a test."""

SPECS = (
    NetworkSpec(
        name="i3d_tiny",
        backbone=I3D,
        head=HeadConfig(kind="time_logits", dropout=0.2),
        sampling=SAMPLING,
        views=Views(),
        normalisation=UNIT_RANGE,
        source="arXiv:1705.07750, made small for one CPU core",
    ),
    NetworkSpec(
        name="i3d_tiny_12x3",
        backbone=replace(
            I3D,
            stem_kernel=(3, 3, 3),
            pools=(((3, 3, 3), (2, 2, 2)), *I3D.pools[1:]),  # what moves is told before
        ),
        head=HeadConfig(kind="time_logits", dropout=0.2),
        sampling=SMALL,
        views=THREE_TIMES,
        normalisation=UNIT_RANGE,
        source="arXiv:1705.07750, made small for a minute of one CPU core",
    ),
    NetworkSpec(
        name="i3d_flow_tiny",
        backbone=replace(I3D, in_channels=2),
        head=HeadConfig(kind="time_logits", dropout=0.2),
        sampling=replace(SAMPLING, modality="flow"),
        views=Views(),
        normalisation=UNIT_RANGE_FLOW,
        source="arXiv:1705.07750, made small for one CPU core",
    ),
    NetworkSpec(
        name="slowfast_tiny_2x16",
        backbone=replace(
            SLOWFAST,
            stem_size=3,
            fast_time_kernels=(3, 3, 3, 3, 3),
            fast_cubes=True,
            fusion_ratio=1,
            keep_rounding=False,
        ),
        head=HeadConfig(kind="pooled", dropout=0.2),
        sampling=BRIEF,
        views=THREE_TIMES,
        normalisation=FACEBOOK,
        source="arXiv:1812.03982, made small for a minute of one CPU core",
    ),
    NetworkSpec(
        name="slowfast_tiny",
        backbone=SLOWFAST,
        head=HeadConfig(kind="pooled", dropout=0.2),
        sampling=SAMPLING,
        views=Views(),
        normalisation=FACEBOOK,
        source="arXiv:1812.03982, made small for one CPU core",
    ),
)
