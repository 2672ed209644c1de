import os
import time

import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.sandbox import Limits, run_each_limited, run_limited


def add(a: int, b: int) -> int:
    return a + b


def fail(message: str) -> None:
    raise ItemFailed(Reason.BROKEN, message)


def dies_at_one(number: int) -> int:
    if number == 1:
        time.sleep(0.5)  # its pool must have heard that it has begun
        die()
    return number


def allocate(num_bytes: int) -> int:
    return len(bytearray(num_bytes))


def die() -> None:
    os._exit(9)


def test_the_result_comes_back() -> None:
    assert run_limited(add, 2, 3, limits=Limits()) == 5


def test_a_failure_comes_through() -> None:
    with pytest.raises(ItemFailed, match="broken: no header"):
        run_limited(fail, "no header", limits=Limits())


def test_too_slow_is_stopped() -> None:
    begun = time.monotonic()
    with pytest.raises(ItemFailed, match=r"longer than 0\.3 s") as failed:
        run_limited(time.sleep, 60, limits=Limits(seconds=0.3))
    assert failed.value.reason is Reason.TIMEOUT
    assert time.monotonic() - begun < 20


def test_too_greedy_is_refused() -> None:
    limits = Limits(memory_bytes=1 << 30)  # what children begin with, other tests' included, fits
    with pytest.raises(ItemFailed, match="more than 1024 MiB") as failed:
        run_limited(allocate, 1 << 33, limits=limits)
    assert failed.value.reason is Reason.MEMORY
    assert run_limited(allocate, 1 << 20, limits=limits) == 1 << 20


def test_too_greedy_before_it_begins_is_a_crash() -> None:
    with pytest.raises(ItemFailed) as failed:
        run_limited(allocate, 1, limits=Limits(memory_bytes=1 << 20))
    assert failed.value.reason is Reason.CRASHED


def test_a_death_is_a_crash() -> None:
    with pytest.raises(ItemFailed) as failed:
        run_limited(die, limits=Limits())
    assert failed.value.reason is Reason.CRASHED


def test_one_of_several_calls_that_dies_takes_no_other_with_it() -> None:
    results = run_each_limited(dies_at_one, [(number,) for number in range(4)], limits=Limits())
    found = []
    for result in results:
        try:
            found.append(result())
        except ItemFailed as failure:
            found.append(failure.reason)
    assert found == [0, Reason.CRASHED, 2, 3]
