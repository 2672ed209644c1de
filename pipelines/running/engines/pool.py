"""What every place to work looks like to the runner: it takes items, and gives outcomes."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from kinetics_builder.errors import ItemFailed
from pipelines.running.notes import Note, noting

POLL_SECONDS = 0.5
"""How long `finished` waits for the first outcome."""


@dataclass(frozen=True)
class Outcome:
    """What became of one item: a result, or a failure."""

    key: str
    result: Any
    failure: ItemFailed | None
    seconds: float
    notes: tuple[Note, ...] = ()


class Pool(Protocol):
    """Takes items, gives outcomes."""

    @property
    def capacity(self) -> int:
        """Items worth handing over at once."""

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Begin one item."""

    def finished(self) -> list[Outcome]:
        """Return what has finished, waiting a moment for the first.

        Raises:
            KbuildError: It was found that no item can succeed.

        """

    def num_open(self) -> int:
        """Return how many submitted items have not been returned by `finished`."""

    def stop(self) -> None:
        """Abandon everything at once."""


def outcomes(
    pool: Pool, work: Callable[[Any], Any], items: Iterable[tuple[str, Any]]
) -> Iterator[Outcome]:
    """Hand items with their keys to a pool, no more than it wants, and yield what becomes of them.

    Raises:
        KbuildError: It was found that no item can succeed.

    """
    waiting = iter(items)
    is_more = True
    while is_more or pool.num_open():
        while is_more and pool.num_open() < pool.capacity:
            found = next(waiting, None)
            if found is None:
                is_more = False
            else:
                pool.submit(found[0], work, found[1])
        yield from pool.finished()


Worked = tuple[Any, ItemFailed | None, float, tuple[Note, ...]]
"""Result or failure, seconds, notes."""


def worked(work: Callable[[Any], Any], item: Any) -> Worked:
    """Return the result or the failure, the seconds that it took, and what was noted."""
    begun = time.monotonic()
    with noting() as notes:
        try:
            result, failure = work(item), None
        except ItemFailed as error:
            result, failure = None, error
    return result, failure, time.monotonic() - begun, tuple(notes)
