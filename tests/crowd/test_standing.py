"""What follows from a worker's answers: simulated people and bots."""

import random
from collections.abc import Iterator

import pytest

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.kinds.clip import given_vote as Given
from kinetics_builder.crowd.standing import Fault, Record, Standing, judge
from kinetics_builder.database.tables import Answer

YES, NO, UNSURE, BAD = Answer
CONFIG = VerifyConfig()


def work(
    answers: Iterator[tuple[Answer, Answer | None]], seconds: float, config: VerifyConfig = CONFIG
) -> Standing:
    """Judge a worker who gives (answer, known answer) each so many seconds."""
    record = Record()
    for number, (said, expected) in enumerate(answers, start=1):
        now = 1e9 + number * seconds
        record.add(Given(number, said, expected, answered_at=now, taken_at=1e9), config)
    return judge(record, config)


def bot(choose, num: int = 400, seed: int = 1) -> Iterator[tuple[Answer, Answer | None]]:
    """Two of twenty questions are gold, a yes and a no."""
    chance = random.Random(seed)
    for number in range(num):
        expected = {5: YES, 14: NO}.get(number % 20)
        truth = expected or chance.choice([YES, NO])
        yield choose(chance, truth), expected


def guesses(chance: random.Random, truth: Answer) -> Answer:
    return chance.choice([YES, NO])


def always_no(chance: random.Random, truth: Answer) -> Answer:
    return NO


def careful(chance: random.Random, truth: Answer) -> Answer:
    return truth if chance.random() < 0.95 else UNSURE


def test_nine_bots_at_a_tenth_of_a_second_keep_no_standing() -> None:
    for seed in range(9):
        standing = work(bot(guesses, num=60, seed=seed), seconds=0.1)
        assert Fault.HASTE in standing.faults
        assert standing.is_flagged and "too fast" in standing.words
    assert work(bot(careful), seconds=0.1).is_hasty, "nobody can look so fast, right or not"


def test_haste_shows_at_the_tenth_answer() -> None:
    assert work(bot(careful, num=9), seconds=0.1).counts
    assert not work(bot(careful, num=10), seconds=0.1).counts


def test_bots_at_a_persons_speed_are_found_by_gold() -> None:
    found = [work(bot(guesses, num=460, seed=seed), seconds=4.0) for seed in range(20)]
    assert sum(not standing.counts for standing in found) >= 18
    assert Fault.YES in work(bot(always_no, num=60), seconds=4.0).faults


def test_careful_workers_keep_their_standing_at_a_persons_speed() -> None:
    for seed in range(20):
        standing = work(bot(careful, seed=seed), seconds=1.5)
        assert standing.counts and not standing.is_flagged
        assert standing.words == "counts"


def test_a_straight_line_is_flagged_at_its_twentieth_answer_and_not_set_aside() -> None:
    nothing_known = ((NO, None) for _ in range(20))
    standing = work(nothing_known, seconds=4.0)
    assert standing.counts and standing.is_flagged
    assert standing.words == "counts; “no” 20 times in a row"
    assert not work(((NO, None) for _ in range(19)), seconds=4.0).is_flagged


def test_a_bot_that_rests_now_and_then_is_hasty_all_the_same() -> None:
    record = Record()
    now = 0.0
    for number in range(1, 201):
        now += 90.0 if number % 20 == 0 else 0.1
        record.add(Given(number, YES, answered_at=now, taken_at=0.0), CONFIG)
    assert judge(record, CONFIG).is_hasty


def test_answers_that_waited_for_the_network_are_no_haste() -> None:
    """Five answers come at once after the time that they took."""
    record = Record()
    for number in range(1, 101):
        now = 20.0 * ((number + 4) // 5)
        record.add(Given(number, YES, answered_at=now, taken_at=0.0), CONFIG)
    assert judge(record, CONFIG).counts


def test_slow_answers_after_haste_do_not_make_it_good_soon() -> None:
    record = Record()
    now = 0.0
    for number in range(1, 151):
        now += 0.1 if number <= 100 else 5.0
        record.add(Given(number, careful(random.Random(number), YES), None, now, 0.0), CONFIG)
    assert judge(record, CONFIG).is_hasty


def test_a_clock_set_back_makes_nobody_hasty() -> None:
    record = Record()
    for number in range(1, 41):
        now = 1000.0 + 5.0 * number - (3600.0 if number > 20 else 0.0)
        record.add(Given(number, YES, None, now, 1000.0), CONFIG)
    assert judge(record, CONFIG).counts


@pytest.mark.parametrize("fault", [Fault.EXCLUDED, Fault.JOINED])
def test_what_the_owner_did_is_no_news_to_the_owner(fault: Fault) -> None:
    standing = judge(Record(num_votes=50, last_answer=NO, num_same=50), CONFIG, [fault])
    assert not standing.counts and not standing.is_flagged
    assert standing.words.startswith(f"set aside: {fault.value}")


def test_zero_turns_speed_and_straight_lines_off() -> None:
    config = VerifyConfig(haste_seconds=0, straight_answers=0)
    standing = work(((NO, None) for _ in range(60)), 0.01, config)
    assert standing.counts and not standing.is_flagged
