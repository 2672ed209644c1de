"""GLAD: abilities and eases, planted and found; beside another program."""

import json
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.glad import fit_glad
from kinetics_builder.crowd.truth.options import Options
from tests.crowd.truth.crowds import renamed

CASE = json.loads((Path(__file__).parent / "crowdkit.json").read_text())


def planted_by_ability(
    ability_W: np.ndarray, ease_Q: np.ndarray, num_labels: int, seed: int = 0
) -> tuple[Answers, np.ndarray]:
    """Return answers of every worker to every question, and the truth."""
    random = np.random.default_rng(seed)
    shape = len(ease_Q), len(ability_W)
    true_Q = random.integers(num_labels, size=len(ease_Q))
    is_right_QW = random.random(shape) < 1 / (1 + np.exp(-np.outer(ease_Q, ability_W)))
    wrong_QW = (true_Q[:, None] + random.integers(1, num_labels, size=shape)) % num_labels
    label_QW = np.where(is_right_QW, true_Q[:, None], wrong_QW)
    question_V, worker_V = np.divmod(np.arange(label_QW.size), len(ability_W))
    names = (
        [f"{kind}{number:05}" for number in range(count)]
        for kind, count in zip("qwl", (*shape, num_labels), strict=True)
    )
    return Answers.of_places(*names, question_V, worker_V, label_QW.reshape(-1)), true_Q


@pytest.mark.parametrize("num_labels", [2, 3])
def test_planted_abilities_and_eases_are_found(num_labels: int) -> None:
    random = np.random.default_rng(4)
    ability_W = random.normal(1, 0.7, 40)
    ease_Q = np.exp(random.normal(0.5, 0.8, 500))
    answers, true_Q = planted_by_ability(ability_W, ease_Q, num_labels)
    found = fit_glad(answers, Options(max_steps=300))
    assert found.estimate.is_converged
    assert (found.estimate.best_Q() == true_Q).mean() > 0.97
    assert np.corrcoef(found.ability_W, ability_W)[0, 1] > 0.97
    assert np.corrcoef(np.log(found.ease_Q), np.log(ease_Q))[0, 1] > 0.75
    assert found.ability_W[ability_W < -0.2].max() < 0


def test_abilities_eases_and_truth_are_those_of_crowd_kit() -> None:
    """crowd-kit takes all labels for equally frequent, and climbs to the same top otherwise."""
    options = Options(prior_L=(1 / 3,) * 3, tolerance=0, max_steps=400)
    found = fit_glad(Answers.of(map(tuple, CASE["rows"])), options)
    np.testing.assert_allclose(found.estimate.posterior_QL, CASE["glad"]["posterior"], atol=5e-4)
    np.testing.assert_allclose(found.ability_W, CASE["glad"]["ability"], atol=1e-3)
    np.testing.assert_allclose(np.log(found.ease_Q), CASE["glad"]["log_ease"], atol=1e-3)


def test_the_likelihood_with_priors_never_falls() -> None:
    ability_W, ease_Q = np.linspace(-2, 6, 9), np.exp(np.linspace(-3, 3, 60))
    answers, _ = planted_by_ability(ability_W, ease_Q, num_labels=3)
    steps = [Options(max_steps=steps, tolerance=0) for steps in range(1, 40)]
    likelihoods = [fit_glad(answers, options).estimate.log_likelihood for options in steps]
    assert np.diff(likelihoods).min() > -1e-9


def test_of_two_questions_with_as_many_right_votes_the_one_failed_by_the_able_is_harder() -> None:
    votes = [(f"q{n}", w, "yes") for n in range(30) for w in ("able", "abler", "ablest")]
    votes += [(f"q{n}", w, "yes" if n % 2 else "no") for n in range(30) for w in ("x", "y")]
    votes += [("by the able", w, "yes") for w in ("able", "abler", "x")]
    votes += [("by the able", "ablest", "no"), ("by the others", "y", "no")]
    votes += [("by the others", w, "yes") for w in ("able", "abler", "x")]
    answers = Answers.of(votes)
    ease_of = dict(zip(answers.questions, fit_glad(answers, Options()).ease_Q, strict=True))
    assert ease_of["by the able"] < ease_of["by the others"] < ease_of["q1"]


def test_who_did_not_answer_has_no_ability_and_what_nobody_answered_no_ease() -> None:
    answers = Answers.of_places("pq", "vwx", ["no", "yes"], [0, 0], [0, 2], [1, 1])
    found = fit_glad(answers, Options())
    assert np.isnan(found.ability_W).tolist() == [False, True, False]
    assert np.isnan(found.ease_Q).tolist() == [False, True]


def test_other_names_give_the_same_parameters() -> None:
    answers, _ = planted_by_ability(np.linspace(0, 3, 8), np.ones(50), num_labels=3)
    other, question_Q, worker_W, _ = renamed(answers, seed=2)
    found, again = fit_glad(answers, Options()), fit_glad(other, Options())
    np.testing.assert_allclose(again.ability_W[worker_W], found.ability_W, atol=1e-9)
    np.testing.assert_allclose(again.ease_Q[question_Q], found.ease_Q, atol=1e-9)
