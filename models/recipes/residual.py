"""Networks of pictures made longer: C2D, I3D-ResNets, non-local blocks, TSN, and two streams."""

from models.recipes.recipe import Recipe
from models.recipes.sourced import KINETICS_400, SourcedRecipe, chosen, read, recalled

_CONFIG = "facebookresearch/video-nonlocal-net, DBG_kinetics_resnet_8gpu_c2d_nonlocal_400k.yaml"
_UCF101 = 9_537
"""Training videos of its first split."""

_NONLOCAL = SourcedRecipe.of(
    Recipe(
        num_steps=400_000,
        batch_size=64,
        peak_rate=0.01,
        schedule="steps",
        milestones=(150 / 400, 300 / 400),
        nesterov=True,
        weight_decay=1e-4,
        norm_clips=8,
        short_sides=(256, 320),
    ),
    KINETICS_400,
    read(
        _CONFIG,
        *("num_steps", "batch_size", "peak_rate", "schedule", "milestones", "nesterov"),
        *("weight_decay", "decay_norms", "dropout", "norm_clips"),
    ),
    read("arXiv:1711.07971, section 4.1", "short_sides", "momentum", "optimiser"),
    chosen("as every recipe of Kinetics", "flip_probability"),
    chosen("the paper starts from pictures: --init-2d", "init_2d"),
)
_TSN = SourcedRecipe.of(
    Recipe(
        num_steps=100 * KINETICS_400 // 256,
        batch_size=256,
        peak_rate=0.01,
        schedule="steps",
        milestones=(40 / 100, 80 / 100),
        weight_decay=1e-4,
        gradient_clip=40.0,
        dropout=0.4,
        short_sides=(256, 341),
    ),
    KINETICS_400,
    recalled(
        "MMAction2, configs/recognition/tsn: 100 epochs on Kinetics-400",
        *("num_steps", "batch_size", "peak_rate", "schedule", "milestones", "weight_decay"),
        *("gradient_clip", "dropout", "momentum", "optimiser", "flip_probability"),
    ),
    chosen("its four scales from 1 to 0.66 of the picture, as a range", "short_sides"),
    chosen("it starts from pictures: --init-2d", "init_2d"),
)
_FUSED = SourcedRecipe.of(
    Recipe(
        num_steps=30_000,
        batch_size=96,
        peak_rate=1e-3,
        schedule="steps",
        milestones=(14 / 30, 20 / 30),
        weight_decay=5e-4,
        dropout=0.8,
        short_sides=(256, 340),
    ),
    _UCF101,
    recalled(
        "arXiv:1604.06573, section 4",
        *("batch_size", "peak_rate", "schedule", "momentum", "weight_decay", "dropout"),
        *("optimiser", "flip_probability"),
    ),
    chosen("it lowers the rate as the validation stands still", "num_steps", "milestones"),
    chosen("a jitter of a quarter, as a range", "short_sides"),
)
_ST_RESNET = _FUSED.but(
    recalled(
        "arXiv:1611.02155, section 4",
        *("batch_size", "peak_rate", "schedule", "weight_decay", "dropout"),
    ),
    batch_size=128,
    peak_rate=0.01,
    weight_decay=1e-4,
    dropout=0.0,
)

RECIPES = {
    "c2d_r50": _NONLOCAL,
    "c2d_r50+nl": _NONLOCAL,
    "i3d_r50": _NONLOCAL,
    "i3d_r50+nl": _NONLOCAL,
    "i3d_r50_32x2": _NONLOCAL,
    "tsn_r50": _TSN,
    "tsn_efficientnet_b4": _TSN.but(
        chosen("as TSN on a ResNet-50; arXiv:2003.13042 was not read on this", "num_steps"),
    ),
    "two_stream_fusion_vgg16": _FUSED,
    "st_resnet_r50": _ST_RESNET,
}
