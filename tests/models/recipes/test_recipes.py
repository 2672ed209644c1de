"""Recipes: each network of the zoo has one, and each value says where it stands."""

from dataclasses import fields, replace

import pytest

from kinetics_builder.errors import ModelError
from models.recipes.recipe import Recipe
from models.recipes.registry import SOURCED, default_recipe, sourced_recipe
from models.recipes.schedule import rate_at
from models.recipes.sourced import Standing
from models.zoo import SPECS

CORE = {
    *("num_steps", "batch_size", "peak_rate", "schedule", "optimiser", "momentum"),
    *("weight_decay", "dropout", "short_sides", "flip_probability"),
}


def test_every_network_has_a_recipe_that_fits_it() -> None:
    assert set(SOURCED) == set(SPECS)
    for name, sourced in SOURCED.items():
        assert sourced.recipe.short_sides[0] >= SPECS[name].sampling.crop_size, name


@pytest.mark.parametrize("name", sorted(SOURCED))
def test_every_value_says_where_it_stands(name: str) -> None:
    sourced, known = sourced_recipe(name), {field.name for field in fields(Recipe)}
    assert set(sourced.sources) <= known
    shown = {key: source for key, _, source in sourced.values()}
    unsaid = {key for key in CORE - shown.keys() if getattr(sourced.recipe, key)}
    if sourced.recipe.optimiser == "adamw":
        unsaid -= {"momentum"}
    assert not unsaid
    assert all(source.where for source in shown.values())
    silent = [key for key, one in shown.items() if one.where == "nothing is said of it"]
    assert not silent


def test_what_is_read_is_more_than_what_is_remembered() -> None:
    standings = [source.standing for one in SOURCED.values() for source in one.sources.values()]
    counts = {standing: standings.count(standing) for standing in Standing}
    assert counts[Standing.READ] > counts[Standing.RECALLED] + counts[Standing.CHOSEN]
    assert all(counts.values())


@pytest.mark.parametrize(
    ("name", "epochs"),
    [
        ("slowfast_r50_4x16", 256),
        ("slowfast_r50_8x8", 196),
        ("slowfast_r101_16x8", 98),
        ("x3d_m", 300),
        ("x3d_l", 256),
        ("vivit_b_16x2", 30),
        ("mvit_v2_s", 200),
        ("r2plus1d_18", 225),  # 45 of five clips a video
        ("slowfast_r50_8x8_det", 20),
    ],
)
def test_steps_are_the_epochs_that_are_stated(name: str, epochs: float) -> None:
    assert sourced_recipe(name).num_epochs == pytest.approx(epochs, rel=0.005)


def test_the_papers_rates() -> None:
    slowfast, i3d = default_recipe("slowfast_r50_4x16"), default_recipe("i3d_rgb")
    assert rate_at(slowfast, 30_000) == pytest.approx(0.8)
    assert [rate_at(i3d, step) for step in (0, 96_999, 97_000, 108_000)] == pytest.approx(
        [0.1, 0.1, 0.01, 0.001]
    )
    tiny = default_recipe("i3d_tiny")
    rates = [rate_at(tiny, step) for step in range(tiny.num_steps)]
    assert max(rates) == pytest.approx(tiny.peak_rate, rel=1e-3)
    assert rates[0] == pytest.approx(tiny.peak_rate / 25) and rates[-1] < tiny.peak_rate / 1000


def test_the_rate_warms_up_to_where_the_schedule_is_by_then() -> None:
    """PySlowFast, slowfast/utils/lr_policy.py: from 0.01 to 0.0928 at epoch 34 of 196."""
    recipe = default_recipe("ir_csn_101")
    steps = [round(recipe.num_steps * epoch / 196) for epoch in (0, 17, 34)]
    assert [rate_at(recipe, step) for step in steps] == pytest.approx(
        [0.01, (0.01 + 0.0928) / 2, 0.0928], rel=1e-3
    )


