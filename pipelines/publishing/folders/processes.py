"""Processes that take a part of a large release's work from the one that was asked for it."""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from kinetics_builder.children import fresh_children, leave_with_parent
from kinetics_builder.errors import KbuildError, WorkspaceError
from kinetics_builder.garbage import many_rows

T = TypeVar("T")

_MOST_WAITING = 8
"""Pages that wait for a process before whoever makes them waits, too."""

Opening = Callable[[], AbstractContextManager[Callable[[T], object]]]
"""Opens what takes pages."""


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
    try:
        yield pool
    except BrokenProcessPool as error:
        raise _killed(work) from error
    finally:
        pool.shutdown(cancel_futures=True)


class Beside(Generic[T]):
    """A process that takes pages, one after another, and does something with all of them then.

    It is told by pipes of its own: a process of a pool that is killed in the middle of a page
    leaves a parent that waits for ever (CPython issue 94777).
    """

    def __init__(self, opening: Opening[T], then: Callable[[], object], work: str) -> None:
        """Start it.

        Args:
            opening: What opens, there, that which takes the pages; closed by `finish`.
            then: What is done when that is closed.
            work: As `processes_beside` takes it.

        """
        context: Any = fresh_children()
        pages, self._pages = context.Pipe(duplex=False)
        self._told, told = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(
            target=_take, args=(pages, told, opening, then), daemon=True
        )
        self._process.start()
        pages.close()
        told.close()
        self._work = work
        self._sender = ThreadPoolExecutor(1, "pages")
        self._waiting: deque[Future[None]] = deque()

    @property
    def is_behind(self) -> bool:
        """Whether so much waits for it that whoever adds more would have to wait, too."""
        while self._waiting and self._waiting[0].done():
            self._waiting.popleft().result()
        return len(self._waiting) > _MOST_WAITING // 2

    def add(self, page: T | None) -> None:
        """Let it take a page; raises what it has failed by, or a WorkspaceError if it is gone."""
        self._waiting.append(self._sender.submit(self._send, page))
        while len(self._waiting) > _MOST_WAITING:
            self._waiting.popleft().result()

    def finish(self) -> None:
        """Wait until all pages are taken, and what took them is closed; raises as `add`."""
        self.add(None)
        while self._waiting:
            self._waiting.popleft().result()
        self._hear()

    def join(self) -> None:
        """Wait for what is done `then`; raises as `add`."""
        self._hear()

    def end(self) -> None:
        """Leave no process behind, whatever it is about."""
        self._process.kill()
        self._sender.shutdown(cancel_futures=True)
        self._process.join()

    def _send(self, page: T | None) -> None:
        try:
            self._pages.send(page)
        except OSError:
            self._hear()

    def _hear(self) -> None:
        try:
            failure = self._told.recv()
        except (EOFError, OSError) as error:
            raise _killed(self._work) from error
        if failure is not None:
            raise failure


def _take(
    pages: Connection, told: Connection, opening: Opening[Any], then: Callable[[], object]
) -> None:
    """Take pages until None comes; tell of that, and of the end."""
    _begin()
    try:
        with many_rows(), opening() as add:
            while (page := pages.recv()) is not None:
                add(page)
        told.send(None)
        then()
        told.send(None)
    except EOFError:
        return  # whoever wanted that is gone
    except (KbuildError, OSError) as failure:
        told.send(failure)


def _killed(work: str) -> WorkspaceError:
    what, _, remedy = work.partition(". ")
    return WorkspaceError(f"a process that {what} was killed. {remedy}.")


def _begin() -> None:
    """Leave Ctrl-C to the parent, with which this process ends."""
    leave_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def num_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
