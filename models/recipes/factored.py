"""Networks whose convolutions are taken apart: R(2+1)D, S3D, CSN, X3D."""

from models.recipes.recipe import Recipe
from models.recipes.slowfast import by_the_code
from models.recipes.sourced import KINETICS_400, SourcedRecipe, chosen, read, recalled

_REFERENCE = "torchvision, references/video_classification/README.md"
_S3D_PAPER = "arXiv:1712.04851, section 3"

# Five clips of each video make an epoch of 1.2 million.
_R2PLUS1D = SourcedRecipe.of(
    Recipe(
        num_steps=45 * 5 * KINETICS_400 // (64 * 24),
        batch_size=64 * 24,
        peak_rate=0.64,
        schedule="steps",
        milestones=(20 / 45, 30 / 45, 40 / 45),
        warmup_share=10 / 45,
        weight_decay=1e-4,
        decay_norms=True,
        norm_clips=24,
        dropout=0.0,
        short_sides=(128, 128),
    ),
    KINETICS_400,
    read(
        _REFERENCE,
        *("num_steps", "batch_size", "peak_rate", "schedule", "milestones", "warmup_share"),
        *("weight_decay", "norm_clips", "short_sides", "optimiser", "momentum"),
    ),
    chosen("its loop gives all parameters to the optimiser alike", "decay_norms"),
    chosen("its network has none", "dropout"),
    recalled(_REFERENCE, "flip_probability"),
)
_S3D = SourcedRecipe.of(
    Recipe(
        num_steps=110_000,
        batch_size=336,
        peak_rate=0.1,
        schedule="steps",
        milestones=(80 / 110, 100 / 110),
        weight_decay=1e-7,
        norm_clips=6,
        short_sides=(256, 256),
    ),
    KINETICS_400,
    recalled(
        _S3D_PAPER,
        *("batch_size", "peak_rate", "schedule", "momentum", "optimiser", "short_sides"),
        *("flip_probability", "norm_clips"),
    ),
    chosen(
        "as the released I3D, whose shape it has",
        "num_steps",
        "milestones",
        "weight_decay",
        "dropout",
    ),
)
_X3D = by_the_code("X3D_M.yaml").but(
    num_steps=300 * KINETICS_400 // 128,
    batch_size=128,
    warmup_share=35 / 300,
    weight_decay=5e-5,
    norm_clips=16,
    precise_norm_clips=200 * 128,
)
_X3D_L = _X3D.but(
    read(
        "PySlowFast, configs/Kinetics/X3D_L.yaml",
        *("num_steps", "batch_size", "peak_rate", "warmup_share", "short_sides"),
    ),
    num_steps=256 * KINETICS_400 // 64,
    batch_size=64,
    peak_rate=0.05,
    warmup_share=35 / 256,
    warmup_start=0.2,
    norm_clips=8,
    precise_norm_clips=200 * 64,
    short_sides=(356, 446),
)
_SMALL_SIDES = read("PySlowFast, configs/Kinetics/X3D_XS.yaml", "short_sides")
_CSN = by_the_code("pytorchvideo/CSN_32x2_R101.yaml")
_CSN_152 = _CSN.but(chosen("as pytorchvideo's CSN of 101 layers", "num_steps", "batch_size"))

RECIPES = {
    "r2plus1d_18": _R2PLUS1D,
    "r2plus1d_34": _R2PLUS1D.but(chosen("as the one of 18 layers", "num_steps", "batch_size")),
    "r2plus1d_r50": by_the_code("pytorchvideo/R2PLUS1D_16x4_R50.yaml"),
    "s3d": _S3D,
    "s3d_g": _S3D,
    "ir_csn_101": _CSN,
    "ir_csn_152": _CSN_152,
    "ip_csn_152": _CSN_152,
    "x3d_xs": _X3D.but(_SMALL_SIDES, short_sides=(182, 228)),
    "x3d_s": _X3D.but(_SMALL_SIDES, short_sides=(182, 228)),
    "x3d_m": _X3D,
    "x3d_l": _X3D_L,
}
