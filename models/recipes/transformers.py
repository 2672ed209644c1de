"""ViViT and MViT."""

from models.recipes.recipe import Recipe
from models.recipes.sourced import KINETICS_400, SourcedRecipe, chosen, read, recalled

_SCENIC = "arXiv:2103.15691 and scenic's configuration of Kinetics-400"
_MVIT = "PySlowFast, configs/Kinetics/MVITv2_S_16x4.yaml"

_VIVIT = SourcedRecipe.of(
    Recipe(
        num_steps=30 * KINETICS_400 // 64,
        batch_size=64,
        peak_rate=0.1,
        schedule="cosine",
        warmup_share=2.5 / 30,
        weight_decay=0.0,
        dropout=0.0,
        gradient_clip=1.0,
        short_sides=(256, 320),
    ),
    KINETICS_400,
    read(
        _SCENIC,
        *("num_steps", "batch_size", "peak_rate", "schedule", "warmup_share", "momentum"),
        *("weight_decay", "gradient_clip", "optimiser"),
    ),
    chosen("as PySlowFast's", "short_sides", "flip_probability"),
    chosen("its classifier has none", "dropout"),
    chosen("the paper starts from pictures: --init-2d", "init_2d"),
)
# 256 clips and two stretches of each; the configuration states 16 clips at 0.0001.
_MVIT_S = SourcedRecipe.of(
    Recipe(
        num_steps=200 * KINETICS_400 // 256,
        batch_size=512,
        peak_rate=1.6e-3,
        optimiser="adamw",
        schedule="cosine",
        warmup_share=30 / 200,
        warmup_start=0.01,
        last_share=0.01,
        weight_decay=0.05,
        label_smoothing=0.1,
        gradient_clip=1.0,
        repeats=2,
        mixup=0.8,
        cutmix=1.0,
        rand_augment=4,
        rand_magnitude=21,
        rand_chance=0.5,
        erasing=0.25,
        short_sides=(256, 320),
    ),
    KINETICS_400,
    read("arXiv:2104.11227, appendix: 1.6e-3 at 512", "batch_size", "peak_rate"),
    read(
        _MVIT,
        *("num_steps", "optimiser", "schedule", "warmup_share", "warmup_start", "last_share"),
        *("weight_decay", "label_smoothing", "gradient_clip", "repeats", "mixup", "cutmix"),
        *("dropout", "decay_norms", "rand_augment", "erasing"),
    ),
    read("its level 7 of 10", "rand_magnitude"),
    recalled(
        "timm's default for `rand-m7-n4-mstd0.5-inc1`; its spread of 0.5 is not drawn",
        "rand_chance",
    ),
    chosen(
        "its crops of 8 to 100 % of the picture are not done here",
        *("short_sides", "flip_probability"),
    ),
)

RECIPES = {"vivit_b_16x2": _VIVIT, "vivit_b_16x2_fe": _VIVIT, "mvit_v2_s": _MVIT_S}
