"""The five kinds of network that arXiv:1705.07750 compares, and C3D as it was first."""

from models.recipes.recipe import Recipe
from models.recipes.sourced import KINETICS_400, SourcedRecipe, chosen, read, recalled

_PAPER = "arXiv:1705.07750, section 2.5"
_README = "google-deepmind/kinetics-i3d, README.md"
_GPUS = "clips a GPU are not stated; 6 as in the released I3D"

_I3D = SourcedRecipe.of(
    # 64 replicas of 6 clips
    Recipe(
        num_steps=115_000,
        batch_size=384,
        peak_rate=0.1,
        schedule="steps",
        milestones=(97 / 115, 108 / 115),
        weight_decay=1e-7,
        decay_norms=True,
        norm_clips=6,
        short_sides=(256, 256),
    ),
    KINETICS_400,
    read(_PAPER, "momentum", "optimiser", "short_sides", "flip_probability"),
    read(
        _README,
        *("num_steps", "batch_size", "peak_rate", "schedule", "milestones", "weight_decay"),
        *("dropout", "norm_clips"),
    ),
    chosen("a regulariser of all weights, as TensorFlow's loss has it", "decay_norms"),
)
# The rate rises once more to where it began.
_FLOW = _I3D.but(
    read(_README, "factors"),
    num_steps=155_000,
    milestones=(97 / 155, 104.5 / 155, 115 / 155, 140 / 155, 150 / 155),
    factors=(0.1, 0.01, 1.0, 0.1, 0.01),
)
# All five: 110k steps; the rates, and where they fall, are not printed.
_FIVE = _I3D.but(
    read(_PAPER, "num_steps"),
    chosen(f"{_GPUS}; 32 GPUs", "batch_size"),
    chosen(
        "as the released I3D; the paper lowers it when the validation stands still",
        "peak_rate",
        "schedule",
        "milestones",
        "weight_decay",
        "dropout",
    ),
    num_steps=110_000,
    batch_size=192,
    peak_rate=0.05,
    milestones=(93 / 110, 104 / 110),
)
_C3D = SourcedRecipe.of(
    Recipe(
        num_steps=1_900_000,
        batch_size=30,
        peak_rate=0.003,
        schedule="steps",
        milestones=tuple(150_000 * n / 1_900_000 for n in range(1, 13)),
        factors=tuple(0.5**n for n in range(1, 13)),
        weight_decay=5e-4,
        short_sides=(128, 128),
    ),
    1_000_000,
    recalled(
        "arXiv:1412.0767, section 3.2",
        *("num_steps", "batch_size", "peak_rate", "schedule", "milestones", "factors"),
        *("short_sides", "flip_probability", "optimiser"),
    ),
    recalled("the released solver", "momentum", "weight_decay", "dropout"),
)

RECIPES = {
    "i3d_rgb": _I3D,
    "i3d_flow": _FLOW,
    "i3d_two_stream": _I3D.but(
        chosen(
            "the paper trains the streams apart and adds what they say: `i3d_rgb`, `i3d_flow`; "
            "together as `i3d_rgb`",
            "num_steps",
        )
    ),
    "convnet_lstm": _FIVE,
    "two_stream": _FIVE,
    "fused_3d": _FIVE.but(
        chosen(f"{_GPUS}; 64 GPUs for networks in 3-D", "batch_size"),
        batch_size=384,
        peak_rate=0.1,
    ),
    "c3d": _FIVE.but(
        read(
            "arXiv:1705.07750, section 2.2: 15 videos a GPU; section 2.5: 64 GPUs",
            "batch_size",
            "norm_clips",
        ),
        chosen("112 of 128 pixels, as C3D was first", "short_sides"),
        batch_size=960,
        peak_rate=0.1,
        norm_clips=15,
        short_sides=(128, 128),
    ),
    "c3d_sports1m": _C3D,
}
