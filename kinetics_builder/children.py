"""How child processes are started: they import from the installation alone.

Python's own children are told to `import socket` and the like with the current folder first
on their path, so a file of that name in the folder that `kbuild` is started in would be run.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import BaseContext, ForkServerContext
from multiprocessing.synchronize import RLock

_WATCH_SECONDS = 0.5
_STOPS = (signal.SIGINT, signal.SIGTERM)
_NUMBERS_OF_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_KEPT_MEMORY = {"MALLOC_MMAP_THRESHOLD_": f"{1 << 22}", "MALLOC_TRIM_THRESHOLD_": f"{1 << 25}"}
"""Of the C library of Linux: what is freed of less than 4 MiB is kept for what is made next, up to
32 MiB. A child that makes and frees arrays without end would be given new pages each time."""


def fresh_children() -> BaseContext:
    """Return the start method of children that are new interpreters each."""
    _import_from_installation_alone()
    return _keeping_locks("spawn")


def served_children(preload: Sequence[str] = ()) -> BaseContext:
    """Return the start method of children forked by a server that threads cannot disturb.

    Args:
        preload: Modules that the server imports, so that no child needs to. A process has one
            server: the first call's modules count.

    Where the system has no such server, children are new interpreters.

    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return fresh_children()
    _import_from_installation_alone()
    context = _keeping_locks("forkserver")
    if preload:
        context.set_forkserver_preload(list(preload))
    _start_server()
    return context


@contextmanager
def begun_whole(context: BaseContext) -> Iterator[None]:
    """Let what would stop this process wait for the block, which begins children, to be over.

    A child of which only half is begun is nobody's to end: it would look for the locks of its
    pool when they are gone. Only what may take long, until their server has imported what they
    need, can be stopped.

    Args:
        context: Their start method.

    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if isinstance(context, ForkServerContext):
        first = context.Process(target=id, args=(0,), daemon=True)
        first.start()
        first.join()
    heard: list[int] = []
    before = [
        (stop, signal.signal(stop, lambda number, _: heard.append(number))) for stop in _STOPS
    ]
    try:
        yield
    finally:
        for stop, then in before:
            signal.signal(stop, then)
        for number in heard[:1]:
            signal.raise_signal(number)


def compute_in_one_thread() -> None:
    """Keep numpy, torch and their like, imported from here on, to one thread a process.

    For children; and for a parent that computes beside as many children as there are cores, of
    which a second thread would mostly wait, and keep a core busy with that.
    """
    for name in _NUMBERS_OF_THREADS:
        os.environ[name] = "1"


def leave_with_parent() -> None:
    """End this child soon after its parent is gone, so that it writes nothing more.

    It hears Ctrl-C from here on, which the server that it was forked by does not. Whose parent has
    gone already, while it imported what it needs, ends at once.
    """
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    watched, parent = os.getppid(), multiprocessing.parent_process()
    if parent is not None and not parent.is_alive():
        os._exit(1)  # what is watched is whoever took it in
    threading.Thread(target=_watch, args=(watched,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


class _KeepsLocks(BaseContext):
    """A start method whose locks are there as long as itself.

    A pool that is stopped lets go of its locks first, and they are gone: a child that has only
    begun to start would find none, and end in a traceback.
    """

    def __init__(self) -> None:
        self._locks: list[RLock] = []

    def RLock(self) -> RLock:
        """Return a lock that several processes can hold in turn."""
        self._locks.append(super().RLock())
        return self._locks[-1]


def _keeping_locks(method: str) -> BaseContext:
    plain = type(multiprocessing.get_context(method))
    context: BaseContext = type(plain.__name__, (_KeepsLocks, plain), {})()
    return context


def _start_server() -> None:
    """Start the server unless it runs; what it imports starts no threads that forks would lose.

    Ctrl-C is for its parent to answer: in the middle of an import it would end in a traceback.
    """
    before = {name: os.environ.get(name) for name in (*_NUMBERS_OF_THREADS, *_KEPT_MEMORY)}
    compute_in_one_thread()
    os.environ.update(_KEPT_MEMORY)
    resource_tracker.ensure_running()  # which lets Ctrl-C in again, whoever had kept it out
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _import_from_installation_alone() -> None:
    """Keep the current folder off the path of this process's children, and of theirs."""
    os.environ["PYTHONSAFEPATH"] = "1"
