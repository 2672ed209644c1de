"""Detectors of actions: who does what in a box (arXiv:1812.03982, section 5).

Their trunks keep res5 as large as res4: no stride, and kernels that look twice as far.
"""

from dataclasses import replace
from typing import TypeVar

from models.backbones.resnet import ResNetConfig
from models.backbones.slowfast import SlowFastConfig
from models.heads import HeadConfig
from models.spec import FACEBOOK, NetworkSpec, Published, Sampling, Views
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

SPECS = (
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
