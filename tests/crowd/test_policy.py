"""Votes -> one decision; gold -> one judgement of a worker."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.policy import (
    decide,
    is_certain,
    open_votes,
    verdict_of,
    votes_to_decide,
)
from kinetics_builder.database.tables import Answer, Verdict

YES, NO, UNSURE, BAD = Answer
CONFIG = VerifyConfig()
answers = st.lists(st.sampled_from(list(Answer)), max_size=5)
configs = st.integers(1, 7).flatmap(
    lambda most: st.builds(VerifyConfig, max_votes=st.just(most), min_yes=st.integers(1, most))
)


@pytest.mark.parametrize(
    ("given_answers", "verdict"),
    [
        pytest.param([], Verdict.OPEN, id="nobody has answered"),
        pytest.param([YES] * 2, Verdict.OPEN, id="two yes are too few"),
        pytest.param([YES] * 3, Verdict.ACCEPTED, id="three yes accept at once"),
        pytest.param([NO] * 3, Verdict.REJECTED, id="three no reject at once"),
        pytest.param([NO, UNSURE, BAD], Verdict.REJECTED, id="unsure and bad count like no"),
        pytest.param([NO, NO, YES, YES], Verdict.OPEN, id="the fifth vote decides"),
        pytest.param([NO, NO, YES, YES, YES], Verdict.ACCEPTED, id="three of five"),
        pytest.param([NO, NO, YES, YES, UNSURE], Verdict.REJECTED, id="two of five"),
        pytest.param([NO] * 4 + [YES] * 3, Verdict.REJECTED, id="three of seven"),
        pytest.param([NO] * 4 + [YES] * 6, Verdict.ACCEPTED, id="six of ten"),
    ],
)
def test_three_yes_of_at_most_five_accept(given_answers: list[Answer], verdict: Verdict) -> None:
    assert decide(given_answers, CONFIG) is verdict
    assert is_certain(given_answers, CONFIG) is (verdict is not Verdict.OPEN)


@settings(max_examples=30, deadline=None)
@given(answers)
def test_the_order_of_answers_does_not_matter(given_answers: list[Answer]) -> None:
    assert len({decide(order, CONFIG) for order in permutations(given_answers)}) == 1


@settings(max_examples=200, deadline=None)
@given(configs, st.data())
def test_a_decision_stands_whatever_comes_and_max_votes_always_decide(
    config: VerifyConfig, data: st.DataObject
) -> None:
    sequence = data.draw(
        st.lists(
            st.sampled_from(list(Answer)), min_size=config.max_votes, max_size=config.max_votes
        )
    )
    verdicts = [decide(sequence[:num], config) for num in range(len(sequence) + 1)]
    decided = [verdict for verdict in verdicts if verdict is not Verdict.OPEN]
    assert len(set(decided)) == 1, "once decided, always decided, and the same way"
    assert verdicts[-1] is not Verdict.OPEN


@settings(max_examples=200, deadline=None)
@given(configs, st.integers(0, 8), st.integers(0, 8))
def test_open_votes_are_enough_and_the_fewest_are_needed(
    config: VerifyConfig, num_yes: int, num_other: int
) -> None:
    num = num_yes + num_other
    most = open_votes(num_yes, num, config)
    fewest = votes_to_decide(num_yes, num, config)
    assert (most > 0) is (verdict_of(num_yes, num, config) is Verdict.OPEN) is (fewest > 0)
    assert fewest <= most
    for yes in range(most + 1):
        assert verdict_of(num_yes + yes, num + most, config) is not Verdict.OPEN
    for asked in range(fewest):
        for yes in range(asked + 1):
            assert verdict_of(num_yes + yes, num + asked, config) is Verdict.OPEN
    assert fewest == 0 or Verdict.OPEN in {
        verdict_of(num_yes + yes, num + fewest - 1, config) for yes in range(fewest)
    }
