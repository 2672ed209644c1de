"""Stopped by a person or by the system, a run says that the same command goes on, and it does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Item, State
from kinetics_builder.workspace import Workspace

KBUILD = [sys.executable, "-m", "pipelines.cli"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("number", "send"),
    [
        pytest.param(signal.SIGTERM, os.kill, id="SIGTERM to it"),
        pytest.param(signal.SIGTERM, os.killpg, id="SIGTERM to it and its children"),
        pytest.param(signal.SIGINT, os.killpg, id="Ctrl-C"),
    ],
)
def test_stopped_in_the_middle(
    workspace: Workspace,
    classes: Path,
    videos: Path,
    number: signal.Signals,
    send: Callable[[int, int], None],
    start_child: Callable[..., "subprocess.Popen[str]"],
) -> None:
    command = [*KBUILD, "-C", str(workspace.root), "collect", "--classes", str(classes)]
    command += ["--source", f"folder:{videos}"]
    process = start_child(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    deadline = time.monotonic() + 120
    while not any(workspace.clips.iterdir()):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.01)
    send(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert said.strip().splitlines()[-1] == (
        "Stopped. Run the same command again: it goes on from what is finished."
    )
    assert "Traceback" not in said, said
    with reading(workspace.engine) as session:
        assert State.RUNNING not in set(session.scalars(select(Item.state)))
    again = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert again.returncode == 0, again.stderr
    assert f"cut         {20:>7} done" in again.stderr
    assert not list(workspace.clips.glob(".*")), "half-written files stayed behind"
