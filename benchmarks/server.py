"""What the page bears: 300 workers for minutes, on SQLite and PostgreSQL, killed five times.

    .venv/bin/python -m benchmarks.server [--quick | --seconds N] [--workers N]
        [--databases NAME ...] [--out FILE]

Half of the tasks show one clip at a time, half are grids of 20 clips that are sent at once. Three
runs on each database: workers who never pause; workers who pause so that as many answers are
offered a second as there are workers; and the same while the server is killed by SIGKILL five
times and begun again, its workers sending again what they have not heard of. At the end of each
run the server is killed, and every answer that it said was saved is looked for in the database,
as is every answer that is there twice. A run begins when each worker has a task; in its first 20 s,
which are not measured but for CPU and what was saved, they begin one after another. A request's
time runs from when it was due, and of a run with kills holds the seconds in which nobody served.
The page of results is written anew with each run: who stops this keeps what was measured.
"""

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.report import machine
from benchmarks.server_crowd import Worker, come, let_work
from benchmarks.server_hosts import (
    Place,
    family_cpu,
    killed_now_and_then,
    mixed_workspace,
    postgresql,
)

RESULTS = Path(__file__).parent / "results" / "server.md"
LONG_SECONDS, QUICK_SECONDS = 300.0, 60.0
WARM_UP_SECONDS = 20.0
"""Before each run's measured time: as long as a task takes whoever pauses."""
NUM_KILLS = 5
MOST_A_SECOND = 900
"""Clips are there for so many answers a second."""
COLUMNS = (
    *("server", "run", "load", "answers/s", "median ms", "p99 ms", "worst ms"),
    *("CPU ms an answer: server", "database", "crowd", "saved", "lost", "doubled"),
)


@dataclass(frozen=True)
class Run:
    """How the workers of one run behave, and what is done to the server."""

    name: str
    pause_seconds: float = 0.0
    num_kills: int = 0


RUNS = (
    Run("never pausing"),
    Run("pausing", pause_seconds=1.0),
    Run(f"pausing, killed {NUM_KILLS} times", pause_seconds=1.0, num_kills=NUM_KILLS),
)


@dataclass(frozen=True)
class Measured:
    """One line of the table."""

    server: str
    run: str
    load: float
    answers_a_second: float
    waits: list[float]
    """Seconds of each request."""
    cpu_ms: list[float]
    """Of the server, its database, the crowd, for an answer."""
    num_saved: int
    num_lost: int
    num_doubled: int

    def line(self) -> str:
        """Return the row of the table."""
        high = statistics.quantiles(self.waits, n=100)[-1]
        times = (statistics.median(self.waits), high, max(self.waits))
        cells = (
            *(self.server, self.run, f"{self.load:.1f}", f"{self.answers_a_second:.0f}"),
            *(f"{1000 * seconds:.0f}" for seconds in times),
            *(f"{ms:.2f}" for ms in self.cpu_ms),
            *(f"{number:,}" for number in (self.num_saved, self.num_lost, self.num_doubled)),
        )
        return f"| {' | '.join(cells)} |"


def measure(server: str, run: Run, seconds: float, num_workers: int) -> Measured:
    """Measure one run on a database of its own."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, database_of(server) as (address, database):
        num_clips = int((WARM_UP_SECONDS + seconds) * MOST_A_SECOND / 3)
        place = mixed_workspace(Path(folder) / "w", address, num_clips, num_workers)
        place.begin()
        try:
            crowd, spent, cpu = asyncio.run(_drive(place, run, seconds, database))
        finally:
            place.kill()
        given = [(one.name, slot) for one in crowd for slot in one.saved]
        stored = place.stored()
        place.workspace.engine.dispose()
    return Measured(
        server,
        run.name,
        load,
        (len(given) - sum(one.num_early for one in crowd)) / spent,
        [wait for one in crowd for wait in one.waits],
        [1000 * of_one / len(given) for of_one in cpu],
        len(given),
        len(set(given) - stored.keys()),
        sum(number - 1 for number in stored.values()),
    )


async def _drive(
    place: Place, run: Run, seconds: float, database: psutil.Process | None
) -> tuple[list[Worker], float, list[float]]:
    """Let the crowd work; return it, how long it took, and CPU seconds meanwhile."""

    def cpu() -> list[float]:
        return [place.cpu(), family_cpu(database), time.process_time()]

    crowd = await come(place.address, place.codes, run.pause_seconds)
    before = cpu()
    with killed_now_and_then(place, WARM_UP_SECONDS + seconds, run.num_kills):
        spent = await let_work(crowd, WARM_UP_SECONDS, seconds)
    return crowd, spent, [after - was for after, was in zip(cpu(), before, strict=True)]


@contextmanager
def database_of(server: str) -> Iterator[tuple[str, psutil.Process | None]]:
    """Yield the database's address, and its process where it is a server's."""
    if server == "SQLite":
        yield "", None
        return
    with postgresql() as found:
        yield found


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=LONG_SECONDS)
    parser.add_argument(
        "--quick",
        dest="seconds",
        action="store_const",
        const=QUICK_SECONDS,
        help=f"{QUICK_SECONDS:.0f} seconds a run instead of {LONG_SECONDS:.0f}; the table says so.",
    )
    parser.add_argument("--workers", type=int, default=300)
    parser.add_argument("--databases", nargs="+", default=["SQLite", "PostgreSQL"])
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    short = "" if options.seconds == LONG_SECONDS else f" (instead of {LONG_SECONDS:.0f})"
    lines = [
        "# The page with a crowd",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores for server, database and crowd, Python "
        f"{platform.python_version()}, {options.workers} workers, "
        f"{options.seconds:.0f} s a run{short}.",
        "`python -m benchmarks.server`. Half of the tasks show one clip at a time, half are grids",
        "of 20 clips. In the 20 s before the measured time workers begin one after another; CPU",
        "and what was saved are of both. Load: of the machine in the minute before the run.",
        "Bars: 400 answers/s without a pause; p99 below 250 ms when as many are offered a second",
        "as there are workers; nothing lost and nothing doubled.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|---|---|{'---:|' * (len(COLUMNS) - 2)}",
    ]
    for server in options.databases:
        for run in RUNS:
            lines.append(measure(server, run, options.seconds, options.workers).line())
            print(lines[-1], flush=True)
            options.out.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
