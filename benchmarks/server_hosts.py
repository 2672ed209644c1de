"""What is measured: `kbuild annotate` on a port, killed and begun again, and its database."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import select, update

from benchmarks.page_load import SETTINGS, make_workspace
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Task, Vote, Worker
from kinetics_builder.ways import Way
from kinetics_builder.workspace import Workspace
from tests.ports import free_port, is_listening

Given = tuple[str, int]
"""A worker and a slot."""


def mixed_workspace(folder: Path, database: str, num_clips: int, num_workers: int) -> "Place":
    """Return a workspace of tasks of 20 clips, every second one of them a grid."""
    settings = f'database = "{database}"\n{SETTINGS}' if database else SETTINGS
    workspace, codes = make_workspace(folder, num_clips, num_workers, settings)
    with writing(workspace.engine) as session:
        session.execute(update(Task).where(Task.id % 2 == 0).values(way=Way.GRID))
    return Place(workspace, codes)


@dataclass
class Place:
    """A workspace that is served, and its workers' codes."""

    workspace: Workspace
    codes: list[str]
    cpu_seconds: float = 0.0
    """Of servers that are gone."""
    process: subprocess.Popen[bytes] | None = None
    port: int = field(default_factory=lambda: free_port())

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Serve; return when somebody listens."""
        start = "from pipelines.cli import main; main()"
        command = [sys.executable, "-c", start, "-C", str(self.workspace.root), "annotate"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)], stdout=quiet, stderr=quiet
        )
        while not is_listening(self.port):
            if self.process.poll() is not None:
                raise RuntimeError("the page has ended")
            threading.Event().wait(0.02)

    def cpu(self) -> float:
        """Return the CPU seconds of all servers so far."""
        assert self.process is not None
        times = psutil.Process(self.process.pid).cpu_times()
        return self.cpu_seconds + times.user + times.system

    def kill(self) -> None:
        """Kill the server by SIGKILL."""
        assert self.process is not None
        self.cpu_seconds = self.cpu()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stored(self) -> Counter[Given]:
        """Return how many rows each worker's answer to each question has."""
        with reading(self.workspace.engine) as session:
            rows = session.execute(select(Worker.name, Vote.slot_id).join(Worker))
            return Counter((name, slot) for name, slot in rows)


@contextmanager
def killed_now_and_then(place: Place, seconds: float, times: int) -> Iterator[None]:
    """Kill the server so many times in that time, evenly, and begin it again each time."""
    is_over = threading.Event()

    def kill() -> None:
        for _ in range(times):
            if is_over.wait(seconds / (times + 1)):
                return
            place.kill()
            place.begin()

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        is_over.set()


@contextmanager
def postgresql() -> Iterator[tuple[str, psutil.Process]]:
    """Run a PostgreSQL as it is delivered, in a new folder; yield an address and its process."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="kbuild-server-", dir="/tmp"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = str(folder / "data")
    initdb = [str(programs / "initdb"), "-D", data, "-U", "kbuild", "-A", "trust"]
    subprocess.run(initdb, user=user, cwd=folder, check=True, capture_output=True)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    control = [str(programs / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log")]
    subprocess.run([*control, "-o", options, "start"], user=user, cwd=folder, check=True)
    number = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    try:
        yield f"postgresql://kbuild@/postgres?host={folder}", psutil.Process(number)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], user=user, cwd=folder, check=True)
        shutil.rmtree(folder)


def family_cpu(process: psutil.Process | None) -> float:
    """Return the CPU seconds of a process with its children, those that have ended too."""
    if process is None:
        return 0.0
    own = process.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return float(total)
