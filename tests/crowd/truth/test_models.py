"""One coin and Dawid-Skene: by hand, on planted workers, beside another program."""

import json
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.dawid_skene import confusion_WTL, dawid_skene
from kinetics_builder.crowd.truth.methods import METHODS
from kinetics_builder.crowd.truth.one_coin import one_coin
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.errors import ConfigError
from tests.crowd.truth.crowds import planted

CASE = json.loads((Path(__file__).parent / "crowdkit.json").read_text())
MODELS = ("one-coin", "dawid-skene")
each_model = pytest.mark.parametrize("name", MODELS)
FEW = Answers.of(
    [
        *[("q", "u", "yes"), ("q", "v", "yes"), ("q", "w", "no")],
        *[("r", "u", "no"), ("r", "v", "no"), ("r", "w", "no")],
    ]
)
ONE_STEP = Options(max_steps=1, smoothing=1e-12)


def test_a_step_of_dawid_and_skene_by_hand() -> None:
    """Majority believes yes of q by 2/3, so u says yes to 1/4 of what is no, and to all of yes."""
    found = dawid_skene(FEW, ONE_STEP)
    np.testing.assert_allclose(found.posterior_QL, [[1 / 9, 8 / 9], [1, 0]], atol=1e-9)
    assert found.log_likelihood == pytest.approx(2 * np.log(3 / 8))
    assert (found.num_steps, found.is_converged) == (1, False)


def test_a_worker_counts_no_fewer_answers_than_the_smoothing() -> None:
    """Of u: 2/3 yes and 1/2 no where yes is true, 1/2 yes and 1 no where no is."""
    found = dawid_skene(FEW, Options(max_steps=1, smoothing=0.5))
    yes, no = 1 / 3 * (4 / 7) ** 2, 2 / 3 * (1 / 3) ** 2
    np.testing.assert_allclose(found.posterior_QL[0], [no / (yes + no), yes / (yes + no)])


def test_a_step_of_one_coin_by_hand() -> None:
    """Majority gives u and v 5/6, w 2/3, and believes yes of a third of the questions."""
    found = one_coin(FEW, ONE_STEP)
    np.testing.assert_allclose(found.posterior_QL, [[4 / 29, 25 / 29], [100 / 101, 1 / 101]])
    assert found.log_likelihood == pytest.approx(np.log(29 / 324) + np.log(101 / 324))


@each_model
def test_posteriors_are_those_of_crowd_kit_after_as_many_steps(name: str) -> None:
    answers = Answers.of(map(tuple, CASE["rows"]))
    found = METHODS[name](answers, Options(max_steps=CASE["steps"], tolerance=0, smoothing=1e-10))
    assert found.num_steps == CASE["steps"]
    np.testing.assert_allclose(found.posterior_QL, CASE["posteriors"][name], atol=1e-8)


def test_dawid_skene_finds_planted_habits() -> None:
    random = np.random.default_rng(3)
    planted_WTL = np.eye(3) * 2 + random.dirichlet(np.ones(3), size=(12, 3))
    planted_WTL /= planted_WTL.sum(axis=2, keepdims=True)
    answers, true_Q = planted(planted_WTL, num_questions=3000, num_votes=6)
    options = Options(max_steps=200)
    found = dawid_skene(answers, options)
    assert found.is_converged
    assert (found.best_Q() == true_Q).mean() > 0.97
    confusion = confusion_WTL(answers, found.posterior_QL, options)
    np.testing.assert_allclose(confusion.sum(axis=2), 1)
    np.testing.assert_allclose(confusion, planted_WTL, atol=0.06)


def test_one_coin_finds_planted_accuracies() -> None:
    right_W = np.linspace(0.55, 0.95, 10)
    confusion = np.array([[[p, 1 - p], [1 - p, p]] for p in right_W])
    answers, _ = planted(confusion, num_questions=3000, num_votes=6)
    found = one_coin(answers, Options())
    np.testing.assert_allclose(found.quality_W, right_W, atol=0.04)


def test_dawid_skene_turns_the_words_of_one_who_always_says_the_opposite() -> None:
    good, contrary = [[0.8, 0.2], [0.2, 0.8]], [[0.05, 0.95], [0.95, 0.05]]
    answers, true_Q = planted(np.array([good] * 5 + [contrary]), num_questions=800, num_votes=4)
    found = dawid_skene(answers, Options())
    assert found.quality_W[5] < 0.1
    by_majority = (METHODS["majority"](answers, Options()).best_Q() == true_Q).mean()
    assert (found.best_Q() == true_Q).mean() > by_majority + 0.1


@each_model
def test_the_likelihood_never_falls(name: str) -> None:
    answers, _ = planted(np.array([[[0.7, 0.3], [0.4, 0.6]]] * 6), num_questions=80, num_votes=4)
    steps = [Options(max_steps=steps, tolerance=0, smoothing=1e-12) for steps in range(1, 30)]
    likelihoods = [METHODS[name](answers, options).log_likelihood for options in steps]
    assert np.diff(likelihoods).min() > -1e-9
    assert likelihoods[-1] > likelihoods[0]


@each_model
def test_a_given_prior_decides_where_workers_know_nothing(name: str) -> None:
    answers = Answers.of([("q", "v", "yes"), ("q", "w", "no")])
    found = METHODS[name](answers, Options(prior_L=(0.2, 0.8)))
    assert found.best_Q().tolist() == [1]
    with pytest.raises(ConfigError, match="a share for each of no, yes, got 3 shares"):
        METHODS[name](answers, Options(prior_L=(0.2, 0.2, 0.6)))
