"""How many answers a second the page saves, for 8, 100 and 300 workers who never pause.

    .venv/bin/python benchmarks/page_load.py [--seconds N] [--out FILE]

`kbuild annotate` serves a workspace of its own on loopback; the workers are coroutines of one
other process, each with a connection of its own, who answer as soon as they hear back. After
each run the server is killed with SIGKILL, and every answer that it said is saved is looked
for in the database. Then the owner's page is timed with few votes and with 500,000.
"""

import argparse
import asyncio
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests
from sqlalchemy import insert, select, update

from annotation_ui.security import load_secret, owner_code
from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    ClipFile,
    Label,
    Method,
    Task,
    TaskSlot,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.workspace import Workspace

ROOT = Path(__file__).parent.parent
SETTINGS = "[verify]\nhaste_seconds = 0.0\n"
NUM_SLOTS = 20
NUM_LABELS = 400
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def make_workspace(
    folder: Path, num_clips: int, num_workers: int, settings: str = SETTINGS
) -> tuple[Workspace, list[str]]:
    """Return a workspace with so many clips in tasks, and workers' codes."""
    workspace = Workspace.create(folder, settings)
    (workspace.clips / "one.mp4").write_bytes(b"clip")
    numbers = range(1, num_clips + 1)
    file = {"file": "clips/one.mp4", "bytes": 4, "sha256": "0" * 64, "duration_seconds": 10.0}
    shape = {"width": 64, "height": 48, "frames_per_second": 25.0, "num_frames": 250}
    span = {"start_seconds": 0.0, "end_seconds": 10.0}
    found = {"method": Method.MOTION, "score": 0.5, "rank": 0}
    with writing(workspace.engine) as session:
        rows = {
            Label: [{"id": n + 1, "name": f"action {n:03}"} for n in range(NUM_LABELS)],
            Video: [
                {"id": n, "video_id": f"v{n:010}", "source": "", "url": "", "title": f"Film {n}"}
                for n in numbers
            ],
            Clip: [
                {"id": n, "video_id": n, "label_id": n % NUM_LABELS + 1, **span, **found}
                for n in numbers
            ],
            ClipFile: [{"clip_id": n, **file, **shape} for n in numbers],
            Task: [{"id": n + 1, "round": 0} for n in range(-(-num_clips // NUM_SLOTS))],
            TaskSlot: [
                {
                    "task_id": (n - 1) // NUM_SLOTS + 1,
                    "position": (n - 1) % NUM_SLOTS,
                    "clip_id": n,
                    "label_id": n % NUM_LABELS + 1,
                }
                for n in numbers
            ],
        }
        for table, values in rows.items():
            session.execute(insert(table), values)
        codes = make_invitations(session, num_workers)
    return workspace, codes


@contextmanager
def serving(workspace: Workspace) -> Iterator[tuple[psutil.Process, str]]:
    """Run `kbuild annotate`; yield its process and address, and kill it at the end."""
    start = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", start, "-C", str(workspace.root), "annotate", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    text = ""
    for line in process.stdout:
        text += line
        if line.startswith("}"):
            break
    try:
        yield psutil.Process(process.pid), json.loads(text)["address"]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


@dataclass
class Client:
    """A worker's browser: one connection, and what it was told is saved."""

    name: str
    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    saved: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    async def connect(self) -> None:
        """Open the connection."""
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)

    async def ask(self, method: str, path: str, form: str = "") -> tuple[int, bytes]:
        """Return status and body of a reply."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Accept: application/json" if self.token else "Accept: text/html",
            f"Cookie: {cookie}",
            f"X-CSRFToken: {self.token}",
        ]
        if method == "POST":
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(form)}",
            ]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n" + form).encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = 0
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return int(head.split(" ", 2)[1]), await self.reader.readexactly(length)

    async def log_in(self, code: str) -> None:
        """Log in with a code."""
        await self.connect()
        _, body = await self.ask("GET", "/login")
        token = TOKEN.search(body.decode())
        assert token
        self.token = token[1]
        status, body = await self.ask(
            "POST", "/login", f"name={self.name.replace(' ', '+')}&code={code}"
        )
        assert status == 302, body

    async def work(self, until: float) -> None:
        """Answer without a pause."""
        slot = None
        while time.perf_counter() < until:
            if slot is None:
                _, body = await self.ask("GET", "/task.json")
                found = json.loads(body)
                self.token, slot = found["csrf_token"], found["next"]
                if slot is None:
                    return
            begun = time.perf_counter()
            status, body = await self.ask("POST", f"/slots/{slot['slot']}/answer", "answer=no")
            reply = json.loads(body)
            if status == 200 and reply["saved"]:
                self.saved.append(slot["slot"])
                self.seconds.append(time.perf_counter() - begun)
            slot = reply["next"]


@dataclass(frozen=True)
class Load:
    """One run."""

    num_workers: int
    answers_a_second: float
    median_milliseconds: float
    worst_milliseconds: float
    server_milliseconds: float
    """CPU time of the server for one answer."""
    num_saved: int
    num_lost: int


async def drive(address: str, codes: list[str], seconds: float) -> tuple[list[Client], float]:
    """Log all in, let them work, return them and the seconds they worked."""
    host, port = address.removeprefix("http://").split(":")
    clients = [Client(f"worker {n}", host, int(port)) for n in range(len(codes))]
    for client, code in zip(clients, codes, strict=True):
        await client.log_in(code)
    begun = time.perf_counter()
    await asyncio.gather(*(client.work(begun + seconds) for client in clients))
    return clients, time.perf_counter() - begun


def measure_load(num_workers: int, seconds: float) -> Load:
    """Measure one number of workers on a workspace of their own."""
    with tempfile.TemporaryDirectory() as folder:
        num_clips = int(seconds * 500)
        workspace, codes = make_workspace(Path(folder) / "w", num_clips, num_workers)
        with serving(workspace) as (process, address):
            before = process.cpu_times()
            clients, spent = asyncio.run(drive(address, codes, seconds))
            after = process.cpu_times()
        saved = {(client.name, slot) for client in clients for slot in client.saved}
        with reading(workspace.engine) as session:
            rows = session.execute(select(Worker.name, Vote.slot_id).join(Worker))
            stored = {(name, slot) for name, slot in rows}
        workspace.engine.dispose()
    times = [1000 * second for client in clients for second in client.seconds]
    cpu = after.user + after.system - before.user - before.system
    return Load(
        num_workers,
        len(times) / spent,
        statistics.median(times),
        max(times),
        1000 * cpu / len(times),
        len(saved),
        len(saved - stored),
    )


def measure_owner(num_votes: int) -> tuple[float, float]:
    """Return the first and the median time of the owner's page, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        num_clips = num_votes // 4
        workspace, codes = make_workspace(Path(folder) / "w", num_clips, 50)
        given = list(Answer)
        with writing(workspace.engine) as session:
            names = [{"id": n, "name": f"worker {n}"} for n in range(1, len(codes) + 1)]
            session.execute(update(Worker), names)
            for start in range(0, num_votes, 50_000):
                session.execute(
                    insert(Vote),
                    [
                        {
                            "worker_id": n % 4 + 4 * (n // 4 % 12) + 1,
                            "clip_id": n // 4 + 1,
                            "label_id": (n // 4 + 1) % NUM_LABELS + 1,
                            "slot_id": n // 4 + 1,
                            "answer": given[n * 7 % 5 % 2],
                            "answered_at": 1e9 + n,
                        }
                        for n in range(start, min(start + 50_000, num_votes))
                    ],
                )
        with writing(workspace.engine) as session:
            remake(session, workspace.config.verify)
        with serving(workspace) as (_, address), requests.Session() as http:
            http.trust_env = False
            page = http.get(f"{address}/owner/login", timeout=60).text
            token = TOKEN.search(page)
            assert token
            form = {"code": owner_code(load_secret(workspace)), "csrf_token": token[1]}
            reply = http.post(
                f"{address}/owner/login", data=form, allow_redirects=False, timeout=60
            )
            assert reply.status_code == 302, reply.text
            times = []
            for _ in range(11):
                begun = time.perf_counter()
                assert http.get(f"{address}/owner", timeout=60).status_code == 200
                times.append(1000 * (time.perf_counter() - begun))
        workspace.engine.dispose()
    return times[0], statistics.median(times[1:])


def main() -> None:
    """Measure, print the tables, write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--workers", type=int, nargs="+", default=[8, 100, 300])
    parser.add_argument("--votes", type=int, nargs="*", default=[3_400, 500_000])
    parser.add_argument(
        "--out", type=Path, default=ROOT / "benchmarks" / "results" / "page_load.md"
    )
    options = parser.parse_args()
    lines = [
        "# The page under load",
        "",
        f"{_machine()}, {os.cpu_count()} cores for the server and its clients together, Python "
        f"{platform.python_version()}, SQLite, {options.seconds:.0f} s each.",
        f"Load average when it began: {os.getloadavg()[0]:.1f}.",
        "`python benchmarks/page_load.py`. Workers answer without a pause over loopback; then the",
        "server is killed, and what it said is saved is looked for in the database.",
        "",
        "| workers | answers/s | median ms | worst ms | server CPU ms an answer | saved | lost |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for num_workers in options.workers:
        load = measure_load(num_workers, options.seconds)
        lines.append(
            f"| {load.num_workers} | {load.answers_a_second:.0f} | {load.median_milliseconds:.0f} "
            f"| {load.worst_milliseconds:.0f} | {load.server_milliseconds:.1f} "
            f"| {load.num_saved:,} | {load.num_lost} |"
        )
        print(lines[-1], flush=True)
    lines += ["", "| votes | owner's page, first ms | median of 10 ms |", "|---:|---:|---:|"]
    for num_votes in options.votes:
        first, median = measure_owner(num_votes)
        lines.append(f"| {num_votes:,} | {first:.0f} | {median:.0f} |")
        print(lines[-1], flush=True)
    options.out.write_text("\n".join(lines) + "\n")


def _machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
