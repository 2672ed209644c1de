"""Writing for many at once: answers that wait together are committed together.

A commit waits for the disk; the database takes one writer at a time. So whoever comes first
commits for all who wait by then, and each still hears back only after the commit. Then one of
those who came meanwhile commits for all of these. No lock is shared by those who are done and
those who are to come: whoever must get hold of one to go on waits for transactions of others.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import writing
from kinetics_builder.errors import KbuildError

T = TypeVar("T")
Item = TypeVar("Item")
WorkOnMany = Callable[[Session, Sequence[Item]], Sequence[T]]
"""Takes what waits together, returns a result for each."""
GoOn = Callable[[Session, Sequence[tuple[Item, T]]], Sequence[T]]
"""Takes items with their results, after `before_commit`; returns the results to be given back."""


@dataclass(slots=True, eq=False)
class _Job(Generic[Item, T]):
    work: WorkOnMany[Item, T]
    item: Item
    go_on: GoOn[Item, T] | None
    leads: bool = False
    """Whether it is this one's turn to commit for all who wait."""
    is_done: bool = False
    result: T | None = None
    error: BaseException | None = None
    told: threading.Event = field(default_factory=threading.Event)
    """Set when it is done or failed, or leads."""


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
        self._guard = threading.Lock()
        """Of the two below. Nobody waits for it longer than a moment."""
        self._waiting: list[_Job[Any, Any]] = []
        self._is_led = False

    def run(self, work: Callable[[Session], T]) -> T:
        """Return what `work` returns, once all that it wrote is on the disk.

        An exception of `work` is raised here, and nothing that it wrote is kept. `work` is
        called a second time, alone, if its first transaction failed, its own or shared with others,
        for whatever reason: a database that was started anew gives a connection only then.
        `before_commit` is called once in every transaction, after all the work; `after_commit`
        after it, by one of those whose work that was, when others write already.
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
            job.leads = not self._is_led
            self._is_led = True
        if not job.leads:
            job.told.wait()
        if job.leads:
            self._lead()
            self._after_commit()
        if job.error is not None:
            raise job.error
        return cast(T, job.result)

    def _lead(self) -> None:
        """Commit for all who wait, tell each of them, and let one of those who came since lead.

        Whoever is done goes on at once: not one of them waits for the next transaction.
        """
        with self._guard:
            batch, self._waiting = self._waiting, []
        try:
            self._commit_all(batch)
        finally:
            with self._guard:
                self._is_led = bool(self._waiting)
                if self._is_led:
                    self._waiting[0].leads = True
                    self._waiting[0].told.set()
            for job in batch:
                if not job.is_done and job.error is None:  # its leader was stopped
                    job.error = KbuildError("The page is ending: this was not saved.")
                job.told.set()

    def _commit_all(self, batch: list[_Job[Any, Any]]) -> None:
        """Run all in one transaction; if any fails, each in one of its own."""
        try:
            self._commit(batch)
        except Exception:  # noqa: BLE001 (each meets its own again, alone, and nobody else's)
            for job in batch:
                try:
                    self._commit([job])
                except Exception as error:  # noqa: BLE001 (raised to whoever it belongs to)
                    job.error = error

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
