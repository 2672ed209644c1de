"""What the page bears of a crowd, and beside it Label Studio and Potato.

    .venv/bin/python -m benchmarks.server_peers [--label-studio FILE] [--potato FILE]
        [--seconds N] [--workers N] [--out FILE]

Each FILE is the program of an environment of its own (`pip install label-studio`; `pip install
potato-annotation`), which is started as it is delivered, on files in a new folder. Each worker has
a connection of its own, and gives videos a choice, one after another without a pause: by `POST
/api/tasks/ID/annotations/` of Label Studio, by `POST /updateinstance` of Potato, each once logged
in. The page is asked likewise, by `POST /slots/ID/answer`, on SQLite; it is measured in any case.
Then the server is killed by SIGKILL, and what it answered is looked for in what it stored.
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
from collections.abc import Callable, Hashable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil
import requests

from benchmarks.page_load import make_workspace
from benchmarks.report import machine, put_down
from benchmarks.server_crowd import Worker, come, let_work
from benchmarks.server_hosts import Place, family_cpu
from tests.ports import free_port, is_listening

RESULTS = Path(__file__).parent / "results" / "server_peers.md"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
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
NUM_TASKS = 1000
MOST_A_SECOND = 300
"""Clips that the page has to ask about for each second, of which each needs three answers."""
POTATO = {
    "annotation_task_name": "clips",
    "task_dir": ".",
    "data_files": ["data/clips.jsonl"],
    "item_properties": {"id_key": "id", "text_key": "text"},
    "user_config": {"allow_all_users": True, "users": []},
    "require_password": False,
    "output_annotation_dir": "out",
    "output_annotation_format": "jsonl",
    "annotation_schemes": [
        {
            "annotation_type": "radio",
            "name": "said",
            "description": "Does the clip show it?",
            "labels": ["yes", "no"],
        }
    ],
    "site_dir": "default",
}
"""Its configuration: JSON is YAML."""


class Peer(Protocol):
    """A server that takes choices."""

    name: str
    process: psutil.Process
    port: int

    def enter(self, worker: int) -> str:
        """Let a worker in; return the headers that it sends from then on."""

    def question(self, worker: int, turn: int) -> tuple[str, str]:
        """Return the path and the body of a worker's next answer."""

    def saved(self, worker: int, turn: int, said: dict[str, Any]) -> Hashable | None:
        """Return what names an answer that the server says it has; None if it says otherwise."""

    def stored(self) -> set[Hashable]:
        """Return what names the answers that were found once it was killed."""


@dataclass
class Crowd:
    """What all workers share."""

    peer: Peer
    saved: list[Hashable] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """First lines of other answers."""
    waits: list[float] = field(default_factory=list)

    async def work(self, worker: int, headers: str, until: float) -> None:
        """Be one worker, on one connection as long as the server keeps it."""
        writer: asyncio.StreamWriter | None = None
        for turn in itertools.count():
            begun = time.perf_counter()
            if begun >= until:
                break
            if writer is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.peer.port)
            path, body = self.peer.question(worker, turn)
            lines = (
                f"POST {path} HTTP/1.1",
                "Host: 127.0.0.1",
                headers,
                "Content-Type: application/json",
                f"Content-Length: {len(body)}",
            )
            writer.write(("\r\n".join(lines) + f"\r\n\r\n{body}").encode())
            head, found = await _answer(reader)
            self._take(worker, turn, head[0], found)
            self.waits.append(time.perf_counter() - begun)
            if "connection: close" in head:
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    def _take(self, worker: int, turn: int, line: str, body: bytes) -> None:
        key = None
        if line.split()[1] in ("200", "201"):
            key = self.peer.saved(worker, turn, json.loads(body))
        if key is None:
            self.refused.append(line)
        else:
            self.saved.append(key)


