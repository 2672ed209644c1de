"""Opening hostile files at arm's length: calls in children with limits of time and memory."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from pebble import ProcessExpired, ProcessPool

from kinetics_builder.children import begun_whole, served_children
from kinetics_builder.errors import ItemFailed, Reason

try:
    import resource
except ImportError:  # Windows knows no such limits.
    resource = None  # type: ignore[assignment]

T = TypeVar("T")

NICENESS = 5
"""How much more polite than its parent a child is to the rest of the machine."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call in a child may use."""

    seconds: float = 120.0
    """Wall-clock seconds, after which the child is killed."""

    memory_bytes: int = 2 << 30
    """Data (heap, anonymous mappings) of the child, in bytes."""


def limit_this_process(memory_bytes: int) -> None:
    """Bound the memory of this process from here on, write no core files, be polite.

    RLIMIT_DATA is the bound: RLIMIT_AS counts mapped files too, of which torch alone brings
    several GB. Nothing happens where the system knows no such limits.
    """
    if resource is None:
        return
    _lower(resource.RLIMIT_DATA, memory_bytes)
    _lower(resource.RLIMIT_CORE, 0)
    os.nice(NICENESS)


def _lower(limit: int, value: int) -> None:
    """Set both bounds of a limit to `value`, or to what is already allowed if that is less."""
    hard = resource.getrlimit(limit)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(limit, (bound, bound))


def run_limited(function: Callable[..., T], *args: object, limits: Limits) -> T:
    """Return `function(*args)`, computed in a child process within `limits`.

    `function` and `args` must be picklable. Too slow is ItemFailed(TIMEOUT), too greedy
    ItemFailed(MEMORY), a death without a word ItemFailed(CRASHED); the function's own
    exceptions come through as they are.
    """
    (found,) = run_each_limited(function, [args], limits=limits)
    return found()


def run_each_limited(
    function: Callable[..., T], calls: Sequence[Sequence[object]], *, limits: Limits
) -> Iterator[Callable[[], T]]:
    """Yield for each call, given by its arguments, what returns or raises as `run_limited` does.

    As many children as there are cores, each within `limits`, work on them. One that dies takes
    one call with it.
    """
    context = served_children(preload=["kinetics_builder.video.reading.frames"])
    pool = ProcessPool(
        max_workers=max(1, min(len(calls), os.cpu_count() or 1)),
        initializer=limit_this_process,
        initargs=(limits.memory_bytes,),
        context=context,
    )
    try:
        with begun_whole(context):
            waiting = [pool.schedule(function, args=a, timeout=limits.seconds) for a in calls]
        for one in waiting:
            wait([one])
            yield partial(_result, one, limits)
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _result(future: Future[T], limits: Limits) -> T:
    try:
        return future.result()
    except FutureTimeoutError as error:
        raise ItemFailed(Reason.TIMEOUT, f"took longer than {limits.seconds:g} s") from error
    except (ProcessExpired, BrokenProcessPool) as error:  # the latter before it has begun
        raise ItemFailed(Reason.CRASHED, f"the child process died ({error})") from error
    except MemoryError as error:
        mebibytes = limits.memory_bytes >> 20
        raise ItemFailed(Reason.MEMORY, f"needed more than {mebibytes} MiB") from error
