"""How many clips mislead everybody: learnt of scores, of an audit, and not of answers."""

import numpy as np
import pytest

from kinetics_builder.crowd.policies.answered import Audited, Bools, Floats
from kinetics_builder.crowd.policies.beliefs import believe
from kinetics_builder.crowd.policies.scores import MISLEADING
from kinetics_builder.crowd.policies.turning import (
    Misleading,
    learn_misleading,
    purity_doubt,
)
from kinetics_builder.crowd.simulation import CrowdPlan, draw_crowd
from tests.crowd.policies.test_beliefs import answered_by


def world(misleading: float, apart: float, num: int = 4000) -> tuple[Bools, Floats, Floats]:
    """Return truth and scores of clips, and answers that are sure of what each looks like."""
    chance = np.random.default_rng(1)
    truth_N = chance.random(num) < 0.45
    # Far from normal: what counts is that the odds of yes follow the score.
    score_N = np.where(truth_N, chance.gamma(4, size=num) * apart, -chance.gamma(4, size=num))
    looks_N = truth_N ^ (chance.random(num) < misleading)
    return truth_N, score_N, np.stack([~looks_N, looks_N], axis=1) * 0.98 + 0.01


NONE = Audited()


@pytest.mark.parametrize(("misleading", "off"), [(0.0, 0.003), (0.04, 0.015), (0.08, 0.015)])
def test_scores_that_tell_yes_from_no_tell_how_many_mislead(misleading: float, off: float) -> None:
    _, score_N, looks_NE = world(misleading, apart=1.0)
    found = learn_misleading(score_N, looks_NE, NONE)
    assert found.share == pytest.approx(misleading, abs=off)
    assert 0 < found.doubt < 0.015


def test_without_scores_nothing_is_learnt_but_by_an_audit() -> None:
    truth_N, score_N, looks_NE = world(0.08, apart=1.0)
    nothing_N = np.full(len(score_N), np.nan)
    before = learn_misleading(nothing_N, looks_NE, NONE)
    few = learn_misleading(np.full(50, np.nan), looks_NE[:50], NONE)
    assert before.share == pytest.approx(few.share, abs=1e-5), "more answers tell nothing"
    looks_yes = np.flatnonzero(looks_NE[:, 1] > 0.5)[:500]
    after = learn_misleading(nothing_N, looks_NE, Audited(looks_yes, truth_N[looks_yes]))
    assert after.share == pytest.approx(0.08, abs=0.02)
    assert after.doubt < 0.015


def test_an_audit_without_a_wrong_clip_makes_sure_that_few_mislead() -> None:
    _, _, looks_NE = world(0.0, apart=1.0)
    clips = np.flatnonzero(looks_NE[:, 1] > 0.5)[:600]
    nothing_N = np.full(len(looks_NE), np.nan)
    found = learn_misleading(nothing_N, looks_NE, Audited(clips, np.ones(600, np.bool_)))
    assert found.share == pytest.approx(MISLEADING, abs=1e-4)
    assert found.doubt < 0.003


@pytest.mark.parametrize("told", [0.0, 0.05])
def test_a_share_that_is_told_is_taken(told: float) -> None:
    plan = CrowdPlan(num_clips=60, num_workers=12, misleading=0.1)
    scores = believe(answered_by(plan, 3), misleading=told).common.scores
    assert (scores.misleading, scores.misleading_doubt) == (told, 0.0)


def test_an_audit_lowers_what_is_thought_of_clips_that_nobody_audited() -> None:
    plan = CrowdPlan(num_clips=600, num_workers=20, misleading=0.15)
    answered, truth_N = answered_by(plan, 3), draw_crowd(plan).truth_N
    likely = np.flatnonzero(believe(answered).probability_N > 0.9)
    half = likely[::2]
    audited = believe(answered.with_audit(half, truth_N[half])).probability_N[likely[1::2]]
    claimed = believe(answered).probability_N[likely[1::2]]
    right = truth_N[likely[1::2]].mean()
    assert abs(audited.mean() - right) < abs(claimed.mean() - right)


def test_the_doubt_of_a_purity_is_what_one_deviation_more_would_change() -> None:
    joint_NTL = np.zeros((1, 2, 14))
    joint_NTL[0, 1, 7:], joint_NTL[0, 0, 7:] = 0.98 / 7, 0.02 / 7
    doubt = purity_doubt(joint_NTL, Misleading(0.02, 0.01))
    turned, plain = 0.02 * 1.5, 0.98 * 0.97 / 0.98
    assert doubt == pytest.approx(0.98 - plain / (plain + turned))
    assert purity_doubt(joint_NTL, Misleading(0.02)) == 0
    assert purity_doubt(joint_NTL[:0], Misleading(0.02, 0.01)) == 0
