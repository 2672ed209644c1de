"""Processes that take a part of a large release's work from the one that was asked for it."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from kinetics_builder.children import fresh_children, leave_with_parent
from kinetics_builder.errors import WorkspaceError


@contextmanager
def processes_beside(number: int, work: str) -> Iterator[ProcessPoolExecutor]:
    """Give so many new processes, which are gone when the block ends.

    Args:
        number: Of them.
        work: What they do, and what to do where one of them is killed, as "links clips. Do it
            again".

    Raises:
        WorkspaceError: One was killed.

    """
    pool = ProcessPoolExecutor(number, mp_context=fresh_children(), initializer=_begin)
    what, _, remedy = work.partition(". ")
    try:
        yield pool
    except BrokenProcessPool as error:
        raise WorkspaceError(f"a process that {what} was killed. {remedy}.") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the parent, with which this process ends."""
    leave_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
