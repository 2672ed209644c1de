"""Gold answers: right ones, and guessers told from careful workers."""

import random

import pytest

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.gold import GoldCount, accuracy, is_right, looks_guessed, misses
from kinetics_builder.database.tables import Answer

CONFIG = VerifyConfig()


@pytest.mark.parametrize("answer", list(Answer))
def test_only_the_expected_answer_is_right(answer: Answer) -> None:
    assert is_right(answer, Answer.NO) is (answer is Answer.NO)


def test_a_worker_is_judged_below_half_but_not_on_a_few_answers() -> None:
    assert accuracy(0, 0) is None
    assert not misses(0, 3, 3, CONFIG)
    assert misses(1, 4, 4, CONFIG)
    assert not misses(2, 4, 4, CONFIG), "exactly half is enough"


def test_each_kind_is_judged_apart() -> None:
    """Always no: 25 of 46 right, which is more than half, and none where yes is right."""
    assert misses(0, 21, 46, CONFIG)
    assert not misses(25, 25, 46, CONFIG)
    assert not misses(0, 1, 20, CONFIG), "one answer of a kind says nothing"


@pytest.mark.parametrize(
    ("count", "is_guessed"),
    [
        pytest.param(GoldCount(4, 4, 4, 4), False, id="all right"),
        pytest.param(GoldCount(4, 3, 4, 3), False, id="six of eight"),
        pytest.param(GoldCount(4, 2, 4, 2), True, id="half of eight"),
        pytest.param(GoldCount(23, 13, 23, 12), True, id="25 of 46, both kinds alike"),
        pytest.param(GoldCount(23, 20, 23, 19), False, id="39 of 46"),
        pytest.param(GoldCount(10, 10, 10, 0), True, id="always yes"),
        pytest.param(GoldCount(10, 0, 10, 10), True, id="always no"),
        pytest.param(GoldCount(20, 11, 0, 0), False, id="one kind alone cannot tell"),
        pytest.param(GoldCount(2, 1, 2, 1), False, id="too few to tell"),
    ],
)
def test_a_guesser_is_told_from_a_careful_worker(count: GoldCount, is_guessed: bool) -> None:
    assert looks_guessed(count) is is_guessed


@pytest.mark.parametrize("bias", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_few_guessers_pass_whatever_their_bias(bias: float) -> None:
    """After 46 gold answers; a careful worker is right about 85 of 100 of either kind."""
    chance = random.Random(7)

    def judged(yes_right: float, other_right: float) -> bool:
        yes = sum(chance.random() < yes_right for _ in range(23))
        other = sum(chance.random() < other_right for _ in range(23))
        is_missing = misses(yes, 23, 46, CONFIG) or misses(other, 23, 46, CONFIG)
        return is_missing or looks_guessed(GoldCount(23, yes, 23, other))

    assert sum(judged(bias, 1 - bias) for _ in range(400)) > 0.93 * 400
    assert sum(judged(0.85, 0.85) for _ in range(400)) < 0.03 * 400
