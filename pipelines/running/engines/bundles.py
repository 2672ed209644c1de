"""Items that gain from one another are handed to a child together.

Each is still an item of its own: with its row, its failure and its seconds. What befalls a
bundle as a whole (its child dies, its time runs out) is nobody's failure yet: its items are
handed out once more, each alone.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from pipelines.running.engines.pool import Outcome, Pool, Worked, worked
from pipelines.running.stage import Together

ItemT = TypeVar("ItemT")

MOST = 16
"""Items of a bundle, at most: so many are done anew where its child dies."""


class BundlingPool:
    """Hands bundles to another pool, and gives the outcomes of their items."""

    def __init__(self, pool: Pool, together: Together[Any, Any], num_workers: int = 0) -> None:
        """Bundle for a pool of so many workers; 0 takes it for half the pool's capacity."""
        self._num_workers = num_workers or pool.capacity // 2
        self._pool, self._together = pool, together
        self._work: Callable[[Any], Any] | None = None
        self._waiting: dict[str, list[tuple[str, Any]]] = {}
        self._begun: dict[str, list[tuple[str, Any]]] = {}

    @property
    def capacity(self) -> int:
        """Items worth handing over at once."""
        return self._pool.capacity * MOST

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Put an item beside those that it belongs to."""
        self._work = work
        self._waiting.setdefault(self._together.of(item), []).append((key, item))

    def finished(self) -> list[Outcome]:
        """Return the outcomes of the items whose bundles are ready."""
        self._hand_on()
        found: list[Outcome] = []
        for outcome in self._pool.finished():
            found += self._parted(outcome, self._begun.pop(outcome.key))
        return found

    def num_open(self) -> int:
        """Return how many items wait or are worked on."""
        return sum(map(len, (*self._waiting.values(), *self._begun.values())))

    def stop(self) -> None:
        """Abandon everything at once."""
        self._pool.stop()

    def _hand_on(self) -> None:
        """Begin bundles where there is room; the last one waits for its like while it can."""
        most = bundle_size(self.num_open(), self._num_workers)
        while self._waiting and (room := self._pool.capacity - self._pool.num_open()) > 0:
            if len(self._waiting) == 1 and room <= self._pool.capacity // 2:
                return
            name = next(iter(self._waiting))
            items = self._waiting.pop(name)
            if rest := items[most:]:
                self._waiting = {name: rest, **self._waiting}
            self._begin(items[:most])

    def _begin(self, items: list[tuple[str, Any]]) -> None:
        key, first = items[0]
        self._begun[key] = items
        if len(items) == 1 and self._work:
            self._pool.submit(key, self._work, first)
        else:
            work = partial(work_together, self._together.opened)
            self._pool.submit(key, work, [item for _, item in items])

    def _parted(self, outcome: Outcome, items: list[tuple[str, Any]]) -> list[Outcome]:
        if len(items) == 1:
            return [outcome]
        if outcome.failure is not None:
            for item in items:
                self._begin([item])
            return []
        made = [Outcome(key, *each) for (key, _), each in zip(items, outcome.result, strict=True)]
        return [replace(made[0], notes=(*made[0].notes, *outcome.notes)), *made[1:]]


def bundle_size(num_open: int, num_workers: int) -> int:
    """Return how many items of a kind go together, so that every worker has something to do.

    >>> bundle_size(64, 2), bundle_size(10, 2), bundle_size(2, 2)
    (16, 5, 1)
    """
    return min(MOST, max(1, -(-num_open // max(1, num_workers))))


def work_together(
    opened: Callable[[ItemT], AbstractContextManager[Callable[[ItemT], Any]]],
    items: Sequence[ItemT],
) -> list[Worked]:
    """Work on items one after the other, with what they share held open."""
    with opened(items[0]) as work:
        return [worked(work, item) for item in items]
