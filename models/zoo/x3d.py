"""The X3D family (arXiv:2004.04730)."""

from models.backbones.x3d import X3DConfig
from models.heads.config import HeadConfig
from models.layers.conv import Size3
from models.spec import FACEBOOK, NetworkSpec, Published, Sampling, Views

SOURCE = "arXiv:2004.04730, tables 3 and 4; a test averages 10 moments x 3 crops"
NOTE = (
    "PySlowFast, the author's code, normalises the strided shortcut of res2; pytorchvideo does "
    "not (norm_all_shortcuts=False) and has 48 parameters fewer."
)


def _published(parameters: int, multiply_adds: float, input_size: Size3) -> Published:
    return Published(
        parameters=parameters,
        multiply_adds=multiply_adds,
        input_size=input_size,
        source="PySlowFast: its networks counted, and MODEL_ZOO.md for the multiply-adds",
        note=NOTE,
    )


def _spec(
    name: str, backbone: X3DConfig, stride: int, short_side: int, published: Published
) -> NetworkSpec:
    """Return an X3D that sees every `stride`-th frame of a video of 30 frames a second."""
    num_frames, crop_size, _ = published.input_size or (0, 0, 0)
    return NetworkSpec(
        name=name,
        backbone=backbone,
        head=HeadConfig(kind="projected"),
        sampling=Sampling(
            num_frames=num_frames,
            step_seconds=stride / 30,
            crop_size=crop_size,
            short_side=short_side,
        ),
        views=Views(num_clips=10, num_crops=3, crop_size=short_side),
        normalisation=FACEBOOK,
        source=SOURCE,
        published=published,
    )


SPECS = (
    _spec("x3d_xs", X3DConfig(), 12, 182, _published(3_794_322, 0.60e9, (4, 160, 160))),
    _spec("x3d_s", X3DConfig(), 6, 182, _published(3_794_322, 1.96e9, (13, 160, 160))),
    _spec("x3d_m", X3DConfig(), 5, 256, _published(3_794_322, 4.73e9, (16, 224, 224))),
    _spec(
        "x3d_l",
        X3DConfig(depths=(5, 10, 25, 15)),
        5,
        356,
        _published(6_153_432, 18.37e9, (16, 312, 312)),
    ),
)
