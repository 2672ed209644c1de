"""Where an item is worked on: in this process, or in children that may be killed.

Children are kept from item to item, so that imports and networks are loaded once. One that
outlasts its time, dies or takes too much memory costs its own item and no other.
"""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from typing import Any, Protocol

from pebble import ProcessExpired, ProcessPool

from kinetics_builder.children import compute_in_one_thread, leave_with_parent, served_children
from kinetics_builder.errors import ItemFailed, KbuildError, Reason
from kinetics_builder.video.sandbox import limit_this_process
from pipelines.notes import Note, noting
from pipelines.stages import ALL_MODULES

_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Outcome:
    """What became of one item: a result, or a failure."""

    key: str
    result: Any
    failure: ItemFailed | None
    seconds: float
    notes: tuple[Note, ...] = ()


class Pool(Protocol):
    """Takes items, gives outcomes."""

    capacity: int
    """Items worth handing over at once."""

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Begin one item."""

    def finished(self) -> list[Outcome]:
        """Return what has finished, waiting a moment for the first."""

    def num_open(self) -> int:
        """Return how many submitted items have not been returned by `finished`."""

    def stop(self) -> None:
        """Abandon everything at once."""


class InlinePool:
    """Works in this process, when asked what is finished."""

    def __init__(self, capacity: int = 500) -> None:
        self.capacity = capacity
        self._waiting: list[tuple[str, Callable[[Any], Any], Any]] = []

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Put an item on the list."""
        self._waiting.append((key, work, item))

    def finished(self) -> list[Outcome]:
        """Work through the list."""
        waiting, self._waiting = self._waiting, []
        return list(self._work(waiting))

    def num_open(self) -> int:
        """Return the length of the list."""
        return len(self._waiting)

    def stop(self) -> None:
        """Forget the list."""
        self._waiting.clear()

    def _work(self, waiting: list[tuple[str, Callable[[Any], Any], Any]]) -> Iterator[Outcome]:
        for key, work, item in waiting:
            yield Outcome(key, *worked(work, item))


class ChildPool:
    """Works in child processes with a time limit an item and a memory limit each."""

    def __init__(self, workers: int, timeout_seconds: float | None, memory_bytes: int) -> None:
        self.capacity = 2 * workers
        self._timeout_seconds = timeout_seconds
        self._begun: dict[Future[Any], tuple[str, float]] = {}
        self._pool = ProcessPool(
            max_workers=workers,
            initializer=_prepare_child,
            initargs=(memory_bytes,),
            context=served_children(preload=tuple(ALL_MODULES.values())),
        )

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Hand an item to the next free child."""
        future = self._pool.schedule(worked, args=(work, item), timeout=self._timeout_seconds)
        self._begun[future] = (key, time.monotonic())

    def finished(self) -> list[Outcome]:
        """Return the outcomes of the children that are ready.

        Raises:
            KbuildError: A child found that no item can succeed.

        """
        ready, _ = wait(self._begun, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
        return [self._outcome(future) for future in ready]

    def num_open(self) -> int:
        """Return how many items are with the children."""
        return len(self._begun)

    def stop(self) -> None:
        """End the children, wherever they are."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def _outcome(self, future: Future[Any]) -> Outcome:
        key, begun = self._begun.pop(future)
        error = future.exception()
        if error is None:
            return Outcome(key, *future.result())
        if isinstance(error, (KbuildError, KeyboardInterrupt)):
            raise error
        return Outcome(key, None, _failure(error), time.monotonic() - begun)


def make_pool(
    *, in_children: bool, workers: int, timeout_seconds: float | None, memory_bytes: int
) -> Pool:
    """Return the pool for a stage; `workers` 0 means one for each core."""
    if not in_children:
        return InlinePool()
    return ChildPool(workers or os.cpu_count() or 1, timeout_seconds, memory_bytes)


def _failure(error: BaseException) -> ItemFailed:
    if isinstance(error, ItemFailed):
        return error
    if isinstance(error, FutureTimeoutError):
        return ItemFailed(Reason.TIMEOUT, "took longer than its time limit and was stopped")
    if isinstance(error, ProcessExpired):
        return ItemFailed(Reason.CRASHED, f"its process died with exit code {error.exitcode}")
    if isinstance(error, MemoryError):
        return ItemFailed(Reason.MEMORY, "needed more memory than its limit")
    return ItemFailed(Reason.OTHER, f"{type(error).__name__}: {error}")


Worked = tuple[Any, ItemFailed | None, float, tuple[Note, ...]]
"""Result or failure, seconds, notes."""


def worked(work: Callable[[Any], Any], item: Any) -> Worked:
    """Return the result or the failure, the seconds that it took, and what was noted."""
    begun = time.monotonic()
    with noting() as notes:
        try:
            result, failure = work(item), None
        except ItemFailed as error:
            result, failure = None, error
    return result, failure, time.monotonic() - begun, tuple(notes)


def _prepare_child(memory_bytes: int) -> None:
    compute_in_one_thread()
    limit_this_process(memory_bytes)
    leave_with_parent()
