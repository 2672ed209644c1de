"""Work in child processes that may be killed: untrusted video is opened nowhere else.

Children are kept from item to item, so that imports and networks are loaded once. One that
outlasts its time, dies or takes too much memory costs its own item and no other.
"""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing.context import BaseContext
from typing import Any

from pebble import ProcessExpired, ProcessPool

from kinetics_builder.children import (
    begun_whole,
    compute_in_one_thread,
    leave_with_parent,
    served_children,
)
from kinetics_builder.errors import ItemFailed, KbuildError, Reason
from kinetics_builder.video.sandbox import limit_this_process
from pipelines.running.engines.pool import POLL_SECONDS, Outcome, worked
from pipelines.stages import ALL_MODULES, WORKED_WITH


def begin_serving() -> BaseContext:
    """Start the server that children are forked by; what they need it imports from now on."""
    return served_children(preload=(*ALL_MODULES.values(), *WORKED_WITH))


class Children:
    """Child processes of this one, each with a memory limit."""

    def __init__(self, workers: int, memory_bytes: int) -> None:
        self._context = begin_serving()
        self._pool = ProcessPool(
            max_workers=workers,
            initializer=_prepare_child,
            initargs=(memory_bytes,),
            context=self._context,
        )
        self._is_begun = False

    def begin(
        self, work: Callable[[Any], Any], item: Any, timeout_seconds: float | None
    ) -> Future[Any]:
        """Hand an item to the next free child; `outcome_of` takes what comes back."""
        if not self._is_begun:
            with begun_whole(self._context):
                self._is_begun = self._pool.active
        return self._pool.schedule(worked, args=(work, item), timeout=timeout_seconds)

    def stop(self) -> None:
        """End the children, wherever they are."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()


class ChildPool:
    """Works in child processes with a time limit an item and a memory limit each."""

    def __init__(self, workers: int, timeout_seconds: float | None, memory_bytes: int) -> None:
        self.capacity = 2 * workers
        self._timeout_seconds = timeout_seconds
        self._begun: dict[Future[Any], tuple[str, float]] = {}
        self._children = Children(workers, memory_bytes)

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Hand an item to the next free child."""
        future = self._children.begin(work, item, self._timeout_seconds)
        self._begun[future] = (key, time.monotonic())

    def finished(self) -> list[Outcome]:
        """Return the outcomes of the children that are ready.

        Raises:
            KbuildError: A child found that no item can succeed.

        """
        ready, _ = wait(self._begun, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
        return [outcome_of(future, *self._begun.pop(future)) for future in ready]

    def num_open(self) -> int:
        """Return how many items are with the children."""
        return len(self._begun)

    def stop(self) -> None:
        """End the children, wherever they are."""
        self._children.stop()


def outcome_of(future: Future[Any], key: str, begun: float) -> Outcome:
    """Wait for a child, and return what became of the item that it was handed.

    Args:
        future: As `Children.begin` returned it.
        key: The item's.
        begun: When it was handed over, by the monotonic clock.

    Raises:
        KbuildError: The child found that no item can succeed.

    """
    error = future.exception()
    if error is None:
        return Outcome(key, *future.result())
    if isinstance(error, (KbuildError, KeyboardInterrupt)):
        raise error
    return Outcome(key, None, _failure(error), time.monotonic() - begun)


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


def _prepare_child(memory_bytes: int) -> None:
    compute_in_one_thread()
    limit_this_process(memory_bytes)
    leave_with_parent()
