"""KOS: messages as the paper writes them, on few votes; planted workers; more labels."""

import numpy as np
import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.estimate import NONE
from kinetics_builder.crowd.truth.kos import kos
from kinetics_builder.crowd.truth.options import Options
from tests.crowd.truth.crowds import planted, renamed


def sums_by_the_paper(answers: Answers, first_V: np.ndarray, num_rounds: int) -> np.ndarray:
    """Return the last sums (Q), message by message; unscaled."""
    votes = list(zip(answers.question_V, answers.worker_V, strict=True))
    sign = {vote: 2 * label - 1 for vote, label in zip(votes, answers.label_V, strict=True)}
    of_worker = dict(zip(votes, first_V, strict=True))
    for _ in range(num_rounds):
        of_question = {
            (q, w): sum(sign[p, v] * of_worker[p, v] for p, v in votes if p == q and v != w)
            for q, w in votes
        }
        of_worker = {
            (q, w): sum(sign[p, v] * of_question[p, v] for p, v in votes if v == w and p != q)
            for q, w in votes
        }
    sums = [(q, sign[q, w] * of_worker[q, w]) for q, w in votes]
    return np.bincount([q for q, _ in sums], weights=[value for _, value in sums])


@pytest.mark.parametrize("num_rounds", [1, 2, 5])
def test_sums_are_those_of_the_papers_formula(num_rounds: int) -> None:
    answers, _ = planted(np.array([[[0.8, 0.2], [0.3, 0.7]]] * 6), num_questions=15, num_votes=3)
    first_V = np.random.default_rng(7).normal(1, 1, answers.num_votes)
    sum_Q = sums_by_the_paper(answers, first_V, num_rounds)
    found = kos(answers, Options(max_steps=num_rounds, tolerance=0, seed=7))
    logit_Q = np.log(found.posterior_QL[:, 1] / found.posterior_QL[:, 0])
    np.testing.assert_allclose(logit_Q / logit_Q[0], sum_Q / sum_Q[0], rtol=1e-6)
    assert (np.sign(logit_Q) == np.sign(sum_Q)).all()


def test_after_many_rounds_the_seed_no_longer_matters() -> None:
    answers, _ = planted(np.array([[[0.8, 0.2], [0.2, 0.8]]] * 20), 200, num_votes=5)
    found, other = (kos(answers, Options(seed=seed, tolerance=1e-9)) for seed in (0, 1))
    assert found.is_converged
    np.testing.assert_allclose(found.posterior_QL, other.posterior_QL, atol=1e-6)
    assert (
        found.posterior_QL.tobytes() == kos(answers, Options(tolerance=1e-9)).posterior_QL.tobytes()
    )


@pytest.mark.parametrize("num_labels", [2, 3])
def test_careful_workers_are_heard_whatever_the_number_of_labels(num_labels: int) -> None:
    guess = np.full((num_labels, num_labels), 1 / num_labels)
    careful = 0.9 * np.eye(num_labels) + 0.1 * guess
    answers, true_Q = planted(np.array([careful] * 10 + [guess] * 10), 1000, num_votes=6)
    found = kos(answers, Options())
    is_right_Q = found.best_Q() == true_Q
    by_majority = answers.votes_QL().argmax(axis=1) == true_Q
    assert is_right_Q.mean() > by_majority.mean() + 0.02
    assert abs(is_right_Q.mean() - found.posterior_QL.max(axis=1).mean()) < 0.08
    assert found.quality_W[:10].min() > found.quality_W[10:].max()


def test_workers_of_one_question_each_tell_nothing() -> None:
    answers = Answers.of([("q", "v", "yes"), ("q", "w", "yes"), ("r", "x", "no")])
    found = kos(answers, Options())
    assert found.best_Q().tolist() == [NONE, NONE]
    np.testing.assert_allclose(found.posterior_QL, 0.5)


def test_one_label_alone_is_believed() -> None:
    found = kos(Answers.of([("q", "v", "yes"), ("r", "v", "yes")]), Options())
    assert found.best_Q().tolist() == [0, 0]


def test_other_names_give_the_same_truth() -> None:
    answers, _ = planted(np.array([[[0.8, 0.2], [0.2, 0.8]]] * 20), 100, num_votes=5)
    other, question_Q, _, label_L = renamed(answers, seed=2)
    options = Options(tolerance=1e-12, max_steps=400)
    found, again = kos(answers, options), kos(other, options)
    np.testing.assert_allclose(
        again.posterior_QL[question_Q][:, label_L], found.posterior_QL, atol=1e-9
    )
