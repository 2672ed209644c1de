"""Which clips make up which step."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models.clips.plan import BatchPlan, balanced


def test_each_clip_of_a_step_comes_several_times_in_a_row() -> None:
    plan = BatchPlan(num_clips=6, batch_size=4, seed=1, num_steps=3, repeats=2)
    keys = [key for batch in plan.steps_from(0) for key in batch]
    clips = [key.clip for key in keys]
    assert clips[0::2] == clips[1::2]
    assert sorted(clips[0::2]) == list(range(6))
    assert [key.position for key in keys] == list(range(12))


def test_what_ranks_learn_from_side_by_side_is_the_step_of_one_process() -> None:
    plan = BatchPlan(num_clips=6, batch_size=8, seed=1, num_steps=3, repeats=2)
    ranks = [replace(plan, rank=rank, num_ranks=4) for rank in range(4)]
    for step in range(3):
        assert [key for rank in ranks for key in rank.keys(step)] == plan.keys(step)
    assert all(one.clip == again.clip for rank in ranks for one, again in [rank.keys(0)])


@settings(max_examples=30, deadline=None)
@given(
    some.lists(some.sampled_from("abc"), min_size=1, max_size=40),
    some.floats(0.05, 1.0),
    some.integers(0, 5),
)
def test_a_clip_comes_the_whole_number_below_or_above_its_share(labels, balance, seed) -> None:
    shares = balanced(labels, balance)
    assert shares is not None
    plan = BatchPlan(
        num_clips=len(labels), batch_size=len(labels), seed=seed, num_steps=1, shares=shares
    )
    counts = Counter(key.clip for key in plan.keys(0))
    for clip, share in enumerate(shares.per_clip):
        assert np.floor(share - 1e-9) <= counts[clip] <= np.ceil(share + 1e-9)
    assert shares.per_clip.mean() == pytest.approx(1)


def test_classes_come_alike_where_they_are_balanced() -> None:
    labels = ["often"] * 90 + ["seldom"] * 10
    whole, root = balanced(labels, 1.0), balanced(labels, 0.5)
    assert whole is not None and root is not None
    assert whole.per_clip[:90].sum() == pytest.approx(50)
    assert root.per_clip[:90].sum() == pytest.approx(75)  # 3 to 1
    assert balanced(labels, 0.0) is None


def test_over_many_passes_a_clip_comes_as_often_as_its_share() -> None:
    shares = balanced(["a"] * 7 + ["b"] * 2, 0.5)
    plan = BatchPlan(num_clips=9, batch_size=9, seed=3, num_steps=400, shares=shares)
    counts = Counter(key.clip for batch in plan.steps_from(0) for key in batch)
    found = np.array([counts[clip] / 400 for clip in range(9)])
    assert shares is not None
    assert found == pytest.approx(shares.per_clip, abs=0.08)


def test_what_comes_after_the_last_step_is_as_much_as_was_asked_for() -> None:
    plan = BatchPlan(num_clips=6, batch_size=4, seed=1, num_steps=3)
    assert [len(keys) for keys in plan.after_it(9)] == [4, 4, 4]
    assert next(plan.after_it(1))[0][2] == 12
