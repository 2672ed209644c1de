"""Work that threads share gives what one after the other would give."""

import threading
import time
from collections.abc import Iterator

import pytest

from kinetics_builder.side_by_side import side_by_side


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(side_by_side(str, range(1000))) == list(map(str, range(1000)))


def test_several_are_worked_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    met = threading.Barrier(2)

    def meet(item: int) -> None:
        if item == 0:
            time.sleep(0.01)  # what waits is worth threads
        if item in (8, 72):
            met.wait(timeout=60)  # one alone would wait in vain

    assert len(list(side_by_side(meet, range(73)))) == 73


def test_what_waits_for_nothing_is_done_by_whoever_asks_but_for_some_behind_what_waits() -> None:
    def who(item: int) -> int:
        if item == 0:
            time.sleep(0.01)
        return threading.get_ident()

    found = [one == threading.get_ident() for one in side_by_side(who, range(4000))]
    assert (all(found[:8]), any(found[8:2056]), sum(found[2056:])) == (True, False, 4000 - 2056)


def test_the_first_failure_is_raised_and_not_all_items_are_taken() -> None:
    taken = []

    def items() -> Iterator[int]:
        for item in range(100_000):
            taken.append(item)
            yield item

    def fail(item: int) -> int:
        if item in (70, 3):
            raise ValueError(item)
        return item

    with pytest.raises(ValueError, match=r"\A3\Z"):
        list(side_by_side(fail, items()))
    assert len(taken) < 100_000
