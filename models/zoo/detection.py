"""Detectors of actions: who does what in a box (arXiv:1812.03982, section 5).

The trunks of SlowFast's keep res5 as large as res4: no stride, and kernels that look twice as far.
They are told where people are. AVA's own baselines find the people too.
"""

from dataclasses import replace
from typing import TypeVar

from models.backbones.key_frame import FLAT, KeyFrameConfig
from models.backbones.region_i3d import MIXED_4E, MIXED_4F, RESNET_50_C4, RegionI3DConfig
from models.backbones.resnet import ResNetConfig
from models.backbones.slowfast import SlowFastConfig
from models.heads.config import HeadConfig
from models.spec import (
    FACEBOOK,
    IMAGENET,
    UNIT_RANGE,
    UNIT_RANGE_BOTH,
    NetworkSpec,
    Published,
    Sampling,
    Views,
)
from models.zoo import resnets, slowfast, tiny

PAPER = "arXiv:1812.03982, section 5"
NUM_ACTIONS = 80
"""AVA's."""
_COUNTED = "PySlowFast's network of 80 classes, counted by fvcore"
_NORMS_TOO = "fvcore counts normalisation and pools as well."


Config = TypeVar("Config", ResNetConfig, SlowFastConfig)


def dilated(backbone: Config) -> Config:
    """Return the trunk with a res5 that takes no step in space, and looks twice as far."""
    return replace(backbone, space_strides=(1, 2, 2, 1), space_dilations=(1, 1, 1, 2))


def _spec(
    name: str,
    backbone: ResNetConfig | SlowFastConfig,
    num_frames: int,
    stride: int,
    published: Published,
) -> NetworkSpec:
    """Return a detector that sees every `stride`-th of 30 frames a second around a key frame."""
    return NetworkSpec(
        name=name,
        backbone=backbone,
        head=HeadConfig(kind="regions"),
        sampling=Sampling(
            num_frames=num_frames, step_seconds=stride / 30, crop_size=224, short_side=256
        ),
        views=Views(),
        normalisation=FACEBOOK,
        source=f"{PAPER}; a test looks at whole pictures once",
        published=replace(
            published, input_size=(num_frames, 224, 224), num_classes=NUM_ACTIONS, source=_COUNTED
        ),
    )


_R101_NONLOCAL = dilated(replace(slowfast.R101_NONLOCAL, nonlocal_affinity="dot_product"))

GU = "arXiv:1705.08421, section 5"
GIRDHAR = "arXiv:1807.10066"
SQUARES = "a training picture is a square cut out at random, a test looks at whole pictures once"


def _own_boxes(*, boxes_by_class: bool) -> HeadConfig:
    return HeadConfig(kind="proposing", resolution=14, dropout=0.0, boxes_by_class=boxes_by_class)


def counted(num_frames: int, height: int, width: int) -> Published:
    """Return which view of a detector that finds people is counted: nobody published numbers."""
    return Published(
        input_size=(num_frames, height, width),
        num_classes=NUM_ACTIONS,
        note="multiply-adds: of the search and one region, of up to 300",
    )


