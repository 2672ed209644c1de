"""ViViT and MViT."""

from models.recipes.recipe import Recipe
from models.recipes.sourced import KINETICS_400, SourcedRecipe, chosen, read, recalled

_SCENIC = "google-research/scenic, projects/vivit/configs/kinetics400/vivit_base_k400.py"
_SCENIC_FE = _SCENIC.replace("_k400.py", "_factorised_encoder.py")
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
        short_sides=(0.9 * 256, 1.33 * 256),
        colour_jitter=0.8,
        grey=0.1,
    ),
    KINETICS_400,
    read(
        _SCENIC,
        *("num_steps", "batch_size", "peak_rate", "schedule", "warmup_share", "weight_decay"),
        *("gradient_clip", "optimiser", "dropout", "label_smoothing", "short_sides"),
        *("colour_jitter", "grey"),
    ),
    recalled("its code's default", "momentum"),
    recalled("arXiv:2103.15691, appendix", "flip_probability"),
    chosen("the paper starts from pictures: --init-2d", "init_2d"),
)
_VIVIT_FE = _VIVIT.but(
    read(_SCENIC_FE, "num_steps", "batch_size", "peak_rate", "schedule", "warmup_share"),
    peak_rate=0.05,
)
# 256 clips and two stretches of each; the configuration states 16 clips at 0.0001. A clip passes
# torchvision's 14 operations, of which one does nothing in place of two of the original's.
_MVIT_S = SourcedRecipe.of(
    Recipe(
        num_steps=200 * KINETICS_400 // 256,
        batch_size=512,
        peak_rate=1.6e-3,
        optimiser="adamw",
        schedule="cosine",
        warmup_share=30 / 200,
        warmup_start=0.01,
        cosine_from_warmup=True,
        last_share=0.01,
        weight_decay=0.05,
        label_smoothing=0.1,
        gradient_clip=1.0,
        repeats=2,
        mixup=0.8,
        cutmix=1.0,
        rand_augment=4,
        rand_magnitude=21,
        rand_spread=1.5,
        rand_chance=0.5,
        erasing=0.25,
        short_sides=(256, 320),
        crop_area=(0.08, 1.0),
    ),
    KINETICS_400,
    read("arXiv:2104.11227, appendix: 1.6e-3 at 512", "batch_size", "peak_rate"),
    read(
        _MVIT,
        *("num_steps", "optimiser", "schedule", "warmup_share", "warmup_start", "last_share"),
        *("weight_decay", "label_smoothing", "gradient_clip", "repeats", "mixup", "cutmix"),
        *("dropout", "decay_norms", "rand_augment", "erasing", "crop_area", "cosine_from_warmup"),
    ),
    read("its `rand-m7-n4-mstd0.5-inc1`, of 10", "rand_magnitude", "rand_spread"),
    read("PySlowFast, slowfast/datasets/rand_augment.py", "rand_chance"),
    read("PySlowFast, slowfast/datasets/utils.py", "flip_probability"),
    chosen("cuts have a share of the picture in their place", "short_sides"),
)

RECIPES = {"vivit_b_16x2": _VIVIT, "vivit_b_16x2_fe": _VIVIT_FE, "mvit_v2_s": _MVIT_S}
