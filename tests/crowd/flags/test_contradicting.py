"""Who contradicts themselves more often than others: how often it is said, and how rightly."""

import random

import pytest

from kinetics_builder.crowd.flags.answer import LEVEL
from kinetics_builder.crowd.flags.contradicting import flag_of_contradiction
from kinetics_builder.crowd.repeats import Consistency, Pair
from kinetics_builder.metrics.shares import wilson


def consistency(num: int, num_differing: int) -> Consistency:
    return Consistency(tuple(_pair(n, n < num_differing) for n in range(num)))


def _pair(clip_id: int, is_other: bool) -> Pair:
    was_yes = clip_id % 2 == 0
    return Pair(clip_id, was_yes, was_yes ^ is_other)


def crowd(rng: random.Random, shares: list[float], num: int = 25) -> list[Consistency]:
    return [consistency(num, sum(rng.random() < share for _ in range(num))) for share in shares]


def flagged(workers: list[Consistency]) -> list[int]:
    num = sum(one.num for one in workers)
    differing = sum(len(one.differing) for one in workers)
    return [
        place
        for place, one in enumerate(workers)
        if flag_of_contradiction(one, num - one.num, differing - len(one.differing))
    ]


def test_an_honest_worker_is_flagged_no_more_often_than_is_said() -> None:
    rng = random.Random(7)
    looks = [flagged(crowd(rng, [0.1] * 20)) for _ in range(300)]
    assert sum(map(len, looks)) <= 2 * LEVEL * 300 * 20, "of 6,000 honest workers"


def test_who_answers_by_chance_is_found_among_honest_workers() -> None:
    rng = random.Random(8)
    looks = [flagged(crowd(rng, [0.1] * 19 + [0.5])) for _ in range(100)]
    assert sum(19 in found for found in looks) >= 90
    assert sum(len(found) - (19 in found) for found in looks) <= 2


@pytest.mark.parametrize(("num", "num_differing"), [(3, 3), (40, 40), (40, 0)])
def test_nobody_is_flagged_where_nobody_else_was_asked_once_more(num, num_differing) -> None:
    assert flag_of_contradiction(consistency(num, num_differing), 0, 0) is None


def test_a_flag_says_what_was_seen_beside_others_and_names_the_clips() -> None:
    flag = flag_of_contradiction(consistency(12, 9), 200, 10)
    assert flag is not None and flag.clip_ids == tuple(range(9))
    assert flag.words == (
        "said something else of 9 of 12 clips when asked once more, all others of 10 of 200"
    )
    assert flag.chance < LEVEL


def test_agreement_is_corrected_for_chance_and_has_an_interval() -> None:
    found = consistency(10, 2)
    assert (found.num_alike, found.share, found.differing) == (8, 0.8, (0, 1))
    assert found.kappa == pytest.approx(0.6)
    assert found.interval == pytest.approx((0.490, 0.943), abs=1e-3)
    assert found.words == "8 of 10 alike (49% to 94%), kappa 0.60"
    alike = Consistency((Pair(1, True, True), Pair(2, True, True)))
    assert alike.kappa is None and alike.words == "2 of 2 alike (34% to 100%)"


def test_wilsons_interval_holds_the_true_share_about_95_times_in_100() -> None:
    rng = random.Random(3)
    for share, num in ((0.5, 20), (0.9, 40), (0.05, 60)):
        hits = [sum(rng.random() < share for _ in range(num)) for _ in range(2000)]
        held = sum(low <= share <= high for low, high in (wilson(one, num) for one in hits))
        assert 0.92 < held / 2000 < 0.99
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 5)[0] == 0.0 and wilson(5, 5)[1] == pytest.approx(1.0)
