"""What follows from answers, gold and scores together."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.crowd.playing import ask
from kinetics_builder.crowd.policies import beliefs
from kinetics_builder.crowd.policies.answered import Answered, Questions
from kinetics_builder.crowd.policies.beliefs import believe
from kinetics_builder.crowd.policies.blocks import in_blocks
from kinetics_builder.crowd.policies.scores import ScoreModel, fit_scores, standardised
from kinetics_builder.crowd.policies.worth import worth_of_clips, worth_of_workers
from kinetics_builder.crowd.simulation import CAREFUL, RANDOM, CrowdPlan, draw_crowd


def answered_by(plan: CrowdPlan, num_each: int) -> Answered:
    """Return what is known when `num_each` workers, in turn, have answered each clip."""
    crowd = draw_crowd(plan)
    clip_V = np.repeat(np.arange(plan.num_clips), num_each)
    questions = Questions(clip_V, np.arange(len(clip_V)) % plan.num_workers)
    return ask(crowd, Answered.nothing(crowd.score_N, plan.num_workers), questions)


def shuffled(answered: Answered, seed: int) -> Answered:
    order = np.random.default_rng(seed).permutation(len(answered.clip_V))
    pairs = Questions(answered.clip_V[order], answered.worker_V[order])
    start = Answered.nothing(answered.score_N, answered.num_workers)
    return start.with_answers(pairs, answered.is_yes_V[order])


PLAN = CrowdPlan(num_clips=60, num_workers=12)
KNOWN = answered_by(PLAN, 3)


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_the_order_of_answers_does_not_matter(seed: int) -> None:
    first, second = believe(shuffled(KNOWN, 0)), believe(shuffled(KNOWN, seed))
    assert first.probability_N.tobytes() == second.probability_N.tobytes()


@pytest.mark.parametrize("at_once", [1, 20, 50, 10_000])
def test_blocks_hold_every_answer_and_every_worker_once(at_once: int) -> None:
    order_V, blocks = in_blocks(KNOWN, at_once)
    assert sorted(order_V.tolist()) == list(range(len(KNOWN.clip_V)))
    workers = [worker for block in blocks for worker in range(KNOWN.num_workers)[block.workers]]
    assert workers == list(range(KNOWN.num_workers))
    for block in blocks:
        places = order_V[block.places]
        first = block.workers.start
        assert KNOWN.worker_V[places].tolist() == (block.worker_B + first).tolist()
        assert KNOWN.is_yes_V[places].tolist() == sorted(KNOWN.is_yes_V[places].tolist())
        assert (~KNOWN.is_yes_V[places]).sum() == block.num_no


@pytest.mark.parametrize("at_once", [1, 50])
def test_how_many_answers_are_held_at_once_changes_nothing(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = believe(KNOWN)
    monkeypatch.setattr(beliefs, "in_blocks", lambda answered: in_blocks(answered, at_once))
    found = believe(KNOWN)
    assert found.probability_N == pytest.approx(whole.probability_N, abs=1e-9)
    assert found.yes_WL == pytest.approx(whole.yes_WL, abs=1e-9)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.booleans()), max_size=30),
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=6, max_size=6),
)
def test_whatever_is_answered_probabilities_are_probabilities(
    answers: list[tuple[int, int, bool]], scores: list[float]
) -> None:
    each = {(clip, worker): said for clip, worker, said in answers}
    clip_V, worker_V = np.array(list(each), np.int64).reshape(-1, 2).T
    said_V = np.array(list(each.values()), np.bool_)
    start = Answered.nothing(np.array(scores), 5)
    found = believe(start.with_answers(Questions(clip_V, worker_V), said_V))
    assert ((found.probability_N >= 0) & (found.probability_N <= 1)).all()
    assert ((found.yes_WL > 0) & (found.yes_WL < 1)).all()
    assert found.truth_looks_NTL.sum(axis=(1, 2)) == pytest.approx(1)


@pytest.mark.parametrize("clip", [0, 7, 30])
def test_another_yes_of_a_good_worker_never_makes_a_yes_less_likely(clip: int) -> None:
    probabilities = []
    for num_yes in range(6):
        said_V = np.arange(6) < num_yes
        more = Questions(np.full(6, clip), np.arange(6))
        others = np.flatnonzero(KNOWN.clip_V != clip)
        start = Answered.nothing(KNOWN.score_N, KNOWN.num_workers).with_answers(
            Questions(KNOWN.clip_V[others], KNOWN.worker_V[others]), KNOWN.is_yes_V[others]
        )
        known = believe(start.with_answers(more, said_V))
        probabilities.append(known.probability_N[clip])
    assert probabilities == sorted(probabilities)
    assert probabilities[0] < 0.1 < 0.9 < probabilities[-1]


def test_who_answers_carefully_is_told_from_who_guesses() -> None:
    kinds = [replace(kind, share=0.5) for kind in (CAREFUL, RANDOM)]
    plan = CrowdPlan(num_clips=300, num_workers=20, kinds=kinds)
    found = believe(answered_by(plan, 3))
    told_W = worth_of_workers(found.yes_WL, found.common.spread)
    is_random_W = draw_crowd(plan).kind_W == 1
    assert told_W[is_random_W].max() < 0.5 * told_W[~is_random_W].min()


def test_scores_are_understood_without_a_single_answer_about_most_clips() -> None:
    random = np.random.default_rng(0)
    truth_N = random.random(4000) < 0.3
    score_N = standardised(5 + 3 * (random.normal(size=4000) + 2 * truth_N))
    looks_NE = np.ones((4000, 2))
    looks_NE[:400] = np.stack([~truth_N[:400], truth_N[:400]], axis=1)
    model = fit_scores(score_N, looks_NE, ScoreModel(), 200)
    assert model.yes_share == pytest.approx(0.3, abs=0.03)
    assert (model.mean_yes - model.mean_no) / model.deviation == pytest.approx(2, abs=0.2)


def test_scores_that_are_missing_or_equal_say_nothing() -> None:
    assert np.isnan(standardised(np.full(3, np.nan))).all()
    assert standardised(np.array([4.0, 4.0, np.nan]))[:2].tolist() == [0, 0]
    model = ScoreModel(yes_share=0.3)
    assert model.yes_N(np.array([np.nan]))[0] == pytest.approx(0.3)


def test_an_answer_is_worth_most_where_it_may_change_the_decision() -> None:
    found = believe(KNOWN)
    worth_N = worth_of_clips(found.truth_looks_NTL, found.yes_WL.mean(axis=0), 0.8)
    is_sure_N = np.abs(found.probability_N - 0.5) > 0.49
    assert worth_N.min() >= 0
    assert worth_N[is_sure_N].max() < 0.1 * worth_N[~is_sure_N].max()
