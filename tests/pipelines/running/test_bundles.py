"""Items that gain from one another go to a child together, and stay items of their own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kinetics_builder.errors import ItemFailed, Reason
from pipelines.running.engines.bundles import MOST, BundlingPool, bundle_size
from pipelines.running.engines.pool import Outcome, worked
from pipelines.running.stage import Together

OPENED: list[str] = []


def work(item: tuple[str, int]) -> int:
    if item[1] < 0:
        raise ItemFailed(Reason.BROKEN, f"{item[1]} is less than nothing")
    return 10 * item[1]


@contextmanager
def opened(first: tuple[str, int]) -> Iterator:
    OPENED.append(first[0])
    yield work


class SmallPool:
    """Works on one task at a time; a task that holds `deadly` dies."""

    capacity = 4

    def __init__(self, deadly: int | None = None) -> None:
        self.deadly = deadly
        self.tasks: list[tuple] = []
        self.sizes: list[int] = []

    def submit(self, key, task, item) -> None:
        self.tasks.append((key, task, item))
        self.sizes.append(len(item) if isinstance(item, list) else 1)

    def finished(self) -> list[Outcome]:
        key, task, item = self.tasks.pop(0)
        items = item if isinstance(item, list) else [item]
        if self.deadly in [number for _, number in items]:
            return [Outcome(key, None, ItemFailed(Reason.CRASHED, "died"), 1.0)]
        return [Outcome(key, *worked(task, item))]

    def num_open(self) -> int:
        return len(self.tasks)

    def stop(self) -> None:
        self.tasks.clear()


def all_outcomes(pool: BundlingPool) -> dict[str, Outcome]:
    found: list[Outcome] = []
    while pool.num_open():
        found += pool.finished()
    assert len({outcome.key for outcome in found}) == len(found)
    return {outcome.key: outcome for outcome in found}


def filled(inner: SmallPool, counts: dict[str, list[int]]) -> BundlingPool:
    OPENED.clear()
    pool = BundlingPool(inner, Together(of=lambda item: item[0], opened=opened))
    for name, numbers in counts.items():
        for number in numbers:
            pool.submit(f"{name}{number}", work, (name, number))
    return pool


def test_what_belongs_together_is_opened_once() -> None:
    pool = filled(SmallPool(), {"a": [1, 2, 3], "b": [4, 5], "c": [6]})
    assert pool.num_open() == 6
    outcomes = all_outcomes(pool)
    assert {key: outcome.result for key, outcome in outcomes.items()} == {
        "a1": 10, "a2": 20, "a3": 30, "b4": 40, "b5": 50, "c6": 60,
    }  # fmt: skip
    assert OPENED == ["a", "b"]  # c's item is alone: it needs no bundle


def test_an_item_that_fails_costs_itself_alone() -> None:
    outcomes = all_outcomes(filled(SmallPool(), {"a": [1, -2, 3], "b": [4]}))
    assert {key for key, outcome in outcomes.items() if outcome.failure} == {"a-2"}
    assert outcomes["a3"].result == 30


@pytest.mark.parametrize("deadly", [1, 2, 3])
def test_what_kills_its_child_costs_itself_alone(deadly: int) -> None:
    outcomes = all_outcomes(filled(SmallPool(deadly), {"a": [1, 2, 3], "b": [4, 5]}))
    failed = {key: one.failure.reason for key, one in outcomes.items() if one.failure}
    assert failed == {f"a{deadly}": Reason.CRASHED}
    assert sum(outcome.failure is None for outcome in outcomes.values()) == 4


def test_a_long_list_is_parted_and_a_short_one_keeps_all_workers_busy() -> None:
    inner = SmallPool()
    all_outcomes(filled(inner, {"a": list(range(5 * MOST))}))
    assert max(inner.sizes) == MOST
    inner = SmallPool()
    all_outcomes(filled(inner, {"a": list(range(4))}))
    assert inner.sizes[:2] == [2, 2]


def test_the_last_kind_waits_for_its_like_while_there_is_other_work() -> None:
    inner = SmallPool()
    pool = filled(inner, {"a": [1, 2], "b": [3, 4], "c": [5, 6], "d": [7]})
    pool.finished()
    pool.submit("d8", work, ("d", 8))
    all_outcomes(pool)
    assert OPENED == ["a", "b", "c", "d"]


def test_every_worker_is_thought_of() -> None:
    for num_open in range(1, 70):
        for num_workers in (1, 2, 7):
            size = bundle_size(num_open, num_workers)
            assert 1 <= size <= MOST
            assert size == MOST or size * num_workers >= num_open
