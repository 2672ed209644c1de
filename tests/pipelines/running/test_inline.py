"""Items of a stage that works in this process, looked at together, stay items of their own."""

from collections.abc import Callable, Sequence

import pytest

from kinetics_builder.errors import ItemFailed, Reason
from pipelines.running.engines.inline import InlinePool
from pipelines.running.notes import Note, note

LOOKED_AT: list[list[int]] = []


def work(number: int) -> int:
    if number < 0:
        raise ItemFailed(Reason.BROKEN, f"{number} is less than nothing")
    if number > 5:
        note("more than five", str(number))
    return 10 * number


def look(numbers: Sequence[int]) -> Callable[[int], int]:
    LOOKED_AT.append(list(numbers))
    return work


@pytest.mark.parametrize("looks", [None, look])
def test_results_failures_and_notes_are_an_item_each(
    looks: Callable[[Sequence[int]], Callable[[int], int]] | None,
) -> None:
    LOOKED_AT.clear()
    pool = InlinePool(look=looks)
    for number in (1, -2, 7):
        pool.submit(f"n{number}", work, number)
    good, bad, noted = pool.finished()
    assert (good.key, good.result, good.failure, good.notes) == ("n1", 10, None, ())
    assert (bad.key, bad.result, bad.notes) == ("n-2", None, ())
    assert bad.failure is not None
    assert bad.failure.reason is Reason.BROKEN
    assert (noted.result, noted.notes) == (70, (Note("more than five", "7"),))
    assert pool.num_open() == 0
    assert pool.finished() == []
    looked_at = [[1, -2, 7]] if looks else []
    assert looked_at == LOOKED_AT


def test_what_the_look_takes_is_parted_among_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter([0.0, 6.0, *[6.0] * 6])
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    pool = InlinePool(look=look)
    for number in (1, 2, 3):
        pool.submit(str(number), work, number)
    assert [outcome.seconds for outcome in pool.finished()] == [2.0, 2.0, 2.0]
