"""Killed in the middle of any stage, the next run finishes with the same release."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Clip, Item, State
from kinetics_builder.workspace import Workspace
from pipelines.collecting.collect import collect
from pipelines.stages import MODULES
from tests.contents import settings_of

SCRIPT = Path(__file__).parent / "slow_collect.py"


Start = Callable[[Workspace, str], "subprocess.Popen[str]"]


@pytest.fixture
def start(
    classes: Path, videos: Path, start_child: Callable[..., "subprocess.Popen[str]"]
) -> Start:
    """Return a function that collects in a workspace, slowly in the middle of one stage."""

    def begin(workspace: Workspace, slow: str) -> "subprocess.Popen[str]":
        said = [str(workspace.root), str(classes), f"folder:{videos}", slow]
        command = [sys.executable, str(SCRIPT), *said]
        return start_child(command, stderr=subprocess.PIPE, start_new_session=True)

    return begin


def is_in_the_middle(workspace: Workspace, stage: str) -> bool:
    with reading(workspace.engine) as session:
        states = set(session.scalars(select(Item.state).where(Item.stage == stage)))
    return State.RUNNING in states


def kill_in(workspace: Workspace, start: Start, stage: str) -> None:
    process = start(workspace, stage)
    deadline = time.monotonic() + 120
    while not is_in_the_middle(workspace, stage):
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, f"{stage} was never in the middle"
        time.sleep(0.01)
    time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    with reading(workspace.engine) as session:
        running = select(func.count()).where(Item.stage == stage, Item.state == State.RUNNING)
        assert session.scalar(running), f"{stage} was over before the kill"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "stages",
    [
        pytest.param(["cut"], id="cut"),
        pytest.param([*MODULES], marks=pytest.mark.long, id="each stage"),
    ],
)
def test_a_kill_in_a_stage_changes_nothing_in_the_release(
    tmp_path: Path,
    workspace: Workspace,
    start: Start,
    classes: Path,
    videos: Path,
    finish: Callable[[Workspace], Path],
    stages: list[str],
) -> None:
    settings = settings_of(workspace)
    undisturbed = Workspace.create(tmp_path / "undisturbed", settings)
    collect(undisturbed, classes, f"folder:{videos}")
    for stage in stages:
        kill_in(workspace, start, stage)
    collect(workspace, classes, f"folder:{videos}")
    expected = contents(finish(undisturbed))
    assert len(expected) > 10
    assert contents(finish(workspace)) == expected
    with reading(workspace.engine) as session:
        assert State.RUNNING not in set(session.scalars(select(Item.state)))
        num_clips = session.scalar(select(func.count()).select_from(Clip))
    assert len(list(workspace.clips.glob("*"))) == num_clips, "half-written files stayed behind"
