"""Votes with scores: what scores add, who leans, what is missing."""

import numpy as np
import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.glad import fit_glad
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.crowd.truth.video_aware import VideoAware, fit_video_aware
from kinetics_builder.errors import ConfigError

ABILITY_W, LEAN_W = np.linspace(0.5, 2.5, 24), np.tile([-0.8, 0.0, 0.8], 8)


def world(num_clips: int, num_votes: int, seed: int = 0) -> tuple[Answers, np.ndarray, np.ndarray]:
    """Return answers of workers who lean, about clips of all difficulties; scores; the truth.

    The classifier's score is of an area under the curve of 0.85, the title's tells less.
    """
    random = np.random.default_rng(seed)
    true_Q = (random.random(num_clips) < 0.4).astype(int)
    ease_Q = np.exp(random.normal(0.3, 0.5, num_clips))
    worker_QV = np.argsort(random.random((num_clips, len(ABILITY_W))), axis=1)[:, :num_votes]
    question_V, worker_V = np.repeat(np.arange(num_clips), num_votes), worker_QV.reshape(-1)
    sign_V = 2 * true_Q[question_V] - 1
    logit_V = sign_V * ABILITY_W[worker_V] * ease_Q[question_V] + LEAN_W[worker_V]
    label_V = random.random(len(logit_V)) < 1 / (1 + np.exp(-logit_V))
    names = [[f"{n:05}" for n in range(size)] for size in (num_clips, len(ABILITY_W))]
    score_Q = 100 + 5 * (random.normal(size=num_clips) + 1.466 * true_Q)
    title_Q = random.normal(size=num_clips) + 0.5 * true_Q
    answers = Answers.of_places(*names, ["no", "yes"], question_V, worker_V, label_V)
    return answers, np.column_stack([score_Q, title_Q]), true_Q


def share_right(found: VideoAware, true_Q: np.ndarray) -> float:
    return float((found.estimate.best_Q() == true_Q).mean())


def test_scores_find_more_than_votes_alone_and_leans_more_than_glad() -> None:
    answers, signals_QS, true_Q = world(3000, num_votes=3)
    none_QS = np.full_like(signals_QS, np.nan)
    with_scores, with_none = (
        fit_video_aware(answers, signals, Options()) for signals in (signals_QS, none_QS)
    )
    by_glad = (fit_glad(answers, Options()).estimate.best_Q() == true_Q).mean()
    assert share_right(with_none, true_Q) > by_glad + 0.003
    assert share_right(with_scores, true_Q) > share_right(with_none, true_Q) + 0.01


def test_planted_workers_and_scores_are_found() -> None:
    answers, signals_QS, true_Q = world(3000, num_votes=6)
    found = fit_video_aware(answers, signals_QS, Options(max_steps=300))
    assert found.estimate.is_converged
    assert np.corrcoef(found.ability_W, ABILITY_W)[0, 1] > 0.95
    np.testing.assert_allclose(found.lean_W, LEAN_W, atol=0.35)
    np.testing.assert_allclose(found.means_LS, [[100, 0], [107.33, 0.5]], atol=0.5)
    np.testing.assert_allclose(found.deviations_S, [5, 1], rtol=0.06)
    claimed = found.estimate.posterior_QL.max(axis=1).mean()
    assert share_right(found, true_Q) == pytest.approx(claimed, abs=0.02)


def test_a_clip_without_votes_is_told_by_its_score_and_one_without_either_stays_open() -> None:
    answers, signals_QS, true_Q = world(1500, num_votes=4)
    names = (*answers.questions, "x", "y", "z")
    votes = (answers.question_V, answers.worker_V, answers.label_V)
    more = Answers.of_places(names, answers.workers, answers.labels, *votes)
    signals_QS = np.vstack([signals_QS, [[115, np.nan], [90, 0.0], [np.nan, np.nan]]])
    signals_QS[:500, 0] = np.nan
    found = fit_video_aware(more, signals_QS, Options())
    by_score, by_both, by_none = found.estimate.posterior_QL[-3:, 1]
    assert by_score > 0.85 and by_both < 0.15 and np.isnan(by_none)
    assert np.isnan(found.ease_Q[-3:]).all()
    assert (found.estimate.best_Q()[:-3] == true_Q).mean() > 0.88


def test_a_score_that_rises_makes_yes_likelier() -> None:
    answers, signals_QS, _ = world(800, num_votes=2)
    signals_QS[:5] = np.column_stack([np.linspace(95, 115, 5), np.zeros(5)])
    rows = zip(answers.question_V, answers.worker_V, answers.label_V, strict=True)
    votes = [row for row in rows if row[0] >= 5]
    fewer = Answers.of_places(
        answers.questions, answers.workers, answers.labels, *np.array(votes).T
    )
    yes_Q = fit_video_aware(fewer, signals_QS, Options()).estimate.posterior_QL[:5, 1]
    assert (np.diff(yes_Q) > 0).all()


def test_the_likelihood_rises_and_equal_input_gives_equal_bytes() -> None:
    answers, signals_QS, _ = world(200, num_votes=4)
    steps = [Options(max_steps=steps, tolerance=0) for steps in (1, 3, 10, 30)]
    likelihoods = [
        fit_video_aware(answers, signals_QS, options).estimate.log_likelihood for options in steps
    ]
    assert np.diff(likelihoods).min() > 0
    one, other = (fit_video_aware(answers, signals_QS, Options()) for _ in range(2))
    assert one.estimate.posterior_QL.tobytes() == other.estimate.posterior_QL.tobytes()


def test_a_score_that_is_the_same_for_all_tells_nothing() -> None:
    answers, _, _ = world(100, num_votes=3)
    same = fit_video_aware(answers, np.full((100, 1), 7.0), Options(tolerance=0)).estimate
    none = fit_video_aware(answers, np.full((100, 1), np.nan), Options(tolerance=0)).estimate
    np.testing.assert_allclose(same.posterior_QL, none.posterior_QL, atol=1e-6)


@pytest.mark.parametrize(
    ("signals", "words"),
    [(np.zeros((2, 1)), "each of 3 questions"), (np.full((3, 1), np.inf), "finite signals")],
    ids=["a row is missing", "endless"],
)
def test_signals_that_do_not_fit_are_told(signals: np.ndarray, words: str) -> None:
    answers = Answers.of([("p", "v", "no"), ("q", "v", "yes"), ("r", "v", "no")])
    with pytest.raises(ConfigError, match=words):
        fit_video_aware(answers, signals, Options())


def test_three_labels_are_told() -> None:
    answers = Answers.of([("p", "v", "a"), ("q", "v", "b"), ("r", "v", "c")])
    with pytest.raises(ConfigError, match="expected two labels, got a, b, c"):
        fit_video_aware(answers, np.zeros((3, 1)), Options())
