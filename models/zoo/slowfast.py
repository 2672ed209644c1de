"""The SlowFast family (arXiv:1812.03982): two pathways, the Fast one light."""

from dataclasses import replace

from models.backbones.registry import BackboneConfig
from models.backbones.resnet import ResNetConfig
from models.backbones.slowfast import SlowFastConfig
from models.heads.config import HeadConfig
from models.spec import FACEBOOK, NetworkSpec, Published, Sampling, Views

PAPER = "arXiv:1812.03982"
FAST = ResNetConfig(width=8, stem_kernel=(5, 7, 7), time_kernels=((3,), (3,), (3,), (3,)))
"""The Fast pathway alone."""
R50_4X16 = SlowFastConfig()
R50_8X8 = SlowFastConfig(alpha=4, fusion_kernel=7)
"""The paper's text has a lateral kernel of 5; its 65.7 G and the released network have 7."""
R101 = SlowFastConfig(depths=(3, 4, 23, 3), alpha=4, temporal_blocks=(3, 4, 6, 3))
"""As released ("R101_50_50"): where a ResNet-50 would end, res4 stops looking along time."""
R101_NONLOCAL = replace(R101, nonlocal_blocks=((), (), (6, 13, 20), ()), nonlocal_pool=(2, 2, 2))
"""The paper's 234 G hold with a pool of 2x2x2; with 1x2x2 it would be 242 G."""
EVERY_OTHER = ((), (1, 3), (1, 3, 5), ())
"""Non-local blocks in res3 and res4, as a ResNet-50 has them (arXiv:1711.07971, section 4)."""


def _spec(
    name: str, backbone: BackboneConfig, num_frames: int, published: Published
) -> NetworkSpec:
    """Return a network whose Fast pathway sees every other of 30 frames a second."""
    return NetworkSpec(
        name=name,
        backbone=backbone,
        head=HeadConfig(kind="pooled"),
        sampling=Sampling(
            num_frames=num_frames, step_seconds=2 / 30, crop_size=224, short_side=256
        ),
        views=Views(num_clips=10, num_crops=3, crop_size=256),
        normalisation=FACEBOOK,
        source=f"{PAPER}, table 1; a test averages 10 moments x 3 crops",
        published=replace(published, input_size=(num_frames, 256, 256)),
    )


SPECS = (
    _spec(
        "fast_r50",
        FAST,
        32,
        Published(
            parameters=530_000,
            multiply_adds=6.4e9,
            source=f"{PAPER}, table 5a",
            note="The table contradicts itself: 34.2 G without fusion less 27.3 G of the Slow "
            "pathway leave 6.9 G, as counted. Table 1 gives 616,952 parameters.",
        ),
    ),
    _spec(
        "slowfast_r50_4x16",
        R50_4X16,
        32,
        Published(parameters=34_480_216, multiply_adds=36.1e9, source=f"{PAPER}, table 2"),
    ),
    _spec(
        "slowfast_r50_4x16+nl",
        replace(R50_4X16, nonlocal_blocks=EVERY_OTHER),
        32,
        Published(
            parameters=41_838_680,
            multiply_adds=48.16e9,
            source="PySlowFast's SLOWFAST_NLN_4x16_R50, counted by fvcore",
            note="fvcore counts normalisation as well.",
        ),
    ),
    _spec(
        "slowfast_r50_8x8",
        R50_8X8,
        32,
        Published(parameters=34_566_488, multiply_adds=65.7e9, source=f"{PAPER}, table 2"),
    ),
    _spec(
        "slowfast_r50_8x8+nl",
        replace(R50_8X8, nonlocal_blocks=EVERY_OTHER),
        32,
        Published(note="The paper has no such network; PySlowFast configures one."),
    ),
    _spec(
        "slowfast_r101_8x8",
        R101,
        32,
        Published(parameters=53_774_808, multiply_adds=106e9, source=f"{PAPER}, table 2"),
    ),
    _spec(
        "slowfast_r101_8x8+nl",
        R101_NONLOCAL,
        32,
        Published(
            parameters=60_080_088,
            source="PySlowFast's AVA networks, with a classifier of 400",
        ),
    ),
    _spec(
        "slowfast_r101_16x8",
        R101,
        64,
        Published(parameters=53_774_808, multiply_adds=213e9, source=f"{PAPER}, table 2"),
    ),
    _spec(
        "slowfast_r101_16x8+nl",
        R101_NONLOCAL,
        64,
        Published(parameters=60_080_088, multiply_adds=234e9, source=f"{PAPER}, table 2"),
    ),
)
