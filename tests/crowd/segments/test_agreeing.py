"""Boundaries of several people: whatever their order, one segment for each doing."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.crowd.segments.agreeing import Agreement, Mark, agree
from kinetics_builder.intervals import Interval


def mark(worker: str, start: float, end: float) -> Mark:
    return Mark(worker, Interval(start, end))


THREE = [mark("a", 10, 20), mark("b", 11, 20), mark("c", 10, 23)]
marks = st.builds(
    mark, st.sampled_from("abcde"), st.integers(0, 50), st.integers(51, 100)
) | st.builds(lambda w, s: mark(w, s, s + 3), st.sampled_from("abcde"), st.integers(0, 97))


def test_the_medians_of_starts_and_ends_are_agreed_on() -> None:
    (segment,) = agree(THREE, num_asked=4)
    assert segment.interval == (10.0, 20.0)
    assert (segment.is_agreed, segment.share) == (True, 0.75)
    assert segment.overlap == pytest.approx((9 / 10 + 10 / 13 + 9 / 13) / 3)
    assert segment.spread == (0.0, 0.0)


@pytest.mark.parametrize(
    ("num_asked", "settings", "is_agreed"),
    [
        (4, Agreement(), True),
        (5, Agreement(), False),
        (5, Agreement(least_share=0.4), True),
        (1, Agreement(least_share=0.1), None),
    ],
    ids=["half of those asked", "fewer", "fewer are enough", "more than were asked"],
)
def test_enough_of_those_asked_must_have_marked_it(
    num_asked: int, settings: Agreement, is_agreed: bool | None
) -> None:
    if is_agreed is None:
        with pytest.raises(ValueError, match="2 workers marked, and 1 were asked"):
            agree(THREE[:2], num_asked, settings)
        return
    (segment,) = agree(THREE[:2], num_asked, settings)
    assert segment.is_agreed is is_agreed


def test_what_one_alone_marked_is_agreed_on_by_nobody() -> None:
    (segment,) = agree([mark("a", 0, 5)], num_asked=1)
    assert not segment.is_agreed and segment.overlap is None


def test_an_action_done_twice_stays_two() -> None:
    twice = [mark(worker, start, start + 4) for worker in "abc" for start in (0, 5)]
    found = agree(twice, num_asked=3)
    assert [segment.interval for segment in found] == [(0, 4), (5, 9)]
    assert all(len(segment.marks) == 3 for segment in found)


def test_whoever_marks_one_doing_in_two_pieces_is_in_it_once() -> None:
    found = agree([*THREE, mark("d", 10, 17), mark("d", 18, 20)], num_asked=4)
    workers = [one.worker for segment in found if segment.is_agreed for one in segment.marks]
    assert sorted(workers) == ["a", "b", "c", "d"]


@given(st.lists(marks, max_size=9), st.randoms())
def test_the_order_of_marks_does_not_matter(some: list[Mark], order: random.Random) -> None:
    mixed = list(some)
    order.shuffle(mixed)
    assert agree(some, 5) == agree(mixed, 5)


@given(st.lists(marks, max_size=9))
def test_every_mark_is_in_one_segment_and_every_worker_once(some: list[Mark]) -> None:
    found = agree(some, 5)
    assert sorted(one for segment in found for one in segment.marks) == sorted(some)
    for segment in found:
        workers = [one.worker for one in segment.marks]
        assert len(set(workers)) == len(workers)
        starts = [one.interval.start for one in segment.marks]
        assert min(starts) <= segment.interval.start <= max(starts)
    assert all(a.interval <= b.interval for a, b in pairwise(found))
