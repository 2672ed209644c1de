"""Work in this process: for what is quick and opens no untrusted file."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from pipelines.running.engines.pool import Outcome, worked

Work = Callable[[Any], Any]


class InlinePool:
    """Works in this process, when asked what is finished."""

    def __init__(
        self, capacity: int = 500, look: Callable[[Sequence[Any]], Work] | None = None
    ) -> None:
        """Take how many items are worth having at once, and what looks at all of them first."""
        self.capacity = capacity
        self._look = look
        self._waiting: list[tuple[str, Work, Any]] = []

    def submit(self, key: str, work: Work, item: Any) -> None:
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

    def _work(self, waiting: list[tuple[str, Work, Any]]) -> Iterator[Outcome]:
        if self._look is None or not waiting:
            for key, work, item in waiting:
                yield Outcome(key, *worked(work, item))
            return
        begun = time.monotonic()
        work = self._look([item for _, _, item in waiting])
        share = (time.monotonic() - begun) / len(waiting)
        for key, _, item in waiting:
            result, failure, seconds, notes = worked(work, item)
            yield Outcome(key, result, failure, seconds + share, notes)
