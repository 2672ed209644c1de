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
GoOn = Callable[[Session, Sequence[tuple[Item, T]]], Sequence[T]]
"""Takes items with their results, after `before_commit`; returns the results to be given back."""


@dataclass(slots=True)
class _Job(Generic[Item, T]):
    work: WorkOnMany[Item, T]
    item: Item
    go_on: GoOn[Item, T] | None
    was_tried: bool = False
    is_done: bool = False
    result: T | None = None


class Writer:
    """Runs pieces of work inside write transactions of one database."""

    def __init__(
        self,
        engine: Engine,
        before_commit: Callable[[Session], None] = lambda session: None,
        after_commit: Callable[[], object] = lambda: None,
    ) -> None:
        self._engine = engine
        self._before_commit = before_commit
        self._after_commit = after_commit
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._waiting: list[_Job[Any, Any]] = []

    def run(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returns, once all that it wrote is on the disk.

        An exception of `work` is raised here, and nothing that it wrote is kept. `work` is
        called a second time, alone, if the transaction it shared with others failed, for
        whatever reason. `before_commit` is called once in every transaction, after all the work;
        `after_commit` after it, by one of those whose work that was, when others write already.
        """
        return self.run_together(lambda session, _: [work(session)], None)

    def run_together(
        self, work: WorkOnMany[Item, T], item: Item, go_on: GoOn[Item, T] | None = None
    ) -> T:
        """Return what `work` returns for `item`, as `run` does, or what `go_on` makes of that.

        Each is given all items that wait for it at once, in the order of coming. `go_on` finds in
        the same transaction what follows from all the work.
        """
        job = _Job(work, item, go_on)
        with self._guard:
            self._waiting.append(job)
        with self._turn:
            is_by_others = job.is_done
            if not job.was_tried:
                self._try(self._take_waiting())
            if not job.is_done:
                self._commit([job])
        if not is_by_others:
            self._after_commit()
        return cast(T, job.result)

    def _take_waiting(self) -> list[_Job[Any, Any]]:
        with self._guard:
            batch, self._waiting = self._waiting, []
        for job in batch:
            job.was_tried = True
        return batch

    def _try(self, batch: list[_Job[Any, Any]]) -> None:
        """Run all in one transaction; if any fails, leave each of them to its own thread."""
        try:
            self._commit(batch)
        except Exception:  # noqa: BLE001 (each meets its own again, alone, and nobody else's)
            return

    def _commit(self, batch: list[_Job[Any, Any]]) -> None:
        with writing(self._engine) as session:
            for work, jobs in _grouped(batch, lambda job: job.work):
                _note_results(jobs, work(session, [job.item for job in jobs]))
            self._before_commit(session)
            for go_on, jobs in _grouped(batch, lambda job: job.go_on):
                if go_on is not None:
                    found = [(job.item, job.result) for job in jobs]
                    _note_results(jobs, go_on(session, found))
        for job in batch:
            job.is_done = True


def _note_results(jobs: Sequence[_Job[Any, Any]], results: Sequence[Any]) -> None:
    for job, result in zip(jobs, results, strict=True):
        job.result = result


def _grouped(
    batch: Sequence[_Job[Any, Any]], key: Callable[[_Job[Any, Any]], Any]
) -> Iterable[tuple[Any, list[_Job[Any, Any]]]]:
    found: dict[Any, list[_Job[Any, Any]]] = {}
    for job in batch:
        found.setdefault(key(job), []).append(job)
    return found.items()
