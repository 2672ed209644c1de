"""Detectors of actions."""

from models.recipes.recipe import Recipe
from models.recipes.sourced import AVA, SourcedRecipe, chosen, read, recalled

_SHORT = "PySlowFast, configs/AVA/SLOWFAST_32x2_R50_SHORT.yaml"
_TF = "TensorFlow's faster_rcnn_resnet101_ava_v2.1.config"
_BETTER = "arXiv:1807.10066"
_NAMES = (
    *("num_steps", "batch_size", "peak_rate", "schedule", "milestones", "warmup_share"),
    *("nesterov", "weight_decay", "dropout", "short_sides", "momentum", "optimiser"),
)

# 20 epochs, 5 of which warm up. The paper's own 14k steps, with the same weight decay, were on
# 128 GPUs.
_DETECTOR = SourcedRecipe.of(
    Recipe(
        num_steps=66_000,
        batch_size=64,
        peak_rate=0.1,
        schedule="steps",
        milestones=(10 / 20, 15 / 20),
        warmup_share=5 / 20,
        warmup_start=0.00125,
        nesterov=True,
        weight_decay=1e-7,
        norm_clips=8,
        short_sides=(256, 320),
    ),
    AVA,
    read(_SHORT, *_NAMES, "warmup_start"),
    chosen("its 64 clips lay on 8 GPUs", "norm_clips"),
    chosen("as PySlowFast's clips", "flip_probability"),
    chosen("the paper starts from clips: --init", "init_trunk"),
)
# 1.5M steps of one picture at 0.0003, a tenth from 1.2M on, gradients cut to 10; here 16 pictures
# a step, as many pictures in all, the rate in proportion. That configuration mirrors nothing.
_FASTER_RCNN = SourcedRecipe.of(
    Recipe(
        num_steps=93_750,
        batch_size=16,
        peak_rate=0.0048,
        schedule="steps",
        milestones=(12 / 15,),
        weight_decay=0.0,
        dropout=0.0,
        gradient_clip=10.0,
        short_sides=(600, 600),
        flip_probability=0.0,
    ),
    AVA,
    read(
        _TF,
        *("num_steps", "peak_rate", "schedule", "milestones", "weight_decay", "dropout"),
        *("gradient_clip", "short_sides", "flip_probability", "momentum", "optimiser"),
    ),
    chosen("it takes one picture a step; as many pictures in all", "batch_size"),
)
_LIKE_IT = chosen(
    "of AVA's I3D the paper says no more: as its Faster R-CNN",
    "num_steps",
    "batch_size",
    "peak_rate",
)
_I3D = _FASTER_RCNN.but(_LIKE_IT, short_sides=(320, 320))
# 500k steps of 3 clips on each of 10 GPUs, cuts and mirror images. The rate is that of its
# successor: 0.1 falling by half a cosine, 1k steps to warm up.
I3D_BETTER = SourcedRecipe.of(
    Recipe(
        num_steps=500_000,
        batch_size=30,
        peak_rate=0.1,
        schedule="cosine",
        warmup_share=1 / 500,
        weight_decay=1e-7,
        dropout=0.0,
        gradient_clip=10.0,
        short_sides=(400, 500),
    ),
    AVA,
    recalled(_BETTER, "num_steps", "batch_size", "short_sides", "flip_probability"),
    recalled("arXiv:1812.02707", "peak_rate", "schedule", "warmup_share", "optimiser", "momentum"),
    chosen("as the first baseline's", "gradient_clip", "dropout"),
    chosen("as the released I3D", "weight_decay"),
)

RECIPES = {
    "faster_rcnn_r101_det": _FASTER_RCNN,
    "i3d_rgb_det": _I3D,
    "i3d_two_stream_det": _I3D,
    "i3d_better_det": I3D_BETTER,
    "slow_r50_4x16_det": _DETECTOR,
    "slow_r50_8x8_det": _DETECTOR,
    "slowfast_r50_4x16_det": _DETECTOR,
    "slowfast_r50_8x8_det": _DETECTOR,
    "slowfast_r101_8x8+nl_det": _DETECTOR,
    "slowfast_r101_16x8+nl_det": _DETECTOR,
}
