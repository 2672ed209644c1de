"""MACE: who spams, planted and found; beside another program and the authors' own."""

import csv
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.mace import fit_mace, mace
from kinetics_builder.crowd.truth.options import Options
from tests.crowd.truth.crowds import planted, renamed

CASE = json.loads((Path(__file__).parent / "crowdkit.json").read_text())
each_way = pytest.mark.parametrize("is_variational", [True, False], ids=["variational", "plain"])


def table(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if path.suffix == ".gz" else data
    return list(csv.DictReader(io.StringIO(text.decode())))


def spammers(competence_W: np.ndarray, habits_WL: np.ndarray) -> np.ndarray:
    """Return what such workers say (L) where T is true, as (W, T, L)."""
    truth_1TL = np.eye(habits_WL.shape[1])[None]
    spam_W11 = (1 - competence_W)[:, None, None]
    return (1 - spam_W11) * truth_1TL + spam_W11 * habits_WL[:, None]


@each_way
def test_planted_competences_and_habits_are_found(is_variational: bool) -> None:
    random = np.random.default_rng(1)
    competence_W = np.linspace(0.05, 0.9, 12)
    habits_WL = random.dirichlet(np.ones(3), size=12)
    answers, true_Q = planted(spammers(competence_W, habits_WL), num_questions=3000, num_votes=6)
    found = fit_mace(answers, Options(is_variational=is_variational, max_steps=300))
    assert (found.estimate.best_Q() == true_Q).mean() > 0.94
    np.testing.assert_allclose(found.competence_W, competence_W, atol=0.05)
    np.testing.assert_allclose(found.habits_WL.sum(axis=1), 1)
    spams = competence_W < 0.6
    np.testing.assert_allclose(found.habits_WL[spams], habits_WL[spams], atol=0.08)


def test_posteriors_are_those_of_crowd_kit() -> None:
    """It takes all labels for equally frequent, and made 400 steps."""
    options = Options(prior_L=(1 / 3,) * 3, tolerance=0, max_steps=400)
    found = mace(Answers.of(map(tuple, CASE["rows"])), options)
    np.testing.assert_allclose(found.posterior_QL, CASE["posteriors"]["mace"], atol=1e-5)


@each_way
def test_the_likelihood_never_falls(is_variational: bool) -> None:
    answers, _ = planted(np.array([[[0.7, 0.3], [0.4, 0.6]]] * 6), num_questions=80, num_votes=4)
    fixed = {"tolerance": 0, "smoothing": 1e-12, "is_variational": is_variational}
    steps = [Options(max_steps=steps, **fixed) for steps in range(1, 30)]
    likelihoods = [mace(answers, options).log_likelihood for options in steps]
    assert np.diff(likelihoods).min() > -1e-9
    assert likelihoods[-1] > likelihoods[0]


def test_equal_seeds_give_equal_bytes_and_more_starts_nothing_less_likely() -> None:
    answers, _ = planted(np.array([[[0.6, 0.4], [0.5, 0.5]]] * 8), num_questions=60, num_votes=3)
    one = mace(answers, Options())
    many, again, other = (mace(answers, Options(num_starts=6, seed=seed)) for seed in (3, 3, 4))
    assert many.posterior_QL.tobytes() == again.posterior_QL.tobytes()
    assert many.posterior_QL.tobytes() != other.posterior_QL.tobytes()
    assert min(many.log_likelihood, other.log_likelihood) >= one.log_likelihood


def test_one_who_always_says_yes_is_found_out() -> None:
    good, yes_man = [[0.85, 0.15], [0.15, 0.85]], [[0.0, 1.0], [0.0, 1.0]]
    answers, true_Q = planted(np.array([good] * 5 + [yes_man] * 3), 600, num_votes=5)
    found = fit_mace(answers, Options())
    assert found.competence_W[:5].min() > 0.5
    assert found.competence_W[5:].max() < 0.15
    assert found.habits_WL[5:, 1].min() > 0.9
    assert (found.estimate.best_Q() == true_Q).mean() > 0.9


def test_who_did_not_answer_has_no_competence() -> None:
    answers = Answers.of_places("q", "vwx", ["no", "yes"], [0, 0], [0, 2], [1, 1])
    found = fit_mace(answers, Options())
    assert np.isnan(found.competence_W).tolist() == [False, True, False]
    assert np.isnan(found.habits_WL[:, 0]).tolist() == [False, True, False]


def test_other_names_give_the_same_parameters() -> None:
    answers, _ = planted(
        spammers(np.linspace(0.1, 0.9, 7), np.full((7, 3), 1 / 3)), num_questions=90, num_votes=4
    )
    other, _, worker_W, label_L = renamed(answers, seed=2)
    found, again = fit_mace(answers, Options()), fit_mace(other, Options())
    np.testing.assert_allclose(again.competence_W[worker_W], found.competence_W, atol=1e-9)
    np.testing.assert_allclose(again.habits_WL[worker_W][:, label_L], found.habits_WL, atol=1e-9)


@pytest.mark.parametrize("stem", ["rte", "temp"])
def test_labels_and_competences_are_those_of_the_authors_program(stem: str, shared: Path) -> None:
    """Its ten starts are by chance, so that competences are near, not equal."""
    votes = table(shared / "crowd" / f"{stem}.standardized.csv.gz")
    rows = [(row["orig_id"], row["!amt_worker_ids"], row["response"]) for row in votes]
    answers = Answers.of(rows)
    options = Options(prior_L=(0.5, 0.5), num_starts=10, tolerance=0, max_steps=50)
    found = fit_mace(answers, options)
    units = table(shared / "crowd" / f"mace_units_{stem}.csv")
    theirs = {row["unit"]: row for row in units}
    columns = ["false", "true"] if stem == "rte" else answers.labels
    posterior_QL = np.array(
        [[float(theirs[question][label]) for label in columns] for question in answers.questions]
    )
    is_clear_Q = posterior_QL.max(axis=1) > 0.6
    assert is_clear_Q.mean() > 0.99
    assert (found.estimate.best_Q() == posterior_QL.argmax(axis=1))[is_clear_Q].all()
    np.testing.assert_allclose(found.estimate.posterior_QL, posterior_QL, atol=0.06)
    if stem == "temp":
        workers = table(shared / "crowd" / "mace_workers_temp.csv")
        competence_of = {row["worker"]: float(row["competence"]) for row in workers}
        competence_W = [competence_of[worker] for worker in answers.workers]
        np.testing.assert_allclose(found.competence_W, competence_W, atol=0.05)
