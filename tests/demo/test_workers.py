"""Processes that draw and train for a demo end with it, also where it is killed."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PARENT = """\
import sys
from pathlib import Path
from pipelines.demo.workers import workers
from tests.demo.test_workers import note_and_sleep

if __name__ == "__main__":
    with workers(1) as pool:
        pool.submit(note_and_sleep, Path(sys.argv[1])).result()
"""
ROOT = Path(__file__).parents[2]


def note_and_sleep(path: Path) -> None:
    """Say which process works, and work for long."""
    path.with_suffix(".part").write_text(str(os.getpid()))
    path.with_suffix(".part").replace(path)
    time.sleep(600)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_demo_leaves_nobody_at_work(tmp_path: Path, start_child: Any) -> None:
    script, note = tmp_path / "parent.py", tmp_path / "pid"
    script.write_text(PARENT)
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    parent = start_child(
        [sys.executable, str(script), str(note)], env={**os.environ, "PYTHONPATH": path}
    )
    wait_until(note.exists)
    child = int(note.read_text())
    try:
        assert is_running(child)
        parent.kill()
        parent.wait()
        wait_until(lambda: not is_running(child))
        assert not is_running(child)
    finally:
        if is_running(child):
            os.kill(child, signal.SIGKILL)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