def test_flow_begins_once_more() -> None:
    """The released README: 0.1 to 97k, 0.01 to 104.5k, 0.001 to 115k, and from 0.1 again."""
    flow = default_recipe("i3d_flow")
    steps = (0, 96_999, 97_001, 104_501, 115_001, 139_999, 140_001, 150_001)
    assert [rate_at(flow, step) for step in steps] == pytest.approx(
        [0.1, 0.1, 0.01, 0.001, 0.1, 0.1, 0.01, 0.001]
    )


def test_a_cosine_may_end_above_nothing() -> None:
    mvit = default_recipe("mvit_v2_s")
    rates = [rate_at(mvit, share * mvit.num_steps) for share in (0, 30 / 200, 115 / 200, 1)]
    middle = (1.6e-3 + 1.6e-5) / 2  # half of what follows the warm-up
    assert rates == pytest.approx([1.6e-5, 1.6e-3, middle, 1.6e-5])


def test_batch_size_rate_and_steps_scale_together() -> None:
    whole = default_recipe("slowfast_r50_4x16")
    scaled = whole.scaled(64)
    assert (scaled.batch_size, scaled.peak_rate) == (64, pytest.approx(0.1))
    assert scaled.num_epochs(240_000) == pytest.approx(whole.num_epochs(240_000))
    assert (scaled.warmup_share, scaled.norm_clips) == (whole.warmup_share, whole.norm_clips)


def test_epochs_are_steps_of_the_release_at_hand() -> None:
    recipe = default_recipe("mvit_v2_s").scaled(8).lasting(3, 100)
    assert recipe.num_steps == 75  # four clips a step, twice each
    assert recipe.num_epochs(100) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"num_steps": 0}, "num_steps must be above 0, got 0"),
        ({"peak_rate": 0.0}, "peak_rate must be above 0"),
        ({"short_sides": (9, 8)}, "short_sides must rise, got 9 to 8"),
        ({"dropout": 1.0}, "dropout must be 0 or more, and below 1, got 1.0"),
        ({"warmup_share": 1.0}, "warmup_share must be 0 or more, and below 1"),
        ({"momentum": 1.5}, "momentum must lie in 0 to 1, got 1.5"),
        ({"weight_decay": -0.1}, "weight_decay must be 0 or more"),
        ({"gradient_clip": -1.0}, "gradient_clip must be 0 or more"),
        ({"peak_rate": float("inf")}, "peak_rate must be above 0, got inf"),
        ({"milestones": (0.8, 0.5)}, "milestones must rise between 0 and 1"),
        ({"milestones": (20.0, 40.0)}, "milestones must rise between 0 and 1"),
        ({"milestones": (0.5,), "factors": (-1.0,)}, "factors must be 0 or more"),
        ({"momentum": 0.0, "nesterov": True}, "nesterov looks ahead by the momentum"),
        ({"proposal_overlap": 1.5}, "proposal_overlap must lie above 0, up to 1"),
        ({"mixup": -1.0}, "mixup must be 0 or more"),
        ({"crop_area": (0.5, 1.5)}, "crop_area must rise within 0 to 1, got 0.5 to 1.5"),
        ({"milestones": (0.5,), "factors": (0.1, 0.2)}, "2 numbers for 1 milestones"),
        ({"batch_size": 12, "clips_at_once": 5}, "5 does not divide batch_size = 12; 4 or 6 would"),
        ({"batch_size": 7, "repeats": 2}, "repeats = 2 does not divide batch_size = 7"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(change, said: str) -> None:
    values = {"num_steps": 1, "batch_size": 1, "peak_rate": 1.0, "short_sides": (1, 1)}
    with pytest.raises(ModelError, match="recipe: ") as error:
        Recipe(**values | change)
    assert said in str(error.value)


def test_another_value_keeps_its_source_unless_one_is_given() -> None:
    sourced = sourced_recipe("slowfast_r50_8x8")
    changed = sourced.but(num_steps=7)
    assert changed.sources["num_steps"] == sourced.sources["num_steps"]
    assert changed.recipe == replace(sourced.recipe, num_steps=7)