async def _answer(reader: asyncio.StreamReader) -> tuple[list[str], bytes]:
    """Return the lines of an answer's head, in small letters, and its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    length = next(int(x.split(":")[1]) for x in head if x.startswith("content-length"))
    return head, await reader.readexactly(length)


def start(command: list[str], folder: Path, settings: dict[str, str]) -> tuple[psutil.Process, int]:
    """Run a server with its port as the last word; return it once it listens."""
    port = free_port()
    quiet = subprocess.DEVNULL
    environment = {**os.environ, "HOME": str(folder), **settings}
    process = subprocess.Popen(
        [*command, str(port)], cwd=folder, env=environment, stdout=quiet, stderr=quiet
    )
    until = time.monotonic() + START_SECONDS
    while not is_listening(port):
        if process.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"{command[0]} did not start.")
        time.sleep(0.5)
    return psutil.Process(process.pid), port


class LabelStudio:
    """Label Studio, on SQLite."""

    name = "Label Studio"

    def __init__(self, program: Path, folder: Path) -> None:
        """Start it in a new folder, with a project of videos to judge."""
        user = ["--username", "a@example.org", "--password", "secretsecret", "--user-token", TOKEN]
        command = [str(program), "start", "--no-browser", *user, "-p"]
        settings = SETTINGS | {"LABEL_STUDIO_BASE_DATA_DIR": str(folder)}
        self._folder = folder
        self.process, self.port = start(command, folder, settings)
        self._tasks = self._prepared()
        self._turns = itertools.count()

    def _prepared(self) -> list[int]:
        base = f"http://127.0.0.1:{self.port}/api"
        asked = {"title": "clips", "label_config": CONFIG}
        headers = {"Authorization": f"Token {TOKEN}"}
        made = requests.post(f"{base}/projects/", json=asked, headers=headers, timeout=300)
        made.raise_for_status()
        number = made.json()["id"]
        tasks = [{"data": {"video": f"/clips/{index}.mp4"}} for index in range(NUM_TASKS)]
        address = f"{base}/projects/{number}/import?return_task_ids=true"
        taken = requests.post(address, json=tasks, headers=headers, timeout=600)
        taken.raise_for_status()
        return list(map(int, taken.json()["task_ids"]))

    def enter(self, worker: int) -> str:
        """Return the token that all workers share."""
        return f"Authorization: Token {TOKEN}"

    def question(self, worker: int, turn: int) -> tuple[str, str]:
        """Return the next task, whoever asks."""
        task = self._tasks[next(self._turns) % NUM_TASKS]
        return f"/api/tasks/{task}/annotations/", json.dumps(SAID)

    def saved(self, worker: int, turn: int, said: dict[str, Any]) -> Hashable | None:
        """Return the number that the server gave."""
        number: Hashable | None = said.get("id")
        return number

    def stored(self) -> set[Hashable]:
        """Return the numbers in the database."""
        with closing(sqlite3.connect(self._folder / "label_studio.sqlite3")) as rows:
            return {number for (number,) in rows.execute("SELECT id FROM task_completion")}


class Potato:
    """Potato, which keeps a file for each worker."""

    name = "Potato"

    def __init__(self, program: Path, folder: Path) -> None:
        """Start it in a new folder, with videos to judge."""
        (folder / "data").mkdir()
        items = (json.dumps({"id": f"c{n}", "text": f"/clips/{n}.mp4"}) for n in range(NUM_TASKS))
        (folder / "data" / "clips.jsonl").write_text("\n".join(items) + "\n")
        (folder / "config.yaml").write_text(json.dumps(POTATO))
        self._folder = folder
        self.process, self.port = start([str(program), "start", "config.yaml", "-p"], folder, {})

    def enter(self, worker: int) -> str:
        """Log a worker in, who is then given all videos."""
        base, session = f"http://127.0.0.1:{self.port}", requests.Session()
        session.post(
            f"{base}/auth", data={"email": f"w{worker}", "action": "login"}, timeout=300
        ).raise_for_status()
        session.get(f"{base}/annotate", timeout=300).raise_for_status()
        return f"Cookie: {'; '.join(f'{name}={value}' for name, value in session.cookies.items())}"

    def question(self, worker: int, turn: int) -> tuple[str, str]:
        """Return the worker's next video."""
        said = {"annotations": {"said:::no": "no"}, "span_annotations": []}
        return "/updateinstance", json.dumps({"instance_id": f"c{turn % NUM_TASKS}", **said})

    def saved(self, worker: int, turn: int, said: dict[str, Any]) -> Hashable | None:
        """Return whose answer to which video was taken."""
        is_taken = said.get("status") == "success"
        return (f"w{worker}", f"c{turn % NUM_TASKS}") if is_taken else None

    def stored(self) -> set[Hashable]:
        """Return whose answers to which videos lie in the workers' files."""
        found: set[Hashable] = set()
        for file in self._folder.glob("out/*/user_state.json"):
            said = json.loads(file.read_text())["instance_id_to_label_to_value"]
            found.update((file.parent.name, clip) for clip, answers in said.items() if answers)
        return found


