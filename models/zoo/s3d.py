"""S3D and S3D-G (arXiv:1712.04851), in torchvision's form."""

from models.backbones.s3d import S3DConfig
from models.heads.config import HeadConfig
from models.spec import UNIT_RANGE, NetworkSpec, Published, Sampling, Views

_HEAD = HeadConfig(kind="time_logits", dropout=0.2)
_SAMPLING = Sampling(num_frames=64, step_seconds=1 / 25, crop_size=224, short_side=256)
_VIEWS = Views(num_frames=250)

SPECS = (
    NetworkSpec(
        name="s3d",
        backbone=S3DConfig(),
        head=_HEAD,
        sampling=_SAMPLING,
        views=_VIEWS,
        normalisation=UNIT_RANGE,
        source="arXiv:1712.04851; a test sees 250 frames at once",
        published=Published(
            parameters=8_320_048,
            multiply_adds=66.4e9,
            input_size=(64, 224, 224),
            source="parameters: torchvision; multiply-adds: arXiv:1812.03982, table 2",
            note="torchvision's form, kept here, has 71.9 G; the paper states 66.4 G",
        ),
    ),
    NetworkSpec(
        name="s3d_g",
        backbone=S3DConfig(gated=True),
        head=_HEAD,
        sampling=_SAMPLING,
        views=_VIEWS,
        normalisation=UNIT_RANGE,
        source="arXiv:1712.04851; a gate after every convolution over time",
    ),
)
