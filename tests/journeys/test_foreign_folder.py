"""Started in a stranger's folder, no command runs a line of Python that lies there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kinetics_builder.database.engine import writing
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.video.ffmpeg import find_ffmpeg
from kinetics_builder.workspace import Workspace
from pipelines.classes.importing import import_classes
from pipelines.collecting.classes import remember
from pipelines.stages import MODULES

SCRIPT = [str(Path(sys.executable).with_name("kbuild"))]
MODULE = [sys.executable, "-m", "pipelines.cli"]
each_way = pytest.mark.parametrize(
    "kbuild",
    [
        pytest.param(SCRIPT, id="kbuild"),
        pytest.param(MODULE, id="python -m"),
    ],
)

TRAPS = """
    socket selectors struct signal threading random tempfile json pickle pathlib logging queue
    weakref subprocess dataclasses shutil ctypes platform secrets
    numpy av click sqlalchemy torch pebble psutil yt_dlp models kinetics_builder annotation_ui
"""
"""Modules that children import before or while they are told what to do, and some others."""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder of a stranger, whose modules leave a trace and stop whoever imports them."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    for name in TRAPS.split():
        trace = f"open({str(folder / 'ran')!r}, 'a').write('{name} ')\n"
        (folder / f"{name}.py").write_text(f"{trace}raise ImportError('this is the stranger')\n")
    return folder


def run(folder: Path, *command: str) -> None:
    """Run a command as a person would, without what this process has told its children."""
    as_found = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    done = subprocess.run(
        command,
        cwd=folder,
        env=as_found,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    trace = folder / "ran"
    assert not trace.exists(), f"{command} ran the stranger's {trace.read_text()}"
    assert done.returncode == 0, done.stderr


def test_the_traps_work(foreign: Path) -> None:
    with pytest.raises(AssertionError, match="ran the stranger's socket"):
        run(foreign, sys.executable, "-c", "import socket")


@pytest.mark.long
@each_way
def test_collect(kbuild: list[str], foreign: Path, classes: Path, videos: Path) -> None:
    Workspace.create(foreign)
    run(foreign, *kbuild, "collect", "--classes", str(classes), "--source", f"folder:{videos}")


@pytest.mark.long
@pytest.mark.timeout(600)
def test_each_stage_and_all_that_trains(
    workspace: Workspace,
    foreign: Path,
    classes: Path,
    videos: Path,
    finish: Callable[[Workspace], Path],
) -> None:
    def kbuild(*arguments: object) -> None:
        run(foreign, *SCRIPT, "-C", str(workspace.root), *map(str, arguments))

    with writing(workspace.engine) as session:
        import_classes(session, read_classes(classes))
        remember(session, classes, f"folder:{videos}", None)
    for stage in MODULES:
        kbuild(stage)
    finish(workspace)
    kbuild("report")
    train = ["--model", "i3d_tiny", "--steps", 1, "--batch-size", 2, "--workers", 1]
    kbuild("train-baseline", *train, "--device", "cpu", "--out", foreign / "run")
    kbuild("evaluate", foreign / "run", "--workers", 1)
    for number, name in enumerate(("arm wrestling", "juggling balls")):
        (foreign / "images" / name).mkdir(parents=True)
        for shade in range(4):
            pixels = np.full((20, 20, 3), 100 * number + shade, np.uint8)
            Image.fromarray(pixels).save(foreign / "images" / name / f"{shade}.png")
    kbuild("train-scorer", "--images", foreign / "images", "--steps", 1, "--size", 16)


DEMO = """
from pathlib import Path
from pipelines.demo.publish import publish_videos
from pipelines.demo.stills import render_stills
from pipelines.demo.workers import workers
from pipelines.demo.world import World, build_world

if __name__ == "__main__":
    folder = Path(__file__).parent
    world = build_world(seed=0, small=True)
    render_stills(folder / "stills", world, 1)
    (folder / "videos").mkdir()
    few = World(**{**vars(world), "uploads": world.uploads[:1]})
    publish_videos(few, folder / "videos")
    with workers(1) as pool:
        assert pool.submit(len, [1, 2]).result() == 2
"""


def test_the_processes_of_the_demo(foreign: Path, tmp_path: Path) -> None:
    script = tmp_path / "elsewhere" / "demo.py"
    script.parent.mkdir()
    script.write_text(DEMO)
    run(foreign, sys.executable, str(script))


def test_an_ffmpeg_of_the_current_folder_is_not_taken(
    foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = foreign / "ffmpeg"
    program.write_text(f"#!/bin/sh\ntouch {foreign / 'ran'}\n")
    program.chmod(0o755)
    monkeypatch.chdir(foreign)
    monkeypatch.setenv("PATH", "")
    find_ffmpeg.cache_clear()
    expected = find_ffmpeg()
    for path in (".", "", "bin/..", f".:{Path(expected).parent}"):
        monkeypatch.setenv("PATH", path)
        find_ffmpeg.cache_clear()
        assert Path(find_ffmpeg()).parent != Path(), path
        assert Path(find_ffmpeg()).resolve() != program, path
    find_ffmpeg.cache_clear()
