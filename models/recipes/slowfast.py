"""SlowFast and its pathways (arXiv:1812.03982), and what its code trains by the same recipe."""

from models.recipes.recipe import Recipe
from models.recipes.sourced import KINETICS_400, SourcedRecipe, chosen, read

_PAPER = "arXiv:1812.03982, appendix A"
_CODE = "PySlowFast, configs/Kinetics/SLOWFAST_8x8_R50.yaml"

SLOWFAST = SourcedRecipe.of(
    Recipe(
        num_steps=60_000,
        batch_size=1024,
        peak_rate=1.6,
        schedule="cosine",
        warmup_share=8 / 60,
        warmup_start=0.1,
        nesterov=True,
        weight_decay=1e-4,
        norm_clips=8,
        precise_norm_clips=200 * 64,
        short_sides=(256, 320),
    ),
    KINETICS_400,
    read(
        _PAPER,
        *("num_steps", "batch_size", "peak_rate", "schedule", "warmup_share", "momentum"),
        *("weight_decay", "dropout", "short_sides", "flip_probability", "norm_clips", "optimiser"),
    ),
    read(_CODE, "nesterov", "decay_norms", "precise_norm_clips", "warmup_start"),
)
"""Of up to 4 Slow frames: 256 epochs, 8k steps to warm up."""
SLOWFAST_8X8 = SLOWFAST.but(num_steps=46_000, warmup_share=8 / 46)
"""Of more: 196 epochs."""
_R101 = SLOWFAST_8X8.but(short_sides=(256, 340))
_AFTER_8X8 = _R101.but(
    chosen("half of 8x8's, whose weights it starts from (appendix A): --init", "num_steps"),
    num_steps=23_000,
    warmup_share=8 / 46,
)
_NONLOCAL = chosen(
    "the paper starts from the network without the blocks (appendix A): --init", "init_trunk"
)

RECIPES = {
    "slow_r50_4x16": SLOWFAST,
    "slow_r50_8x8": SLOWFAST_8X8,
    "slow_r50_4x16+nl": SLOWFAST.but(_NONLOCAL),
    "slow_r50_8x8+nl": SLOWFAST_8X8.but(_NONLOCAL),
    "fast_r50": SLOWFAST,
    "slowfast_r50_4x16": SLOWFAST,
    "slowfast_r50_4x16+nl": SLOWFAST.but(_NONLOCAL),
    "slowfast_r50_8x8": SLOWFAST_8X8,
    "slowfast_r50_8x8+nl": SLOWFAST_8X8.but(_NONLOCAL),
    "slowfast_r101_8x8": _R101,
    "slowfast_r101_8x8+nl": _R101.but(_NONLOCAL),
    "slowfast_r101_16x8": _AFTER_8X8,
    "slowfast_r101_16x8+nl": _AFTER_8X8.but(_NONLOCAL),
}


def by_the_code(config: str) -> SourcedRecipe:
    """Return the same as PySlowFast has it for one machine: 64 clips, 34 of 196 epochs."""
    names = (
        *("num_steps", "batch_size", "peak_rate", "schedule", "warmup_share", "warmup_start"),
        *("momentum", "weight_decay", "dropout", "short_sides", "precise_norm_clips", "optimiser"),
    )
    return SLOWFAST.but(
        read(f"PySlowFast, configs/Kinetics/{config}", *names),
        read("PySlowFast, its defaults", "nesterov", "decay_norms", "flip_probability"),
        chosen("its 64 clips lay on 8 GPUs", "norm_clips"),
        num_steps=196 * KINETICS_400 // 64,
        batch_size=64,
        peak_rate=0.1,
        warmup_share=34 / 196,
    )
