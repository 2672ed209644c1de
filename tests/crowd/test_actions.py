"""What a person's actions may be, when enough have named them, and how far sets agree."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.actions.agreement import f1, is_right_set, jaccard, mean_agreement
from kinetics_builder.crowd.actions.proposing import (
    check_actions,
    proposers_to_decide,
    verdict_of_box,
)
from kinetics_builder.crowd.policy import verdict_of, votes_to_decide
from kinetics_builder.database.tables import Verdict
from kinetics_builder.errors import ConfigError

ACCEPTED, REJECTED, OPEN = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.OPEN
sets = st.sets(st.integers(1, 80), max_size=7)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        pytest.param([12], None, id="a pose is enough"),
        pytest.param([12, 15, 17, 20, 64, 74, 79], None, id="one pose and three of each"),
        pytest.param([], "found no pose", id="nothing"),
        pytest.param([17, 80], "found no pose", id="interactions alone"),
        pytest.param([11, 12], "at most 1 pose, found 'sit', 'stand'", id="two poses"),
        pytest.param([12, 15, 17, 20, 22], "at most 3 interactions with objects", id="4 objects"),
        pytest.param([12, 64, 65, 66, 67], "at most 3 interactions with persons", id="4 persons"),
        pytest.param([12, 17, 17], "stands twice", id="one twice"),
    ],
)
def test_one_pose_and_up_to_three_interactions_of_each_sort(
    numbers: Sequence[int], words: str | None
) -> None:
    actions = [ava_vocabulary().of_id(number) for number in numbers]
    if words is None:
        check_actions(actions)
    else:
        with pytest.raises(ValueError, match=words):
            check_actions(actions)


@pytest.mark.parametrize(
    ("named", "flagged", "verdict", "needed"),
    [
        pytest.param(0, 0, OPEN, 2, id="nobody has answered"),
        pytest.param(1, 0, OPEN, 1, id="one has named"),
        pytest.param(2, 0, ACCEPTED, 0, id="two have named"),
        pytest.param(1, 1, OPEN, 1, id="the third decides"),
        pytest.param(1, 2, REJECTED, 0, id="two have flagged"),
        pytest.param(3, 3, ACCEPTED, 0, id="gold of which as many say both"),
        pytest.param(3, 9, REJECTED, 0, id="gold that most have flagged"),
    ],
)
def test_two_proposers_or_two_flags_decide(named, flagged, verdict, needed) -> None:
    assert verdict_of_box(named, flagged, 2) is verdict
    assert proposers_to_decide(named, flagged, 2) == needed


@given(st.lists(st.booleans(), max_size=9), st.integers(1, 4))
def test_a_box_is_decided_by_fewer_than_twice_the_proposers(flags, proposers) -> None:
    num_flagged = sum(flags)
    if len(flags) >= 2 * proposers - 1:
        assert verdict_of_box(len(flags) - num_flagged, num_flagged, proposers) is not OPEN


@pytest.mark.parametrize(
    ("yes", "answers", "verdict", "needed"),
    [
        pytest.param(0, 0, OPEN, 2, id="nobody has answered"),
        pytest.param(1, 1, OPEN, 1, id="one yes"),
        pytest.param(2, 2, ACCEPTED, 0, id="two yes: the third is not asked"),
        pytest.param(0, 1, OPEN, 1, id="one no"),
        pytest.param(0, 2, REJECTED, 0, id="two no: the third is not asked"),
        pytest.param(1, 2, OPEN, 1, id="the third decides"),
        pytest.param(2, 3, ACCEPTED, 0, id="two of three"),
    ],
)
def test_two_of_three_raters_accept_an_action(yes, answers, verdict, needed) -> None:
    quorum = VerifyConfig().of_actions
    assert verdict_of(yes, answers, quorum) is verdict
    assert votes_to_decide(yes, answers, quorum) == needed


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"action_min_yes": 4}, r"action_votes \(3\), found 4", id="out of reach"),
        pytest.param({"proposers": 0}, "proposers must be more than 0", id="nobody proposes"),
        pytest.param({"action_agreement": 1.5}, "between 0 and 1", id="more than all"),
    ],
)
def test_settings_that_nobody_can_meet_are_refused(settings, words) -> None:
    with pytest.raises(ConfigError, match=words):
        VerifyConfig(**settings)


@given(sets, sets)
def test_agreement_is_symmetric_and_f1_follows_from_jaccard(one, other) -> None:
    index = jaccard(one, other)
    assert index == jaccard(other, one)
    assert math.isclose(f1(one, other), 2 * index / (1 + index))
    assert (index == 1) == (one == other)


def test_a_set_is_right_from_the_least_agreement_on() -> None:
    assert is_right_set({12, 17}, {12, 80}, 0.5)
    assert not is_right_set({12, 17}, {11, 80}, 0.5)
    assert not is_right_set({12}, {12, 17, 74, 79}, 0.5)


def test_agreement_of_a_film_is_the_mean_over_boxes_with_two_answers() -> None:
    assert mean_agreement({1: [{12}, {12, 17}], 2: [{11}], 3: [{4}, {4}, {5}]}) == pytest.approx(
        (1 / 2 + 1 / 3) / 2
    )
    assert mean_agreement({1: [{12}]}) is None
