"""Writing for many at once: answers that wait together are committed together.

A commit waits for the disk; the database takes one writer at a time. So whoever comes first
commits for all who wait by then, and each still hears back only after the commit.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import writing

T = TypeVar("T")
Item = TypeVar("Item")
WorkOnMany = Callable[[Session, Sequence[Item]], Sequence[T]]
"""Takes what waits together, returns a result for each."""


@dataclass(slots=True)
class _Job(Generic[Item, T]):
    work: WorkOnMany[Item, T]
    item: Item
    was_tried: bool = False
    is_done: bool = False
    result: T | None = None


class Writer:
    """Runs pieces of work inside write transactions of one database."""

    def __init__(
        self,
        engine: Engine,
        before_commit: Callable[[Session], None] = lambda session: None,
    ) -> None:
        self._engine = engine
        self._before_commit = before_commit
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Job[Any, Any]] = []

    def run(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returns, once all that it wrote is on the disk.

        An exception of `work` is raised here, and nothing that it wrote is kept. `work` is
        called a second time, alone, if the transaction it shared with others failed, for
        whatever reason. `before_commit` is called once in every transaction, after all the work.
        """
        return self.run_together(lambda session, _: [work(session)], None)

    def run_together(self, work: WorkOnMany[Item, T], item: Item) -> T:
        """Return what `work` returns for `item`, as `run` does.

        It is given all items that wait for the same `work` at once, in the order of coming.
        """
        job = _Job(work, item)
        with self._guard:
            self._waiting.append(job)
        with self._turn:
            if not job.was_tried:
                self._commit(self._take_waiting())
            if not job.is_done:
                with writing(self._engine) as session:
                    (job.result,) = work(session, [item])
                    self._before_commit(session)
        return cast(T, job.result)

    def _take_waiting(self) -> list[_Job[Any, Any]]:
        with self._guard:
            batch, self._waiting = self._waiting, []
        for job in batch:
            job.was_tried = True
        return batch

    def _commit(self, batch: list[_Job[Any, Any]]) -> None:
        """Run all in one transaction; if any fails, leave each of them to its own thread."""
        try:
            with writing(self._engine) as session:
                for jobs in _by_work(batch):
                    results = jobs[0].work(session, [job.item for job in jobs])
                    for job, result in zip(jobs, results, strict=True):
                        job.result = result
                self._before_commit(session)
        except Exception:  # noqa: BLE001 (each meets its own again, alone, and nobody else's)
            return
        for job in batch:
            job.is_done = True


def _by_work(batch: Sequence[_Job[Any, Any]]) -> Iterable[list[_Job[Any, Any]]]:
    found: dict[WorkOnMany[Any, Any], list[_Job[Any, Any]]] = {}
    for job in batch:
        found.setdefault(job.work, []).append(job)
    return found.values()
