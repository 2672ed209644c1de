"""Inflated ResNets: Slow-only, C2D and I3D-ResNet, with and without non-local blocks."""

from dataclasses import replace

from models.backbones.resnet import ResNetConfig
from models.heads.config import HeadConfig
from models.layers.conv import Size3
from models.spec import FACEBOOK, IMAGENET, NetworkSpec, Published, Sampling, Views

NO_TIME = ((1,), (1,), (1,), (1,))
"""Kernels of one frame."""
NONLOCAL = ((), (1, 3), (1, 3, 5), ())
"""After every other block of res3 and res4 (arXiv:1711.07971, section 4)."""
NORMS_TOO = "pytorchvideo prints {} G: it counts normalisations and pools too."

SLOW = ResNetConfig()
C2D = ResNetConfig(time_kernels=NO_TIME, time_pool=2)
I3D = ResNetConfig(stem_kernel=(5, 7, 7), time_kernels=((3,), (3, 1), (3, 1), (1, 3)), time_pool=2)


def facebook_spec(
    name: str, backbone: ResNetConfig, stride: int, source: str, published: Published
) -> NetworkSpec:
    """Return a ResNet trained on 224x224 crops of every `stride`-th frame, 30 a second."""
    num_frames = published.input_size[0] if published.input_size else 8
    return NetworkSpec(
        name=name,
        backbone=backbone,
        head=HeadConfig(kind="pooled"),
        sampling=Sampling(
            num_frames=num_frames, step_seconds=stride / 30, crop_size=224, short_side=256
        ),
        views=Views(num_clips=10, num_crops=3, crop_size=256),
        normalisation=FACEBOOK,
        source=f"{source}; a test averages 10 moments x 3 crops",
        published=published,
    )


def published(
    parameters: int, multiply_adds: float, input_size: Size3, source: str, note: str = ""
) -> Published:
    """Return what `source` says of a network."""
    return Published(
        parameters=parameters,
        multiply_adds=multiply_adds,
        input_size=input_size,
        source=source,
        note=note,
    )


_SLOWFAST = "arXiv:1812.03982, section 4.1"
_NONLOCAL = "arXiv:1711.07971, table 1"
_8X8 = (8, 256, 256)
_PYSLOWFAST = "PySlowFast's network, counted with fvcore"
NORMS_TOO = "pytorchvideo prints {} G: it counts normalisations and pools too."

_PLAIN = (
    facebook_spec(
        "slow_r50_4x16",
        SLOW,
        16,
        _SLOWFAST,
        published(32_454_096, 27.3e9, (4, 256, 256), "arXiv:1812.03982, table 5a"),
    ),
    facebook_spec(
        "slow_r50_8x8", SLOW, 8, _SLOWFAST, published(32_454_096, 54.52e9, _8X8, _PYSLOWFAST)
    ),
    facebook_spec(
        "c2d_r50",
        C2D,
        8,
        _NONLOCAL,
        published(24_327_632, 25.46e9, _8X8, _PYSLOWFAST, NORMS_TOO.format("25.89")),
    ),
    facebook_spec(
        "i3d_r50",
        I3D,
        8,
        _NONLOCAL,
        published(28_043_472, 37.11e9, _8X8, _PYSLOWFAST, NORMS_TOO.format("37.53")),
    ),
)

_PUBLISHED_NONLOCAL = {
    "slow_r50_4x16": Published(parameters=39_812_560, input_size=(4, 256, 256), source=_PYSLOWFAST),
    "slow_r50_8x8": published(39_812_560, 88.61e9, _8X8, _PYSLOWFAST),
    "c2d_r50": published(31_686_096, 37.46e9, _8X8, _PYSLOWFAST),
    "i3d_r50": published(35_401_936, 49.1e9, _8X8, _PYSLOWFAST),
}


def _with_nonlocal(spec: NetworkSpec) -> NetworkSpec:
    """Return the network with five non-local blocks."""
    assert isinstance(spec.backbone, ResNetConfig)
    return replace(
        spec,
        name=f"{spec.name}+nl",
        backbone=replace(spec.backbone, nonlocal_blocks=NONLOCAL),
        source=f"{spec.source}; non-local blocks of arXiv:1711.07971",
        published=_PUBLISHED_NONLOCAL[spec.name],
    )


_STRIDED = replace(
    facebook_spec(
        "i3d_r50_32x2",
        replace(I3D, stem_stride=(2, 2, 2), stem_pool_stride=(2, 2, 2)),
        2,
        "arXiv:1711.07971, as mmaction2 trains it",
        Published(
            parameters=28_043_472,
            input_size=(32, 256, 256),
            source="the same weights as those of i3d_r50",
        ),
    ),
    normalisation=IMAGENET,
)
"""Shortens time fourfold in its stem, where i3d_r50 takes every eighth frame."""

SPECS = (*_PLAIN, *map(_with_nonlocal, _PLAIN), _STRIDED)
