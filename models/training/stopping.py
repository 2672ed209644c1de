"""Ctrl-C, SIGTERM and a terminal that is closed: a training stops between two steps."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AskedToStop(KeyboardInterrupt):
    """Somebody asked the run to stop, between two steps."""


class Stops:
    """Turns signals into `AskedToStop`: at once between steps, at the next `check` inside of one.

    A second signal is a `KeyboardInterrupt` at once: what it leaves is not worth keeping. Where
    several ranks train together, all stop after the same step, whichever of them was told, and
    no signal is heard before: torchrun passes on each to all, and kills who takes too long.
    """

    def __init__(self, is_said_by_any: Callable[[bool], bool] | None = None) -> None:
        """Ask `is_said_by_any`, where there are several ranks, whether any of them was told."""
        self.number: int | None = None
        self._is_said_by_any = is_said_by_any
        self._is_in_step = False
        self._is_together = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep the signals that come in the block, if there are several ranks."""
        self._is_together = self._is_said_by_any is not None
        try:
            yield
        finally:
            self._is_together = False

    @contextmanager
    def step(self) -> Iterator[None]:
        """Keep the signals that come in the block."""
        self._is_in_step = True
        try:
            yield
        finally:
            self._is_in_step = False

    def check(self) -> None:
        """Raise AskedToStop if a signal was kept, on any rank."""
        is_told = self.number is not None
        if self._is_said_by_any(is_told) if self._is_said_by_any else is_told:
            raise AskedToStop

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        is_second, self.number = self.number is not None, number
        if self._is_together:
            return
        if is_second:
            raise KeyboardInterrupt
        if not self._is_in_step:
            raise AskedToStop


@contextmanager
def watched_stops(is_said_by_any: Callable[[bool], bool] | None = None) -> Iterator[Stops]:
    """Watch for stops while the block runs; afterwards whoever watched before has the signal.

    In another thread than the main one no signal arrives, and nothing is watched. What is
    ignored, as by `nohup`, stays ignored.
    """
    stops, previous = Stops(is_said_by_any), dict[signal.Signals, Any]()
    if threading.current_thread() is threading.main_thread():
        handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        previous = {n: h for n, h in handlers.items() if h not in (None, signal.SIG_IGN)}
    for number in previous:
        signal.signal(number, stops.take)
    try:
        yield stops
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        if stops.number is not None:
            signal.raise_signal(stops.number)
