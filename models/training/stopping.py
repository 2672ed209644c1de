"""Ctrl-C, SIGTERM and a terminal that is closed: a training stops between two steps."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AskedToStop(KeyboardInterrupt):
    """Somebody asked the run to stop, between two steps."""


class Stops:
    """Turns signals into `AskedToStop`: at once between steps, at the next `check` inside of one.

    A second signal is a `KeyboardInterrupt` at once: what it leaves is not worth keeping.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._is_in_step = False

    @contextmanager
    def step(self) -> Iterator[None]:
        """Keep the signals that come in the block."""
        self._is_in_step = True
        try:
            yield
        finally:
            self._is_in_step = False

    def check(self) -> None:
        """Raise AskedToStop if a signal was kept."""
        if self.number is not None:
            raise AskedToStop

    def take(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        is_second, self.number = self.number is not None, number
        if is_second:
            raise KeyboardInterrupt
        if not self._is_in_step:
            raise AskedToStop


@contextmanager
def watched_stops() -> Iterator[Stops]:
    """Watch for stops while the block runs; afterwards whoever watched before has the signal.

    In another thread than the main one no signal arrives, and nothing is watched. What is
    ignored, as by `nohup`, stays ignored.
    """
    stops, previous = Stops(), dict[signal.Signals, Any]()
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
