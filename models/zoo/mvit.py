"""Multiscale vision transformers (arXiv:2112.01526)."""

from models.backbones.mvit import MViTConfig
from models.heads.config import HeadConfig
from models.spec import FACEBOOK, NetworkSpec, Published, Sampling, Views

SPECS = (
    NetworkSpec(
        name="mvit_v2_s",
        backbone=MViTConfig(),
        head=HeadConfig(kind="pooled"),
        sampling=Sampling(num_frames=16, step_seconds=4 / 30, crop_size=224, short_side=256),
        views=Views(num_clips=5),
        normalisation=FACEBOOK,
        source="arXiv:2112.01526; torchvision's network; a test averages 5 moments",
        published=Published(
            parameters=34_537_744,
            multiply_adds=64.2e9,
            input_size=(16, 224, 224),
            source="torchvision's meta data of MViT_V2_S_Weights.KINETICS400_V1",
        ),
    ),
)
