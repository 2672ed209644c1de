"""Running the cells of an experiment: what is done stays, what failed is a row with a reason."""

import json
import multiprocessing.connection
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess

from kinetics_builder.children import compute_in_one_thread, fresh_children
from kinetics_builder.errors import ModelError
from kinetics_builder.locks import HeldElsewhere, held
from pipelines.experiments.cells import Cell, with_starts
from pipelines.experiments.learning import OUTCOME, Job, work
from pipelines.experiments.place import Place
from pipelines.experiments.rows import CellRow, Standing, read_rows, write_rows

_SECONDS_TO_STOP = 20.0
"""For a training that is to end: it puts down what it has learnt."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How cells are run."""

    num_workers: int = 0
    """Processes, each of one core; 0: one a core."""
    device: str = "auto"
    num_curve_points: int = 0
    retry_failed: bool = False
    say: Callable[[str], None] = field(default=lambda line: None)

    @property
    def workers(self) -> int:
        """Return how many cells are worked on at a time."""
        return self.num_workers or os.cpu_count() or 1


def run_cells(
    cells: Sequence[Cell], place: Place, manner: Manner, *, is_part: bool = False
) -> dict[str, CellRow]:
    """Run the cells, and those that they start from; return what became of each, by its identity.

    A cell that is done is not run again, nor one that failed, unless that is asked for. It can be
    stopped or killed at any time: a training goes on where it stood.

    Args:
        cells: All of the experiment.
        place: Where it lies.
        manner: How they are run.
        is_part: The cells are some of the experiment's: the rows of others stay.

    Raises:
        ModelError: The same experiment is running elsewhere.

    """
    place.own.mkdir(parents=True, exist_ok=True)
    try:
        with held(place.own / ".lock"):
            running = _Running(with_starts(tuple(cells)), place, manner)
            ended = running.run()
            if not is_part:
                write_rows(place.rows, ended.values())
            return ended
    except HeldElsewhere as error:
        raise ModelError(f"{place.own} is being worked on by {error}. Wait for it.") from error


class _Running:
    """The cells of one run of an experiment."""

    def __init__(self, cells: Sequence[Cell], place: Place, manner: Manner) -> None:
        self.place, self.manner = place, manner
        self.rows = {
            identity: row
            for identity, row in read_rows(place.rows).items()
            if row.standing is Standing.DONE or not manner.retry_failed
        }
        self.jobs = {cell.identity: self._job(cell) for cell in cells}
        self.waiting = [job for job in self.jobs.values() if not self._is_done(job)]
        self.num_all = len(self.waiting)
        self.at_work: dict[int, tuple[BaseProcess, Job]] = {}

    def _job(self, cell: Cell) -> Job:
        manner = self.manner
        return Job(
            cell=cell,
            place=self.place,
            device=manner.device,
            num_curve_points=manner.num_curve_points,
        )

    def _is_done(self, job: Job) -> bool:
        """Tell whether a cell has ended; one whose files are gone is worked on again."""
        row = self.rows.get(job.cell.identity)
        if row is not None and row.standing is Standing.DONE and not job.scores.is_file():
            del self.rows[job.cell.identity]
            return False
        return row is not None

    def run(self) -> dict[str, CellRow]:
        """Work on all that waits."""
        compute_in_one_thread()
        try:
            while self.waiting or self.at_work:
                self._begin()
                if self.at_work:
                    self._take(multiprocessing.connection.wait(list(self.at_work)))
        finally:
            self._stop()
        return {identity: self.rows[identity] for identity in self.jobs}

    def _begin(self) -> None:
        """Start what can be started; what starts from a failed cell fails, too."""
        for job in list(self.waiting):
            start = job.cell.start
            before = self.rows.get(start.identity) if start else None
            if before is not None and before.standing is Standing.FAILED:
                self.waiting.remove(job)
                self._end(job, f"what it starts from failed: {before.name}", 0.0)
            elif (start is None or before) and len(self.at_work) < self.manner.workers:
                self.waiting.remove(job)
                process = begun(job)
                self.at_work[process.sentinel] = process, job

    def _take(self, ended: Sequence[object]) -> None:
        for sentinel in ended:
            assert isinstance(sentinel, int)
            process, job = self.at_work.pop(sentinel)
            process.join()
            reason, seconds = _outcome(process, job)
            self._end(job, reason, seconds)

    def _end(self, job: Job, reason: str, seconds: float) -> None:
        """Write down how a cell ended."""
        cell = job.cell
        standing = Standing.FAILED if reason else Standing.DONE
        self.rows[cell.identity] = CellRow(cell.name, cell.identity, standing, reason, seconds)
        write_rows(self.place.rows, self.rows.values())
        num_ended = self.num_all - len(self.waiting) - len(self.at_work)
        said = f"failed: {reason}" if reason else f"{seconds:.0f} s"
        self.manner.say(f"[{num_ended}/{self.num_all}] {cell.name}: {said}")

    def _stop(self) -> None:
        """End what is at work, as when somebody stops this: its trainings put down their state."""
        for process, _ in self.at_work.values():
            process.terminate()
        for process, _ in self.at_work.values():
            process.join(_SECONDS_TO_STOP)
            if process.exitcode is None:
                process.kill()


def begun(job: Job) -> BaseProcess:
    """Return a process that has begun to work on a cell."""
    process: BaseProcess = fresh_children().Process(target=work, args=(job,))  # type: ignore[attr-defined]
    process.start()
    return process


def _outcome(process: BaseProcess, job: Job) -> tuple[str, float]:
    """Return why the cell of a process failed, empty where it did not, and its seconds."""
    path = job.folder / OUTCOME
    if process.exitcode or not path.is_file():
        return f"its process died (exit code {process.exitcode})", 0.0
    told = json.loads(path.read_text(encoding="utf-8"))
    return str(told["reason"]), float(told["seconds"])
