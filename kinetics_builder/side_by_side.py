"""Work on many files, some of them at once: disks and hashes wait for nobody's turn."""

import os
import resource
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_MOST_THREADS = 8
_ITEMS_AT_ONCE = 64
"""Of a thread: so few that whoever stops does not wait, so many that small files cost no turns."""
_QUICK_SECONDS = 50e-6
"""An item that takes less of a processor is no large file."""
_RARELY = 1 / 16
"""Waits an item, where the system has nearly all of it in memory."""
_WHO = getattr(resource, "RUSAGE_THREAD", resource.RUSAGE_SELF)
"""This thread; all of the process where the system does not tell them apart."""
_LOOKED_AT, _BEFORE_NEXT_LOOK = 8, 2048
"""So many items show whether they are quick, and so many are left to threads where they are not."""


def side_by_side(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield what `work` returns of each item, in their order; threads work on several at once.

    As long as items are quick, as small files are that the system has in memory, they are worked on
    by whoever asks: threads would take turns. Items are taken as they are needed. What `work`
    raises for the first item that fails is raised in its turn; items behind it may have been worked
    on.

    >>> list(side_by_side(len, ["a", "bcd", ""]))
    [1, 3, 0]
    """
    rest, size = iter(items), _LOOKED_AT
    while some := list(islice(rest, size)):
        spent, waited = _spent()
        found = _each(work, some)
        spent, waited = (
            now - before for now, before in zip(_spent(), (spent, waited), strict=True)
        )
        are_quick = spent < _QUICK_SECONDS * len(some) and waited <= _RARELY * len(some)
        yield from found
        size = _ITEMS_AT_ONCE if are_quick else _LOOKED_AT
        if not are_quick:
            yield from _by_threads(work, islice(rest, _BEFORE_NEXT_LOOK))


def _spent() -> tuple[float, float]:
    """Return what this thread has had of a processor, in seconds, and how often it has waited.

    Both are the same however busy the machine is with something else.
    """
    usage = resource.getrusage(_WHO)
    return usage.ru_utime + usage.ru_stime, usage.ru_nvcsw


def _by_threads(work: Callable[[T], R], items: Iterator[T]) -> Iterator[R]:
    num_threads = min(_MOST_THREADS, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(num_threads, "side by side")
    waiting: deque[Future[list[R]]] = deque()
    try:
        while some := list(islice(items, _ITEMS_AT_ONCE)):
            waiting.append(pool.submit(_each, work, some))
            if len(waiting) > 2 * num_threads:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _each(work: Callable[[T], R], items: list[T]) -> list[R]:
    return [work(item) for item in items]
