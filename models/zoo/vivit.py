"""ViViT (arXiv:2103.15691)."""

from models.backbones.vivit import ViViTConfig
from models.heads.config import HeadConfig
from models.spec import UNIT_RANGE, NetworkSpec, Published, Sampling, Views


def _spec(
    name: str, backbone: ViViTConfig, parameters: int, multiply_adds: float, source: str
) -> NetworkSpec:
    """Return a ViViT that sees every second of 64 frames."""
    return NetworkSpec(
        name=name,
        backbone=backbone,
        head=HeadConfig(kind="pooled", dropout=0.0),
        sampling=Sampling(num_frames=32, step_seconds=2 / 25, crop_size=224, short_side=256),
        views=Views(num_clips=4, num_crops=3),
        normalisation=UNIT_RANGE,
        source=source,
        published=Published(
            parameters=parameters,
            multiply_adds=multiply_adds,
            input_size=(32, 224, 224),
            source="arXiv:2103.15691, table 2",
            note="The paper rounds parameters to 0.1 million.",
        ),
    )


SPECS = (
    _spec(
        "vivit_b_16x2",
        ViViTConfig(),
        88_900_000,
        455.2e9,
        "arXiv:2103.15691, model 1 (spatio-temporal attention); a test averages 12 views",
    ),
    _spec(
        "vivit_b_16x2_fe",
        ViViTConfig(time_depth=4),
        115_100_000,
        284.4e9,
        "arXiv:2103.15691, model 2 (factorised encoder); a test averages 12 views",
    ),
)
