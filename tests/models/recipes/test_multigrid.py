"""Multigrid: what each step's clips are, how many, and at which rate."""

from dataclasses import replace

import numpy as np
import pytest

from kinetics_builder.errors import ModelError
from models.clips.plan import BatchPlan
from models.clips.transforms import Augmentation
from models.recipes.multigrid import Multigrid, check_multigrid
from models.recipes.recipe import Recipe
from models.recipes.registry import default_recipe
from models.zoo import network_spec

EPOCHS, STEPS_AN_EPOCH = 239, 1000
SLOWFAST = network_spec("slowfast_r50_8x8")
STEPWISE = replace(
    default_recipe("slowfast_r50_8x8").scaled(64),
    num_steps=EPOCHS * STEPS_AN_EPOCH,
    schedule="steps",
    milestones=(94 / EPOCHS, 154 / EPOCHS, 196 / EPOCHS),
    warmup_share=34 / EPOCHS,
    multigrid="both",
)
"""PySlowFast, configs/Kinetics/SLOWFAST_8x8_R50_stepwise_multigrid.yaml."""
TINY = replace(
    default_recipe("i3d_tiny"),
    num_steps=40,
    batch_size=4,
    schedule="steps",
    milestones=(0.5,),
    multigrid="both",
)


def steps_of(recipe: Recipe, network: str = "slowfast_r50_8x8") -> Multigrid:
    multigrid = Multigrid.of(recipe, network_spec(network).sampling)
    assert multigrid is not None
    return multigrid


def test_shapes_epochs_and_rates_are_those_of_the_official_code() -> None:
    """Its schedule for that file: (clips, frames, side, last epoch), and rates for each."""
    grid = steps_of(STEPWISE)
    told = grid.told()
    cycle = [(8, 8, 158), (4, 16, 158), (2, 16, 224), (1, 32, 224)]
    found = [(one.batch_sizes[-1] // 64, one.num_frames, one.crop_sizes[-1]) for one in told]
    assert found == cycle * 3 + [cycle[-1]] * 2
    ends = np.cumsum([one.num_samples for one in told]) / (64 * STEPS_AN_EPOCH)
    expected = [73, 110, 142, 158, 205, 228, 248, 259, 291, 308, 322, 329, 343, 358]
    assert ends == pytest.approx(expected, abs=1)
    rates = [8, 4, 2, 1, 0.8, 0.4, 0.2, 0.1, 0.08, 0.04, 0.02, 0.01, 0.01, 0.001]
    assert [one.rates[1] for one in told] == pytest.approx([0.1 * rate for rate in rates])
    assert [one.crop_sizes for one in told[:3:2]] == [(112, 158, 158), (112, 158, 224)]
    assert [one.batch_sizes for one in told[:3:2]] == [(1024, 512, 512), (512, 256, 128)]


def test_the_warm_up_lasts_as_many_clips_as_without() -> None:
    grid = steps_of(STEPWISE)
    rates = [grid.rate_at(step) for step in range(grid.told()[0].last_step)]
    ends = next(step for step, rate in enumerate(rates) if rate == pytest.approx(0.8))
    steps = grid.stretches[0]
    assert rates[0] == pytest.approx(0.1 * 0.1)
    assert steps.samples_before(ends) == pytest.approx(34 * 64 * STEPS_AN_EPOCH, rel=0.001)
    assert rates[:ends] == sorted(rates[:ends])


def test_the_short_cycle_alone_keeps_the_schedule() -> None:
    recipe = replace(default_recipe("slowfast_r50_8x8"), multigrid="short")
    grid = steps_of(recipe)
    assert grid.num_samples == pytest.approx(1.5 * 46_000 * 1024, rel=0.001)
    rates = [grid.rate_at(step) for step in range(0, grid.num_steps, 50)]
    assert max(rates) == pytest.approx(1.6, rel=0.04) and rates[-1] < 0.001
    assert grid.share_of_work == pytest.approx(0.64, abs=0.01)


def test_each_step_takes_up_the_stream_where_the_last_one_left_it() -> None:
    grid = steps_of(TINY, "i3d_tiny")
    plan = BatchPlan(
        num_clips=10,
        batch_size=4,
        seed=0,
        num_steps=grid.num_steps,
        stretches=grid.stretches,
    )
    batches = list(plan.steps_from(0))
    stream = [key.position for batch in batches for key in batch]
    assert stream == list(range(grid.num_samples))
    assert all(len({key.shape for key in batch}) == 1 for batch in batches)
    assert list(plan.steps_from(7)) == batches[7:]
    ranks = [replace(plan, rank=rank, num_ranks=2) for rank in (0, 1)]
    for step, batch in enumerate(batches):
        parts = [one.keys(step) for one in ranks]
        assert len(parts[0]) == len(parts[1]) == ranks[0].num_samples(step)
        assert sorted((*parts[0], *parts[1]), key=lambda key: key.position) == batch
    (after,) = plan.after_it(1)
    assert [(key.position, key.shape) for key in after] == [
        (grid.num_samples + number, None) for number in range(4)
    ]


def test_a_smaller_clip_may_show_as_much_of_the_video_as_a_large_one() -> None:
    shape = steps_of(STEPWISE).stretches[0].turns[0].shape
    sampling, random = SLOWFAST.sampling, np.random.default_rng(0)
    drawn = [shape.sampled(sampling, random) for _ in range(50)]
    assert {one.num_frames for one in drawn} == {8}
    spans = [one.span_seconds / sampling.span_seconds for one in drawn]
    assert 0.25 <= min(spans) < 0.35 and 0.9 < max(spans) <= 1
    whole = Augmentation(short_sides=(256, 320), crop_size=224, flip_probability=0.5)
    assert shape.augmented(whole) == replace(whole, short_sides=(128, 320), crop_size=112)


@pytest.mark.parametrize(
    ("network", "multigrid", "said"),
    [
        (
            "vivit_b_16x2",
            "short",
            "32 frames of 112 x 112 pixels, which do not pass .* Leave it out.",
        ),
        ("mvit_v2_s", "short", "learnt positions of this network fit"),
        ("slowfast_r50_8x8", "long", "'cosine' with 0 milestones: add --set schedule=steps"),
        ("slowfast_r50_8x8_det", "short", "learns from films: leave it out"),
        ("i3d_flow", "both", "eats flow, .* take --set multigrid=short"),
        ("tsn_r50", "both", "num_segments = 3 does not divide .* or try --set multigrid=short"),
    ],
)
def test_networks_that_cannot_learn_so_are_refused(network, multigrid, said) -> None:
    recipe = replace(default_recipe(network), multigrid=multigrid)
    with pytest.raises(ModelError, match=said):
        check_multigrid(network_spec(network), recipe)


@pytest.mark.few("r2plus1d_18", "x3d_m")
@pytest.mark.parametrize("network", ["i3d_rgb", "slow_r50_4x16", "x3d_m", "r2plus1d_18", "s3d"])
def test_networks_of_any_size_are_taken(network) -> None:
    recipe = default_recipe(network)
    steps = replace(recipe, schedule="steps", milestones=(0.5,), factors=(), multigrid="both")
    check_multigrid(network_spec(network), steps)
