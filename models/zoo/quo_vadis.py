"""The networks of "Quo Vadis" (arXiv:1705.07750): table 1 has their sizes and their inputs."""

from models.backbones.c3d import C3DConfig
from models.backbones.convnet_lstm import ConvNetLSTMConfig
from models.backbones.i3d import I3DConfig
from models.backbones.two_stream import Fused3DConfig, TwoStreamConfig
from models.heads.config import HeadConfig
from models.spec import (
    UNIT_RANGE,
    UNIT_RANGE_BOTH,
    UNIT_RANGE_FLOW,
    Modality,
    NetworkSpec,
    Published,
    Sampling,
    Views,
)

RECOUNT = "counted from the architecture of arXiv:1705.07750"
QUOTED = "arXiv:1812.03982, table 2"


def _sampling(num_frames: int, modality: Modality = "rgb") -> Sampling:
    """Return so many frames of 25 a second."""
    return Sampling(
        num_frames=num_frames, step_seconds=1 / 25, crop_size=224, short_side=256, modality=modality
    )


SPECS = (
    NetworkSpec(
        name="convnet_lstm",
        backbone=ConvNetLSTMConfig(),
        head=HeadConfig(kind="last_moment"),
        sampling=Sampling(num_frames=25, step_seconds=0.2, crop_size=224, short_side=256),
        views=Views(num_frames=50),
        normalisation=UNIT_RANGE,
        source="arXiv:1705.07750, section 2.1; every fifth frame of 25 a second",
        published=Published(
            parameters=8_952_880,
            input_size=(25, 224, 224),
            source=f"{RECOUNT} (9M in table 1)",
            note="torch's LSTM adds two biases where one would do: 2,048 more",
        ),
    ),
    NetworkSpec(
        name="c3d",
        backbone=C3DConfig(),
        head=HeadConfig(kind="pooled"),
        sampling=Sampling(num_frames=16, step_seconds=1 / 25, crop_size=112, short_side=128),
        views=Views(num_frames=240),
        normalisation=UNIT_RANGE,
        source="arXiv:1705.07750, section 2.2, after arXiv:1412.0767",
        published=Published(
            parameters=79_645_520,
            multiply_adds=19.86e9,
            input_size=(16, 112, 112),
            source=f"{RECOUNT} (79M in table 1)",
        ),
    ),
    NetworkSpec(
        name="c3d_sports1m",
        backbone=C3DConfig(first_pool=(1, 2, 2), normalised=False, dense_dropout=0.5),
        head=HeadConfig(kind="pooled"),
        sampling=Sampling(num_frames=16, step_seconds=1 / 25, crop_size=112, short_side=128),
        views=Views(num_clips=10),
        normalisation=UNIT_RANGE,
        source="arXiv:1412.0767, the first C3D, trained on Sports-1M",
        published=Published(
            parameters=79_634_576,
            multiply_adds=38.55e9,
            input_size=(16, 112, 112),
            source="counted from the architecture of arXiv:1412.0767; mmaction2: 38.5 G",
        ),
    ),
    NetworkSpec(
        name="two_stream",
        backbone=TwoStreamConfig(),
        head=HeadConfig(kind="streams", window=(1, 7, 7)),
        sampling=_sampling(10, "rgb_and_flow"),
        views=Views(num_frames=250, num_segments=25),
        normalisation=UNIT_RANGE_BOTH,
        source="arXiv:1705.07750, section 2.3, after arXiv:1406.2199; a test sees 25 snapshots",
        published=Published(
            parameters=12_073_120,
            input_size=(10, 224, 224),
            source=f"{RECOUNT} (12M in table 1)",
        ),
    ),
    NetworkSpec(
        name="fused_3d",
        backbone=Fused3DConfig(),
        head=HeadConfig(kind="pooled"),
        sampling=_sampling(50, "rgb_and_flow"),
        views=Views(num_frames=250),
        normalisation=UNIT_RANGE_BOTH,
        source="arXiv:1705.07750, section 2.3, after arXiv:1604.06573",
        published=Published(
            parameters=39_770_896,
            input_size=(50, 224, 224),
            source=f"{RECOUNT} (39M in table 1)",
        ),
    ),
    NetworkSpec(
        name="i3d_rgb",
        backbone=I3DConfig(),
        head=HeadConfig(kind="time_logits"),
        sampling=_sampling(64),
        views=Views(num_frames=250),
        normalisation=UNIT_RANGE,
        source="arXiv:1705.07750, table 1 and figure 3; a test sees 250 frames at once",
        published=Published(
            parameters=12_697_264,
            multiply_adds=108e9,
            input_size=(64, 224, 224),
            source=f"parameters {RECOUNT}; multiply-adds: {QUOTED}",
            note="the 108 G quoted do not come out: the convolutions alone have 111.15 G",
        ),
    ),
    NetworkSpec(
        name="i3d_flow",
        backbone=I3DConfig(in_channels=2),
        head=HeadConfig(kind="time_logits"),
        sampling=_sampling(64, "flow"),
        views=Views(num_frames=250),
        normalisation=UNIT_RANGE_FLOW,
        source="arXiv:1705.07750, table 1 and figure 3; TV-L1 flow",
        published=Published(
            parameters=12_675_312,
            input_size=(64, 224, 224),
            source=RECOUNT,
        ),
    ),
    NetworkSpec(
        name="i3d_two_stream",
        backbone=TwoStreamConfig(inflated=True, flow_stack=1),
        head=HeadConfig(kind="streams"),
        sampling=_sampling(64, "rgb_and_flow"),
        views=Views(num_frames=250),
        normalisation=UNIT_RANGE_BOTH,
        source="arXiv:1705.07750, table 1; the streams' logits have equal weight",
        published=Published(
            parameters=25_372_576,
            multiply_adds=216e9,
            input_size=(64, 224, 224),
            source=f"parameters {RECOUNT} (25M in table 1); multiply-adds: {QUOTED}",
            note="the 216 G quoted do not come out: the convolutions alone have 213.49 G",
        ),
    ),
)
