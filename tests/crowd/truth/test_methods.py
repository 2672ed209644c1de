"""What holds for every method, whichever it is."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.estimate import NONE, Estimate
from kinetics_builder.crowd.truth.methods import METHODS, method_named
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.errors import ConfigError
from tests.crowd.truth.crowds import Row, planted

each_method = pytest.mark.parametrize("name", METHODS)
VOTES = st.dictionaries(
    st.tuples(st.sampled_from("qrstu"), st.sampled_from("vwxyz")),
    st.sampled_from(["no", "yes"]),
    min_size=2,
).map(lambda votes: [(question, worker, label) for (question, worker), label in votes.items()])


def estimate(name: str, answers: Answers) -> Estimate:
    return METHODS[name](answers, Options())


def bytes_of(found: Estimate) -> bytes:
    return found.posterior_QL.tobytes() + found.quality_W.tobytes()


@each_method
@settings(max_examples=15)
@given(votes=VOTES, random=st.randoms(use_true_random=False))
def test_the_order_of_votes_does_not_matter(name: str, votes: list[Row], random) -> None:
    shuffled = Answers.of(random.sample(votes, len(votes)), labels=["no", "yes"])
    found = estimate(name, Answers.of(votes, labels=["no", "yes"]))
    assert bytes_of(found) == bytes_of(estimate(name, shuffled))
    np.testing.assert_allclose(found.posterior_QL.sum(axis=1), 1)
    assert ((found.quality_W >= 0) & (found.quality_W <= 1)).all()


@each_method
def test_a_crowd_of_one_mind_is_believed(name: str) -> None:
    votes = [(q, w, "yes" if q < "s" else "no") for q in "qrst" for w in "uvwx"]
    found = estimate(name, Answers.of(votes))
    assert found.best_Q().tolist() == [1, 1, 0, 0]
    assert found.quality_W.min() > 0.8


@each_method
def test_two_who_say_the_opposite_of_one_question_leave_a_tie(name: str) -> None:
    found = estimate(name, Answers.of([("q", "v", "yes"), ("q", "w", "no")]))
    assert found.best_Q().tolist() == [NONE]


@each_method
def test_questions_without_votes_stay_open_and_change_nothing(name: str) -> None:
    answers, _ = planted(np.array([[[0.8, 0.2], [0.3, 0.7]]] * 6), num_questions=40, num_votes=3)
    votes = zip(answers.question_V, answers.worker_V, answers.label_V, strict=True)
    rows = [(answers.questions[q], answers.workers[w], answers.labels[c]) for q, w, c in votes]
    found = estimate(name, Answers.of(rows, questions=["a first", "zz"]))
    assert np.isnan(found.posterior_QL[[0, -1]]).all()
    assert found.best_Q()[[0, -1]].tolist() == [NONE, NONE]
    np.testing.assert_allclose(
        found.posterior_QL[1:-1], estimate(name, answers).posterior_QL, atol=1e-6
    )


@each_method
def test_without_any_votes_nothing_is_known(name: str) -> None:
    found = estimate(name, Answers.of([], questions=["q"], labels=["no", "yes"]))
    assert np.isnan(found.posterior_QL).all() and found.posterior_QL.shape == (1, 2)


@each_method
def test_careful_workers_outweigh_careless_ones(name: str) -> None:
    careful, careless = [[0.95, 0.05], [0.05, 0.95]], [[0.55, 0.45], [0.45, 0.55]]
    confusion_WTL = np.array([careful] * 4 + [careless] * 4)
    answers, true_Q = planted(confusion_WTL, num_questions=600, num_votes=4)
    found = estimate(name, answers)
    assert found.quality_W[:4].min() > found.quality_W[4:].max()
    if name != "majority":
        by_majority = (estimate("majority", answers).best_Q() == true_Q).mean()
        assert (found.best_Q() == true_Q).mean() > by_majority + 0.01


@each_method
def test_a_thousand_votes_on_one_question_overflow_nothing(name: str) -> None:
    votes = [("q", f"w{number}", "yes" if number % 10 else "no") for number in range(1000)]
    votes += [("r", f"w{number}", "no") for number in range(1000)]
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = estimate(name, Answers.of(votes))
    assert found.best_Q().tolist() == [1, 0]


def test_an_unknown_method_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"called 'vote'; there are majority, wawa, "):
        method_named("vote")


@each_method
def test_the_page_says_what_a_method_takes_a_worker_for(name: str) -> None:
    page = Path(__file__).parents[3] / "docs" / "truth.md"
    assert f"\n| `{name}` | " in page.read_text(encoding="utf-8")
