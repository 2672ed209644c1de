"""What another server of annotations bears of the same crowd: Label Studio.

    .venv/bin/python -m benchmarks.server_peers --program FILE [--seconds N] [--workers N]
        [--out FILE]

FILE is `label-studio` of an environment of its own (`pip install label-studio`), which is started
as it is delivered, on SQLite in a new folder. Each worker has a connection of its own, and gives
tasks of a project of videos a choice by `POST /api/tasks/ID/annotations/`, one after another
without a pause. Then the server is killed by SIGKILL, and what it answered is looked for in its
database.
"""

import argparse
import asyncio
import itertools
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests

from benchmarks.report import machine, put_down
from benchmarks.server_hosts import family_cpu
from tests.ports import free_port, is_listening

RESULTS = Path(__file__).parent / "results" / "server_peers.md"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
HEADERS = {"Authorization": f"Token {TOKEN}"}
CONFIG = (
    '<View><Video name="video" value="$video"/><Choices name="said" toName="video">'
    '<Choice value="yes"/><Choice value="no"/></Choices></View>'
)
WHERE = {"from_name": "said", "to_name": "video", "type": "choices"}
SAID = {"result": [{**WHERE, "value": {"choices": ["no"]}}]}
SETTINGS = {
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    "COLLECT_ANALYTICS": "false",
    "LATEST_VERSION_CHECK": "false",
}
COLUMNS = (
    *("server", "run", "load", "answers/s", "median ms", "p99 ms"),
    *("CPU ms an answer", "saved", "lost", "refused"),
)
START_SECONDS = 1800


@dataclass
class Crowd:
    """What all workers share."""

    port: int
    tasks: Iterator[int]
    saved: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """First lines of other answers."""
    waits: list[float] = field(default_factory=list)

    async def work(self, until: float) -> None:
        """Be one worker."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        body = json.dumps(SAID)
        head = f"Host: 127.0.0.1\r\nAuthorization: Token {TOKEN}\r\nContent-Length: {len(body)}"
        with closing(writer):
            while time.perf_counter() < until and (task := next(self.tasks, None)) is not None:
                begun = time.perf_counter()
                line = f"POST /api/tasks/{task}/annotations/ HTTP/1.1\r\n{head}"
                writer.write(f"{line}\r\nContent-Type: application/json\r\n\r\n{body}".encode())
                answer = await reader.readuntil(b"\r\n\r\n")
                lines = answer.decode("latin-1").lower().split("\r\n")
                length = next(int(x.split(":")[1]) for x in lines if x.startswith("content-length"))
                found = await reader.readexactly(length)
                if lines[0].split()[1] == "201":
                    self.saved.append(json.loads(found)["id"])
                else:
                    self.refused.append(lines[0])
                self.waits.append(time.perf_counter() - begun)


def start(program: Path, folder: Path) -> "Started":
    """Run Label Studio; return it once it answers."""
    port = free_port()
    user = ["--username", "a@example.org", "--password", "secretsecret", "--user-token", TOKEN]
    command = [str(program), "start", "--no-browser", *user, "-p", str(port)]
    here = {"LABEL_STUDIO_BASE_DATA_DIR": str(folder), "HOME": str(folder)}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **SETTINGS, **here}, stdout=quiet, stderr=quiet
    )
    until = time.monotonic() + START_SECONDS
    while not is_listening(port):
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit("Label Studio did not start.")
        time.sleep(0.5)
    return Started(psutil.Process(process.pid), port, folder)


def prepare(port: int, num_tasks: int) -> list[int]:
    """Make a project with so many videos to judge; return their numbers."""
    base = f"http://127.0.0.1:{port}/api"
    asked = {"title": "clips", "label_config": CONFIG}
    made = requests.post(f"{base}/projects/", json=asked, headers=HEADERS, timeout=300)
    made.raise_for_status()
    number = made.json()["id"]
    tasks = [{"data": {"video": f"/clips/{index}.mp4"}} for index in range(num_tasks)]
    taken = requests.post(
        f"{base}/projects/{number}/import?return_task_ids=true",
        json=tasks,
        headers=HEADERS,
        timeout=600,
    )
    taken.raise_for_status()
    return list(map(int, taken.json()["task_ids"]))


@dataclass(frozen=True)
class Started:
    """A server that runs."""

    process: psutil.Process
    port: int
    folder: Path


def measure(server: Started, num_workers: int, seconds: float) -> str:
    """Let the crowd work, kill the server, and return the row of the table."""

    async def let_work(crowd: Crowd) -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(crowd.work(until) for _ in range(num_workers)))

    load = os.getloadavg()[0]
    crowd = Crowd(server.port, itertools.cycle(prepare(server.port, 1000)))
    before, begun = family_cpu(server.process), time.perf_counter()
    asyncio.run(let_work(crowd))
    spent, cpu = time.perf_counter() - begun, family_cpu(server.process) - before
    server.process.send_signal(signal.SIGKILL)
    server.process.wait()
    with closing(sqlite3.connect(server.folder / "label_studio.sqlite3")) as rows:
        stored = {number for (number,) in rows.execute("SELECT id FROM task_completion")}
    high = statistics.quantiles(crowd.waits, n=100)[-1]
    cells = (
        *("Label Studio", "never pausing", f"{load:.1f}", f"{len(crowd.saved) / spent:.1f}"),
        *(f"{1000 * statistics.median(crowd.waits):.0f}", f"{1000 * high:.0f}"),
        *(f"{1000 * cpu / len(crowd.saved):.1f}", f"{len(crowd.saved):,}"),
        *(str(len(set(crowd.saved) - stored)), f"{len(crowd.refused):,}"),
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--workers", type=int, default=300)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start(options.program, Path(folder))
        row = measure(server, options.workers, options.seconds)
    put_down(report(row, options.workers, options.seconds), options.out)


def report(row: str, num_workers: int, seconds: float) -> list[str]:
    """Return the page of results."""
    return [
        "# Another server with a crowd",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores for server and crowd, {num_workers} workers, "
        f"{seconds:.0f} s. `python -m benchmarks.server_peers`; beside it [server.md](server.md).",
        "Load: of the machine in the minute before, by whatever was at work.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|---|---|{'---:|' * (len(COLUMNS) - 2)}",
        row,
        "",
    ]


if __name__ == "__main__":
    main()
