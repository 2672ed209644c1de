"""Votes become arrays, the same ones in whatever order they come."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.crowd.truth.answers import AnsweredTwice, Answers

NAMES = st.text("abäA ", min_size=1, max_size=2)
VOTES = st.dictionaries(st.tuples(NAMES, NAMES), st.sampled_from(["no", "yes"])).map(
    lambda votes: [(question, worker, label) for (question, worker), label in votes.items()]
)


def rows_of(answers: Answers) -> list[tuple[str, str, str]]:
    places = zip(answers.question_V, answers.worker_V, answers.label_V, strict=True)
    return [(answers.questions[q], answers.workers[w], answers.labels[c]) for q, w, c in places]


@given(VOTES, st.randoms(use_true_random=False))
def test_rows_come_back_sorted_in_whatever_order_they_came(votes, random) -> None:
    shuffled = random.sample(votes, len(votes))
    answers, other = Answers.of(votes), Answers.of(shuffled)
    assert rows_of(answers) == rows_of(other) == sorted(votes)
    assert answers.questions == other.questions == tuple(sorted({vote[0] for vote in votes}))


def test_questions_without_votes_and_labels_that_nobody_chose_have_their_places() -> None:
    answers = Answers.of([("b", "w", "yes")], questions=["a", "b"], labels=["no", "yes", "bad"])
    assert (answers.questions, answers.labels) == (("a", "b"), ("bad", "no", "yes"))
    assert answers.votes_QL().tolist() == [[0, 0, 0], [0, 0, 1]]
    assert (answers.votes_Q().tolist(), answers.votes_W().tolist()) == ([0, 1], [1])


def test_sums_and_means_leave_empty_places_alone() -> None:
    votes = [("a", "v", "x"), ("c", "v", "x"), ("c", "w", "x")]
    answers = Answers.of(votes, questions=["a", "b", "c"])
    values_V = np.array([1.0, 2.0, 4.0])
    assert answers.sums_Q(values_V).tolist() == [1, 0, 6]
    assert answers.means_W(values_V).tolist() == [1.5, 4]
    assert Answers.of([], questions=["a"]).sums_Q(np.zeros(0)).tolist() == [0]


def test_a_worker_who_answers_twice_is_named_with_question_and_rows() -> None:
    votes = [("q", "Zoë", "no"), ("p", "Zoë", "no"), ("q", "v", "no"), ("q", "Zoë", "yes")]
    with pytest.raises(AnsweredTwice, match="worker 'Zoë' answers question 'q' twice") as caught:
        Answers.of(votes)
    assert caught.value.rows == (0, 3)
