"""Work in this process: for what is quick and opens no untrusted file."""

from collections.abc import Callable, Iterator
from typing import Any

from pipelines.engines.pool import Outcome, worked


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
