"""The posterior policy meets its targets on crowds it has never seen, and says so truly."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kinetics_builder.crowd.playing import play
from kinetics_builder.crowd.policies.answered import Answered
from kinetics_builder.crowd.policies.dealing import Round, deal
from kinetics_builder.crowd.policies.posterior import Posterior
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.crowd.simulation import CAREFUL, RANDOM, CrowdPlan, draw_crowd

TARGETS = Targets(purity=0.95, recall=0.90)
FIVE = Round(num_questions=5, task_size=5)


@pytest.mark.parametrize("seed", [101, 102, 103])
def test_a_small_crowd_reaches_the_targets_with_few_answers(seed: int) -> None:
    plan = CrowdPlan(num_clips=600, num_workers=20, seed=seed)
    found = play(Posterior(targets=TARGETS), draw_crowd(plan), plan.num_workers)
    assert found.purity > 0.94
    assert found.recall > 0.85, "of few clips it varies by chance"
    assert abs(found.purity - found.claimed_purity) < 0.03
    assert found.answers_per_clip < 3


def test_who_guesses_is_asked_less_than_who_looks() -> None:
    kinds = [replace(CAREFUL, share=0.6), replace(RANDOM, share=0.4)]
    plan = CrowdPlan(num_clips=400, num_workers=20, kinds=kinds)
    crowd, seen = draw_crowd(plan), []
    play(Posterior(targets=TARGETS), crowd, 20, lambda answered, _: seen.append(answered))
    num_W = np.bincount(seen[-1].worker_V, minlength=20)
    assert num_W[crowd.kind_W == 1].max() < num_W[crowd.kind_W == 0].min()


def test_nobody_is_asked_twice_about_a_clip_nor_more_than_a_task_a_round() -> None:
    plan = CrowdPlan(num_clips=80, num_workers=6)
    seen = [Answered.nothing(np.zeros(80), 6)]
    policy = Posterior(targets=TARGETS, task_size=5)
    play(policy, draw_crowd(plan), 6, lambda answered, _: seen.append(answered))
    pairs = list(zip(seen[-1].clip_V.tolist(), seen[-1].worker_V.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    for before, after in pairwise(seen):
        assert np.bincount(after.worker_V[len(before.worker_V) :]).max() <= 5


def test_equal_answers_give_equal_questions() -> None:
    nothing = Answered.nothing(np.linspace(-1, 1, 50), 9)
    first, again = (Posterior().next_questions(nothing) for _ in range(2))
    assert first.clip_V.tobytes() == again.clip_V.tobytes()
    assert first.worker_V.tobytes() == again.worker_V.tobytes()


@pytest.mark.parametrize(
    ("plan", "num_accepted"),
    [
        pytest.param(
            CrowdPlan(
                num_clips=100,
                num_workers=8,
                area=0.5,
                kinds=[replace(RANDOM, share=1)],
            ),
            0,
            id="all guess",
        ),
        pytest.param(CrowdPlan(num_clips=100, num_workers=1), 0, id="one worker"),
        pytest.param(CrowdPlan(num_clips=1, num_workers=3), 0, id="one clip"),
    ],
)
def test_where_nobody_can_make_sure_it_stops_and_accepts_nothing(
    plan: CrowdPlan, num_accepted: int
) -> None:
    found = play(Posterior(), draw_crowd(plan), plan.num_workers)
    assert found.num_accepted == num_accepted
    assert found.claimed_purity is None
    assert found.num_answers / found.num_clips < 14


def test_another_worker_joins_where_those_at_hand_have_answered_all() -> None:
    known = Answered.nothing(np.zeros(4), 3)
    known = known.with_answers(deal(np.array([0, 1]), [0], FIVE, known), np.array([True, True]))
    again = deal(np.array([0, 1, 2]), [0, 1, 2], FIVE, known)
    assert dict(zip(again.clip_V.tolist(), again.worker_V.tolist(), strict=True)) == {
        0: 1,
        1: 1,
        2: 0,
    }


def test_where_the_best_clips_are_answered_by_all_the_next_are_dealt() -> None:
    known = Answered.nothing(np.zeros(4), 1)
    known = known.with_answers(deal(np.array([0, 1]), [0], FIVE, known), np.array([True, True]))
    asked = deal(np.array([0, 1, 2, 3]), [0], Round(num_questions=1, task_size=5), known)
    assert asked.clip_V.tolist() == [2]


def test_a_clip_that_all_have_answered_is_dealt_to_nobody() -> None:
    known = Answered.nothing(np.zeros(3), 2)
    asked = deal(np.array([0, 1]), [0, 1], FIVE, known)
    known = known.with_answers(asked, np.array([True, True]))
    again = deal(np.array([0, 1]), [0, 1], FIVE, known)
    known = known.with_answers(again, np.array([True, True]))
    assert len(deal(np.array([0, 1, 2]), [0, 1], FIVE, known)) == 1
