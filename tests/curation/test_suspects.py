"""Which labels are suspect."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.curation.folds import FoldPlan, both_say, out_of_fold_scores
from kinetics_builder.curation.suspects import (
    alike_adjacent,
    normalised_margin,
    ranked,
    self_confidence,
    trust,
)


def test_scores_and_votes_are_witnesses_that_count_together() -> None:
    own = np.array([0.9, 0.2, 0.2, np.nan, np.nan])
    yes, votes = np.array([3, 3, 3, 3, 3]), np.array([3, 3, 5, 3, 5])
    assert ranked(trust(own, yes, votes)) == [2, 1, 4, 3, 0]


def test_of_equals_the_earlier_one_comes_first() -> None:
    assert ranked(np.array([1.0, 0.0, 1.0, 0.0])) == [1, 3, 0, 2]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=6))
def test_confidence_and_margin_agree_on_who_is_surely_right(rows: list[list[float]]) -> None:
    scores = np.array(rows) / np.array(rows).sum(1, keepdims=True)
    labels = np.zeros(len(rows), np.int64)
    own, margin = self_confidence(scores, labels), normalised_margin(scores, labels)
    assert ((margin >= 0) & (margin <= 1)).all()
    assert ((margin >= 0.5 - 1e-9) | (own < 0.5)).all()


@pytest.mark.parametrize(
    ("pairs", "order"),
    [
        ([], [0, 1, 2, 3, 4]),
        ([(4, 1)], [0, 1, 4, 2, 3]),
        ([(0, 2), (2, 4)], [0, 2, 4, 1, 3]),
        ([(0, 9)], [0, 1, 2, 3, 4]),
    ],
)
def test_those_that_may_show_the_same_stand_side_by_side(
    pairs: list[tuple[int, int]], order: list[int]
) -> None:
    assert alike_adjacent(range(5), pairs) == order


def clouds(num: int = 60) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return two views of clips of three classes, their labels, and their videos."""
    random = np.random.default_rng(0)
    labels = np.arange(num) % 3
    numbers = np.eye(3)[labels] + 0.1 * random.normal(size=(num, 3))
    return np.stack([numbers, numbers[:, ::-1]]), labels, [f"v{n // 2}" for n in range(num)]


def test_wrong_labels_come_first_by_scores_of_folds() -> None:
    features, labels, videos = clouds()
    wrong = [7, 20, 41]
    given_labels = labels.copy()
    given_labels[wrong] = (labels[wrong] + 1) % 3
    scores = out_of_fold_scores(features[:1], given_labels, videos)
    assert np.allclose(scores.sum(1), 1)
    assert set(ranked(self_confidence(scores, given_labels))[:3]) == set(wrong)


def test_a_clip_is_never_scored_by_what_was_learnt_from_its_own_video() -> None:
    """Whatever label a video's clips have, their scores are the same."""
    features, labels, videos = clouds()
    other = labels.copy()
    fold_mates = [n for n, video in enumerate(videos) if video == "v3"]
    other[fold_mates] = (labels[fold_mates] + 1) % 3
    first, second = (out_of_fold_scores(features, one, videos) for one in (labels, other))
    assert np.allclose(first[fold_mates], second[fold_mates])
    assert not np.allclose(first, second)


def test_few_landmarks_tell_nearly_as_much() -> None:
    features, labels, videos = clouds()
    scores = out_of_fold_scores(features[:1], labels, videos, FoldPlan(max_landmarks=12))
    assert (scores.argmax(1) == labels).mean() > 0.9


def test_one_class_and_no_clips_are_no_trouble() -> None:
    assert out_of_fold_scores(
        np.zeros((1, 3, 2)), np.zeros(3, np.int64), ["a", "b", "c"]
    ).shape == (
        3,
        1,
    )
    assert out_of_fold_scores(np.zeros((1, 0, 2)), np.zeros(0, np.int64), []).shape == (0, 0)


def test_two_classifiers_together_say_what_both_say() -> None:
    one, other = np.array([[0.6, 0.4, 0.0]]), np.array([[0.1, 0.4, 0.5]])
    assert both_say(one, other).argmax() == 1
    assert both_say(one, other).sum() == pytest.approx(1)