PEERS: dict[str, Callable[[Path, Path], Peer]] = {"label_studio": LabelStudio, "potato": Potato}


def measure(peer: Peer, num_workers: int, seconds: float) -> str:
    """Let the crowd work, kill the server, and return the row of the table."""

    async def let_work(crowd: Crowd, headers: list[str]) -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(crowd.work(n, one, until) for n, one in enumerate(headers)))

    load = os.getloadavg()[0]
    crowd, headers = Crowd(peer), [peer.enter(worker) for worker in range(num_workers)]
    before, begun = family_cpu(peer.process), time.perf_counter()
    try:
        asyncio.run(let_work(crowd, headers))
        spent, cpu = time.perf_counter() - begun, family_cpu(peer.process) - before
    finally:
        peer.process.send_signal(signal.SIGKILL)
        peer.process.wait()
    found = Found(len(crowd.saved), len(set(crowd.saved) - peer.stored()), len(crowd.refused))
    return row(peer.name, load, crowd.waits, (spent, cpu), found)


@dataclass(frozen=True)
class Found:
    """Answers."""

    num_saved: int
    num_lost: int
    num_refused: int


def row(
    name: str, load: float, waits: Sequence[float], spent: tuple[float, float], found: Found
) -> str:
    """Return the row of the table; `spent` are seconds by the clock and of CPU."""
    seconds, cpu = spent
    high = statistics.quantiles(waits, n=100)[-1]
    cells = (
        *(name, "never pausing", f"{load:.1f}", f"{found.num_saved / seconds:.1f}"),
        *(f"{1000 * statistics.median(waits):.0f}", f"{1000 * high:.0f}"),
        *(f"{1000 * cpu / found.num_saved:.1f}", f"{found.num_saved:,}"),
        *(f"{found.num_lost:,}", f"{found.num_refused:,}"),
    )
    return f"| {' | '.join(cells)} |"


def measure_page(num_workers: int, seconds: float) -> str:
    """Let a crowd work at the page, kill it, and return the row of the table."""

    async def work(place: Place) -> tuple[list[Worker], float, float]:
        crowd = await come(place.address, place.codes, pause_seconds=0.0)
        before = place.cpu()
        return crowd, await let_work(crowd, 0.0, seconds), place.cpu() - before

    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        num_clips = int(seconds * MOST_A_SECOND)
        place = Place(*make_workspace(Path(folder) / "w", num_clips, num_workers))
        place.begin()
        try:
            crowd, spent, cpu = asyncio.run(work(place))
        finally:
            place.kill()
        given = {(one.name, slot) for one in crowd for slot in one.saved}
        lost = given - place.stored().keys()
        place.workspace.engine.dispose()
    waits = [wait for one in crowd for wait in one.waits]
    found = Found(len(given), len(lost), len(waits) - len(given))
    return row("kbuild annotate", load, waits, (spent, cpu), found)


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in PEERS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=Path)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--workers", type=int, default=300)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    rows = [measure_page(options.workers, options.seconds)]
    for name, begin in PEERS.items():
        if (program := getattr(options, name)) is not None:
            with tempfile.TemporaryDirectory() as folder:
                peer = begin(program.absolute(), Path(folder))
                rows.append(measure(peer, options.workers, options.seconds))
    put_down(report(rows, options.workers, options.seconds), options.out)


def report(rows: list[str], num_workers: int, seconds: float) -> list[str]:
    """Return the page of results."""
    return [
        "# Other servers with a crowd",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores for server and crowd, {num_workers} workers, "
        f"{seconds:.0f} s. `python -m benchmarks.server_peers`; beside it [server.md](server.md).",
        "Load: of the machine in the minute before, by whatever was at work.",
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|---|---|{'---:|' * (len(COLUMNS) - 2)}",
        *rows,
        "",
    ]


if __name__ == "__main__":
    main()
