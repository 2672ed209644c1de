"""Kinetics' policy asks no question whose answer changes nothing."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.config import Quorum
from kinetics_builder.crowd.playing import play
from kinetics_builder.crowd.policies.answered import Answered
from kinetics_builder.crowd.policies.policy import Decisions
from kinetics_builder.crowd.policies.three_of_five import ThreeOfFive
from kinetics_builder.crowd.policy import decide
from kinetics_builder.crowd.simulation import CrowdPlan, draw_crowd
from kinetics_builder.database.tables import Answer, Verdict


@settings(max_examples=20)
@given(st.integers(1, 7), st.integers(0, 1000))
def test_each_clip_gets_three_to_five_answers_of_different_workers(
    num_workers: int, seed: int
) -> None:
    seen: list[tuple[Answered, Decisions]] = []
    plan = CrowdPlan(num_clips=12, num_workers=num_workers, seed=seed)
    play(ThreeOfFive(seed=seed), draw_crowd(plan), num_workers, lambda *now: seen.append(now))
    answered, decisions = seen[-1]
    pairs = list(zip(answered.clip_V.tolist(), answered.worker_V.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    for clip, num in Counter(clip for clip, _ in pairs).items():
        said = answered.is_yes_V[answered.clip_V == clip].tolist()
        verdict = decide([Answer.YES if yes else Answer.NO for yes in said], Quorum(5, 3))
        assert decisions.is_accepted_N[clip] == (verdict is Verdict.ACCEPTED)
        assert min(3, num_workers) <= num <= 5
        assert decisions.is_open_N[clip] == (num_workers < 3 or verdict is Verdict.OPEN)


def test_equal_seeds_ask_equal_questions() -> None:
    nothing = Answered.nothing(np.zeros(50), 9)
    first, again, other = (ThreeOfFive(seed=seed).next_questions(nothing) for seed in (1, 1, 2))
    assert first.worker_V.tolist() == again.worker_V.tolist() != other.worker_V.tolist()
