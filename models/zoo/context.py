"""Detectors that look beyond a person's box: at the whole clip, and at the film around it."""

from dataclasses import replace

from models.backbones.region_i3d import MIXED_4F, RegionI3DConfig
from models.backbones.slowfast import SlowFastConfig
from models.heads.config import HeadConfig
from models.spec import FACEBOOK, UNIT_RANGE, NetworkSpec, Published, Sampling, Views
from models.zoo import resnets, slowfast, tiny
from models.zoo.detection import NUM_ACTIONS, SQUARES, TINY_HEAD, counted, dilated

TRANSFORMER = "arXiv:1812.02707"
ACRN = "arXiv:1807.10982"
BANKS = "arXiv:1812.05038"
_TINY_SEEN = 16 * 8 * 2 + 8 * 8 * 2
"""Channels that leave both pathways of the small SlowFast."""
_TINY_SAMPLING = Sampling(num_frames=16, step_seconds=0.16, crop_size=96, short_side=96)
_I3D_NONLOCAL = dilated(replace(resnets.I3D, nonlocal_blocks=resnets.NONLOCAL))
_REMEMBERING = HeadConfig(
    kind="remembering",
    dropout=0.3,
    attention_width=512,
    num_attention_layers=2,
    attention_dropout=0.2,
)


def _bank_spec(name: str, head: HeadConfig) -> NetworkSpec:
    """Return the trunk of the paper's ResNet-50 with `head`."""
    return NetworkSpec(
        name=name,
        backbone=_I3D_NONLOCAL,
        head=head,
        sampling=Sampling(num_frames=32, step_seconds=2 / 30, crop_size=224, short_side=256),
        views=Views(),
        normalisation=FACEBOOK,
        source=f"{BANKS}; a test looks at whole pictures once",
        published=Published(
            input_size=(32, 224, 224),
            num_classes=NUM_ACTIONS,
            note="the paper publishes no counts; a full memory is counted",
        ),
    )


def _tiny_told(name: str, backbone: SlowFastConfig, head: HeadConfig, paper: str) -> NetworkSpec:
    return NetworkSpec(
        name=name,
        backbone=backbone,
        head=head,
        sampling=_TINY_SAMPLING,
        views=Views(),
        normalisation=FACEBOOK,
        source=f"{paper}, made small for one CPU core",
        published=Published(num_classes=NUM_ACTIONS),
    )


SPECS = (
    NetworkSpec(
        name="action_transformer_det",
        backbone=RegionI3DConfig(num_blocks=MIXED_4F, has_rest=False),
        head=HeadConfig(kind="attending", dropout=0.0),
        sampling=Sampling(num_frames=64, step_seconds=1 / 25, crop_size=400, short_side=400),
        views=Views(),
        normalisation=UNIT_RANGE,
        source=f"{TRANSFORMER}; {SQUARES}",
        published=counted(64, 400, 400),
    ),
    NetworkSpec(
        name="slowfast_r50_8x8_acrn_det",
        backbone=dilated(slowfast.R50_8X8),
        head=HeadConfig(kind="related"),
        sampling=Sampling(num_frames=32, step_seconds=2 / 30, crop_size=256, short_side=256),
        views=Views(),
        normalisation=FACEBOOK,
        source=f"{ACRN}, on the trunk that MMAction2 gives it; a test looks at whole pictures once",
        published=Published(
            input_size=(32, 256, 256),
            num_classes=NUM_ACTIONS,
            note="multiply-adds: of one person; MMAction2 publishes no counts",
        ),
    ),
    NetworkSpec(
        name="action_transformer_tiny_det",
        backbone=RegionI3DConfig(i3d=tiny.I3D, num_blocks=1, has_rest=False),
        head=replace(
            TINY_HEAD,
            kind="attending",
            attention_width=32,
            num_attention_layers=2,
            attention_dropout=0.1,
        ),
        sampling=_TINY_SAMPLING,
        views=Views(),
        normalisation=UNIT_RANGE,
        source=f"{TRANSFORMER}, made small for one CPU core",
        published=Published(num_classes=NUM_ACTIONS),
    ),
    _bank_spec("i3d_r50_nl_det", HeadConfig(kind="regions", dropout=0.3)),
    _bank_spec("i3d_r50_nl_lfb_det", _REMEMBERING),
    _bank_spec("i3d_r50_nl_lfb_avg_det", replace(_REMEMBERING, recall="average")),
    _bank_spec("i3d_r50_nl_lfb_max_det", replace(_REMEMBERING, recall="greatest")),
    _tiny_told(
        "slowfast_tiny_acrn_det",
        dilated(tiny.SLOWFAST),
        HeadConfig(kind="related", dropout=0.2),
        ACRN,
    ),
    _tiny_told(
        "slowfast_tiny_lfb_det",
        dilated(tiny.SLOWFAST),
        replace(
            _REMEMBERING,
            dropout=0.2,
            attention_width=64,
            memory_width=_TINY_SEEN,
            memory_seconds=12,
        ),
        BANKS,
    ),
)
