"""Each network's recipe: the paper's for the full-size ones, measured ones for the small."""

from dataclasses import replace

from kinetics_builder.errors import ModelError
from models.recipes.recipe import Recipe
from models.zoo import network_spec

_TINY = Recipe(
    num_steps=450,
    batch_size=16,
    peak_rate=3e-3,
    optimiser="adamw",
    schedule="one_cycle",
    warmup_share=0.3,
    weight_decay=0.05,
    label_smoothing=0.1,
    dropout=0.2,
    gradient_clip=5.0,
    short_sides=(72, 72),
    flip_probability=0.5,
)

# arXiv:1812.03982, appendix A: 1024 clips, 256 epochs or 60k steps, of which 8k warm up.
_SLOWFAST = Recipe(
    num_steps=60_000,
    batch_size=1024,
    peak_rate=1.6,
    schedule="cosine",
    warmup_share=8 / 60,
    nesterov=True,
    weight_decay=1e-4,
    short_sides=(256, 320),
)
# The same for more than 4 Slow frames: 196 epochs.
_SLOWFAST_8X8 = replace(_SLOWFAST, num_steps=46_000, warmup_share=8 / 46)

# arXiv:1711.07971's released configuration, which starts from pictures (`init_2d`).
_NONLOCAL = Recipe(
    num_steps=400_000,
    batch_size=64,
    peak_rate=0.01,
    schedule="steps",
    milestones=(150 / 400, 300 / 400),
    nesterov=True,
    weight_decay=1e-4,
    short_sides=(256, 320),
)

# PySlowFast's X3D_M.yaml: 300 epochs of 240,000 clips, 35 of which warm up.
_X3D = Recipe(
    num_steps=562_500,
    batch_size=128,
    peak_rate=0.1,
    schedule="cosine",
    warmup_share=35 / 300,
    nesterov=True,
    weight_decay=5e-5,
    short_sides=(256, 320),
)

# arXiv:2103.15691 and its released configuration: 30 epochs, 2.5 of which warm up.
_VIVIT = Recipe(
    num_steps=112_500,
    batch_size=64,
    peak_rate=0.1,
    schedule="cosine",
    warmup_share=2.5 / 30,
    weight_decay=0.0,
    dropout=0.0,
    gradient_clip=1.0,
    short_sides=(256, 320),
)

# PySlowFast's AVA/SLOWFAST_32x2_R50_SHORT.yaml: 20 epochs of 211,000 key frames, 5 of which
# warm up. The paper's own 14k steps, with the same weight decay, were on 128 GPUs.
_DETECTOR = Recipe(
    num_steps=66_000,
    batch_size=64,
    peak_rate=0.1,
    schedule="steps",
    milestones=(10 / 20, 15 / 20),
    warmup_share=5 / 20,
    nesterov=True,
    weight_decay=1e-7,
    short_sides=(256, 320),
)

# TensorFlow's faster_rcnn_resnet101_ava_v2.1.config: 1.5M steps of one picture at 0.0003, a tenth
# from 1.2M on, gradients cut to 10; here 16 pictures a step, as many pictures in all, the rate in
# proportion. That configuration mirrors nothing. Of AVA's I3D the paper says no more.
_FASTER_RCNN = Recipe(
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
)

# arXiv:1807.10066: 500k steps of 3 clips on each of 10 GPUs, cuts and mirror images. The rate is
# that of its successor, arXiv:1812.02707: 0.1 falling by half a cosine, 1k steps to warm up.
_I3D_BETTER = Recipe(
    num_steps=500_000,
    batch_size=30,
    peak_rate=0.1,
    schedule="cosine",
    warmup_share=1 / 500,
    weight_decay=1e-7,
    dropout=0.0,
    gradient_clip=10.0,
    short_sides=(400, 500),
)
_TINY_PROPOSING = replace(
    _TINY,
    num_steps=400,
    batch_size=8,
    label_smoothing=0.0,
    short_sides=(96, 112),
)

RECIPES = {
    # arXiv:1705.07750 and the released README: 64 replicas x 6 clips, 115k steps.
    "i3d_rgb": Recipe(
        num_steps=115_000,
        batch_size=384,
        peak_rate=0.1,
        schedule="steps",
        milestones=(97 / 115, 108 / 115),
        weight_decay=1e-7,
        decay_norms=True,
        short_sides=(256, 256),
    ),
    "c2d_r50": _NONLOCAL,
    "c2d_r50+nl": _NONLOCAL,
    "i3d_r50": _NONLOCAL,
    "i3d_r50+nl": _NONLOCAL,
    "slow_r50_4x16": _SLOWFAST,
    "slow_r50_8x8": _SLOWFAST_8X8,
    "slowfast_r50_4x16": _SLOWFAST,
    "slowfast_r50_8x8": _SLOWFAST_8X8,
    "slowfast_r101_8x8": replace(_SLOWFAST_8X8, short_sides=(256, 340)),
    # The range of the short side is to the crop as X3D-M's.
    "x3d_xs": replace(_X3D, short_sides=(182, 228)),
    "x3d_s": replace(_X3D, short_sides=(182, 228)),
    "x3d_m": _X3D,
    "x3d_l": replace(_X3D, short_sides=(356, 446)),
    "vivit_b_16x2": _VIVIT,
    "vivit_b_16x2_fe": _VIVIT,
    "i3d_tiny": _TINY,
    "faster_rcnn_r101_det": _FASTER_RCNN,
    "i3d_rgb_det": replace(_FASTER_RCNN, short_sides=(320, 320)),
    "i3d_two_stream_det": replace(_FASTER_RCNN, short_sides=(320, 320)),
    "i3d_better_det": _I3D_BETTER,
    "faster_rcnn_tiny_det": _TINY_PROPOSING,
    "i3d_rgb_tiny_det": _TINY_PROPOSING,
    "i3d_better_tiny_det": _TINY_PROPOSING,
    "slow_r50_4x16_det": _DETECTOR,
    "slow_r50_8x8_det": _DETECTOR,
    "slowfast_r50_4x16_det": _DETECTOR,
    "slowfast_r50_8x8_det": _DETECTOR,
    "slowfast_r101_8x8+nl_det": _DETECTOR,
    "slowfast_r101_16x8+nl_det": _DETECTOR,
    # A clip teaches as many boxes as it has people: fewer clips do.
    "slowfast_tiny_det": replace(
        _TINY, num_steps=400, batch_size=8, label_smoothing=0.0, short_sides=(96, 112)
    ),
    "slowfast_tiny": replace(_TINY, num_steps=600, peak_rate=5e-3),
}


def default_recipe(name: str) -> Recipe:
    """Return the recipe of the network `name`."""
    network_spec(name)
    if name not in RECIPES:
        raise ModelError(
            f"{name} has no recipe of its own; those of {', '.join(sorted(RECIPES))} are known. "
            f'Write one: a FILE.toml with base = "{name}" and a table [recipe].'
        )
    return RECIPES[name]
