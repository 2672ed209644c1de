"""Detectors that look beyond a person's box: at the whole clip, and at the film around it."""

from dataclasses import replace

from models.backbones.region_i3d import MIXED_4F, RegionI3DConfig
from models.heads.config import HeadConfig
from models.spec import FACEBOOK, UNIT_RANGE, NetworkSpec, Published, Sampling, Views
from models.zoo import slowfast, tiny
from models.zoo.detection import NUM_ACTIONS, SQUARES, TINY_HEAD, counted, dilated

TRANSFORMER = "arXiv:1812.02707"
ACRN = "arXiv:1807.10982"

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
        sampling=Sampling(num_frames=16, step_seconds=0.16, crop_size=96, short_side=96),
        views=Views(),
        normalisation=UNIT_RANGE,
        source=f"{TRANSFORMER}, made small for one CPU core",
        published=Published(num_classes=NUM_ACTIONS),
    ),
    NetworkSpec(
        name="slowfast_tiny_acrn_det",
        backbone=dilated(tiny.SLOWFAST),
        head=HeadConfig(kind="related", dropout=0.2),
        sampling=Sampling(num_frames=16, step_seconds=0.16, crop_size=96, short_side=96),
        views=Views(),
        normalisation=FACEBOOK,
        source=f"{ACRN}, made small for one CPU core",
        published=Published(num_classes=NUM_ACTIONS),
    ),
)
