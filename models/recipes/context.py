"""Detectors that look beyond a person's box."""

from models.recipes.detection import I3D_BETTER
from models.recipes.recipe import Recipe
from models.recipes.sourced import AVA, SourcedRecipe, chosen, read, recalled
from models.recipes.tiny import DETECTOR

_PAPER = "arXiv:1812.02707"
_MMACTION2 = (
    "MMAction2, configs/detection/acrn/"
    "slowfast-acrn_kinetics400-pretrained-r50_8xb8-8x8x1-cosine-10e_ava22-rgb.py"
)
_LFB = "facebookresearch/video-long-term-feature-banks, configs/ava_r50_lfb_nl.yaml"
_TRUNK = chosen("the paper starts from clips: --init", "init_trunk")

# The norms stay as they were in the paper, for a batch of 3 clips lies on each device; here they
# learn. Dropout is that of the layers that look around (`attention_dropout`).
_TRANSFORMER = I3D_BETTER.but(
    recalled(
        _PAPER,
        *("num_steps", "batch_size", "peak_rate", "schedule", "warmup_share", "momentum"),
        *("short_sides", "flip_probability", "optimiser"),
    ),
    chosen("none beside that of the layers that look around", "dropout"),
    _TRUNK,
)
_ACRN = SourcedRecipe.of(
    Recipe(
        num_steps=10 * AVA // 64,
        batch_size=64,
        peak_rate=0.1,
        schedule="cosine",
        warmup_share=2 / 10,
        warmup_start=0.1,
        weight_decay=1e-5,
        gradient_clip=40.0,
        norm_clips=8,
        short_sides=(256, 320),
    ),
    AVA,
    read(
        _MMACTION2,
        *("num_steps", "batch_size", "peak_rate", "schedule", "warmup_share", "warmup_start"),
        *("weight_decay", "gradient_clip", "norm_clips", "short_sides", "dropout"),
        *("momentum", "optimiser", "flip_probability"),
    ),
    _TRUNK,
)

# In the paper the norms stay as they were; here they learn.
_BASELINE = SourcedRecipe.of(
    Recipe(
        num_steps=140_000,
        batch_size=16,
        peak_rate=0.04,
        schedule="steps",
        milestones=(100 / 140, 120 / 140),
        warmup_share=2 / 140,
        warmup_start=0.25,
        nesterov=True,
        weight_decay=1e-6,
        dropout=0.3,
        norm_clips=8,
        short_sides=(256, 320),
    ),
    AVA,
    read(
        _LFB,
        *("num_steps", "batch_size", "peak_rate", "schedule", "milestones", "warmup_share"),
        *("warmup_start", "nesterov", "weight_decay", "decay_norms", "dropout"),
        *("short_sides", "momentum"),
    ),
    recalled("its code", "flip_probability", "optimiser"),
    chosen("there 2 clips lie on each of 8 GPUs, and the norms stay as they were", "norm_clips"),
    _TRUNK,
)
_REMEMBERING = _BASELINE.but(chosen("of the trained network without a memory: --bank", "bank"))

RECIPES = {
    "action_transformer_det": _TRANSFORMER,
    "slowfast_r50_8x8_acrn_det": _ACRN,
    "action_transformer_tiny_det": DETECTOR,
    "i3d_r50_nl_det": _BASELINE,
    "i3d_r50_nl_lfb_det": _REMEMBERING,
    "i3d_r50_nl_lfb_avg_det": _REMEMBERING,
    "i3d_r50_nl_lfb_max_det": _REMEMBERING,
    "slowfast_tiny_acrn_det": DETECTOR,
    "slowfast_tiny_lfb_det": DETECTOR,
}