AVA_BASELINES = (
    NetworkSpec(
        name="faster_rcnn_r101_det",
        backbone=KeyFrameConfig(),
        head=_own_boxes(boxes_by_class=True),
        sampling=Sampling(num_frames=1, step_seconds=1 / 30, crop_size=600, short_side=600),
        views=Views(),
        normalisation=IMAGENET,
        source="AVA's first baseline, faster_rcnn_resnet101_ava_v2.1.config of TensorFlow's object "
        f"detection; {SQUARES}",
        published=counted(1, 600, 600),
    ),
    *(
        NetworkSpec(
            name=name,
            backbone=RegionI3DConfig(
                num_blocks=MIXED_4E, searches_key_frame=True, with_flow=with_flow
            ),
            head=_own_boxes(boxes_by_class=True),
            sampling=Sampling(
                num_frames=40,
                step_seconds=1 / 25,
                crop_size=320,
                short_side=320,
                modality="rgb_and_flow" if with_flow else "rgb",
            ),
            views=Views(),
            normalisation=UNIT_RANGE_BOTH if with_flow else UNIT_RANGE,
            source=f"{GU}; {SQUARES}",
            published=counted(40, 320, 400),
        )
        for name, with_flow in (("i3d_rgb_det", False), ("i3d_two_stream_det", True))
    ),
    NetworkSpec(
        name="i3d_better_det",
        backbone=RegionI3DConfig(num_blocks=MIXED_4F),
        head=_own_boxes(boxes_by_class=False),
        sampling=Sampling(num_frames=64, step_seconds=1 / 25, crop_size=400, short_side=400),
        views=Views(),
        normalisation=UNIT_RANGE,
        source=f"{GIRDHAR}; {SQUARES}",
        published=counted(64, 400, 400),
    ),
)
TINY_HEAD = HeadConfig(
    kind="proposing",
    dropout=0.2,
    resolution=8,
    map_stride=8,
    anchor_sides=(16, 32, 64),
    search_width=32,
    num_proposals=32,
    num_learnt=16,
    max_overlap=0.3,
)
_TINY_RESNET = ResNetConfig(
    depths=(1, 1, 1, 1),
    width=16,
    expansion=2,
    time_kernels=FLAT,
    space_strides=(1, 2, 1, 2),
    zero_init=False,
)
_TINY_SEARCHER = replace(
    RESNET_50_C4, depths=(1, 1, 1), width=16, expansion=2, space_strides=(1, 2, 1), zero_init=False
)


def _tiny(
    name: str,
    backbone: KeyFrameConfig | RegionI3DConfig,
    num_frames: int,
    boxes_by_class: bool,
    paper: str,
) -> NetworkSpec:
    return NetworkSpec(
        name=name,
        backbone=backbone,
        head=replace(TINY_HEAD, boxes_by_class=boxes_by_class),
        sampling=Sampling(num_frames=num_frames, step_seconds=0.16, crop_size=96, short_side=96),
        views=Views(),
        normalisation=UNIT_RANGE,
        source=f"{paper}, made small for one CPU core",
        published=Published(num_classes=NUM_ACTIONS),
    )


AVA_BASELINES_TINY = (
    _tiny("faster_rcnn_tiny_det", KeyFrameConfig(resnet=_TINY_RESNET), 1, True, GU),
    _tiny(
        "i3d_rgb_tiny_det",
        RegionI3DConfig(
            i3d=tiny.I3D, num_blocks=1, searches_key_frame=True, searcher=_TINY_SEARCHER
        ),
        16,
        True,
        GU,
    ),
    _tiny("i3d_better_tiny_det", RegionI3DConfig(i3d=tiny.I3D, num_blocks=1), 16, False, GIRDHAR),
)

SPECS = (
    *AVA_BASELINES,
    *AVA_BASELINES_TINY,
    _spec(
        "slow_r50_4x16_det",
        dilated(resnets.SLOW),
        4,
        16,
        Published(parameters=31_798_416, multiply_adds=31.92e9, note=_NORMS_TOO),
    ),
    _spec(
        "slow_r50_8x8_det",
        dilated(resnets.SLOW),
        8,
        8,
        Published(parameters=31_798_416, note=_NORMS_TOO),
    ),
    _spec("slowfast_r50_4x16_det", dilated(slowfast.R50_4X16), 32, 2, Published()),
    _spec(
        "slowfast_r50_8x8_det",
        dilated(slowfast.R50_8X8),
        32,
        2,
        Published(parameters=33_828_888, multiply_adds=74.49e9, note=_NORMS_TOO),
    ),
    _spec(
        "slowfast_r101_8x8+nl_det",
        _R101_NONLOCAL,
        32,
        2,
        Published(parameters=59_342_488, multiply_adds=112.36e9, note=_NORMS_TOO),
    ),
    _spec(
        "slowfast_r101_16x8+nl_det",
        _R101_NONLOCAL,
        64,
        2,
        Published(parameters=59_342_488, note=_NORMS_TOO),
    ),
    NetworkSpec(
        name="slowfast_tiny_det",
        backbone=dilated(tiny.SLOWFAST),
        head=HeadConfig(kind="regions", dropout=0.2),
        sampling=Sampling(num_frames=16, step_seconds=0.16, crop_size=96, short_side=96),
        views=Views(),
        normalisation=FACEBOOK,
        source=f"{PAPER}, made small for one CPU core",
        published=Published(num_classes=NUM_ACTIONS),
    ),
)
