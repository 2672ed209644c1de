"""A purity that no answers could make sure of is named, with what would change that."""

from dataclasses import replace

import numpy as np
import pytest

from kinetics_builder.crowd.playing import play
from kinetics_builder.crowd.policies.answered import Floats
from kinetics_builder.crowd.policies.beliefs import likelihood, truth_and_looks
from kinetics_builder.crowd.policies.posterior import Posterior
from kinetics_builder.crowd.policies.reach import out_of_reach
from kinetics_builder.crowd.policies.scores import MISLEADING, turned_NTE
from kinetics_builder.crowd.policies.targets import Targets, accept
from kinetics_builder.crowd.simulation import CrowdPlan, draw_crowd


def unanswered(num_clips: int, misleading: float = MISLEADING, yes: float = 0.5) -> Floats:
    """Return what is thought of clips that nobody has answered."""
    joint_NTE = turned_NTE(np.full(num_clips, yes), misleading)
    return truth_and_looks(joint_NTE, likelihood(np.zeros((num_clips, 14))), 0.5)


@pytest.mark.parametrize(
    ("num_clips", "misleading", "purity", "is_out"),
    [
        pytest.param(100, MISLEADING, 0.99, True, id="few clips, much wanted"),
        pytest.param(100, MISLEADING, 0.98, False, id="few clips, less wanted"),
        pytest.param(200, MISLEADING, 0.99, False, id="twice as many"),
        pytest.param(10**5, 0.03, 0.98, True, id="more mislead than may be wrong"),
        pytest.param(0, MISLEADING, 0.98, False, id="no clips"),
    ],
)
def test_only_what_cannot_be_is_out_of_reach(
    num_clips: int, misleading: float, purity: float, is_out: bool
) -> None:
    found = out_of_reach(unanswered(num_clips, misleading), misleading, Targets(purity=purity))
    assert (found is not None) is is_out


def looks_known(num_clips: int, misleading: float) -> Floats:
    """Return what is thought of the same clips once it is known of each what it looks like."""
    looks_yes_N = np.arange(num_clips) % 2 == 0
    evidence_NL = np.where(looks_yes_N[:, None], np.repeat([-50.0, 0.0], 7), 0.0)
    evidence_NL[~looks_yes_N, 7:] = -50.0
    joint_NTE = turned_NTE(np.full(num_clips, 0.5), misleading)
    return truth_and_looks(joint_NTE, likelihood(evidence_NL), 0.5)


@pytest.mark.parametrize("misleading", [MISLEADING, 0.01])
def test_each_way_that_is_named_leads_there_and_no_less_does(misleading: float) -> None:
    targets = Targets(purity=0.99 if misleading == MISLEADING else 0.98)
    found = out_of_reach(unanswered(100, misleading), misleading, targets)
    assert found is not None and found.num_right == 50

    def num_accepted(num_clips: int, share: float, purity: float) -> int:
        probability_N = looks_known(num_clips, share)[:, 1].sum(axis=1)
        return int(accept(probability_N, replace(targets, purity=purity)).is_accepted_N.sum())

    assert num_accepted(100, misleading, targets.purity) == 0
    assert num_accepted(100, misleading, found.purity - 1e-6) == 50
    assert num_accepted(100, misleading, found.purity + 1e-6) == 0
    assert found.num_enough is not None and found.misleading_enough is not None
    assert num_accepted(found.num_enough + 2, misleading, targets.purity) > 0
    assert num_accepted(found.num_enough - 4, misleading, targets.purity) == 0
    assert num_accepted(100, found.misleading_enough, targets.purity) == 50


def test_no_number_of_clips_is_named_where_none_does() -> None:
    found = out_of_reach(unanswered(100, 0.05), 0.05, Targets(purity=0.98), is_told=True)
    assert found is not None and found.num_enough is None
    assert "verify.misleading says that 5% of all clips look" in found.words
    assert "clips like these" not in found.words
    assert "verify.purity = 0.895" in found.words


def test_who_wants_too_much_of_few_clips_is_told_at_the_end_of_a_simulation() -> None:
    plan = CrowdPlan(num_clips=60, num_workers=12)
    found = play(Posterior(targets=Targets(purity=0.995)), draw_crowd(plan), 12)
    assert found.num_accepted == 0
    assert found.out_of_reach.startswith("A purity of 99.5% is out of reach of 60 clips")
    assert play(Posterior(targets=Targets(purity=0.9)), draw_crowd(plan), 12).out_of_reach == ""
