"""A disk that is full or read-only: one clear line, exit 1, and nothing half-written."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.collecting.collect import collect


def kbuild(*arguments: str) -> Result:
    return CliRunner().invoke(group, arguments, prog_name="kbuild")


def mount(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not mount(folder, "size=8m"):
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def last_line(process: Result) -> str:
    assert "Traceback" not in process.stderr, process.stderr
    return process.stderr.strip().splitlines()[-1]


@pytest.mark.of_sqlite  # whose rows lie on the same disk
def test_a_full_disk_is_one_line_and_the_next_run_goes_on(
    disk: Path, classes: Path, videos: Path, finish: Callable[[Workspace], Path]
) -> None:
    root = disk / "workspace"
    Workspace.create(root, "[run]\nmin_free_gigabytes = 0\n").engine.dispose()
    arguments = ("-C", str(root), "collect", "--classes", str(classes), "--source")
    (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 200_000))
    process = kbuild(*arguments, f"folder:{videos}")
    assert process.exit_code == 1
    assert last_line(process).startswith("Error:")
    assert "Make room, then run the same command again" in last_line(process)
    remount(disk, "size=200m")
    process = kbuild(*arguments, f"folder:{videos}")
    assert process.exit_code == 0, process.stderr
    assert (finish(Workspace.open(root)) / "train.csv").stat().st_size > 100


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A workspace that cannot be written, by root neither."""
    root = tmp_path / "workspace"
    root.mkdir()
    is_mounted = mount(root, "size=2g")
    Workspace.create(root)
    if is_mounted:
        remount(root, "ro")
    else:
        root.chmod(0o500)
    yield root
    if is_mounted:
        subprocess.run(["umount", "-l", str(root)], check=True)
    root.chmod(0o700)


@pytest.mark.of_sqlite  # whose rows cannot be written
def test_a_read_only_workspace_is_one_line(read_only: Path, classes: Path, videos: Path) -> None:
    root = read_only
    process = kbuild(
        "-C", str(root), "collect", "--classes", str(classes), "--source", f"folder:{videos}"
    )
    assert process.exit_code == 1
    assert "cannot be written. Check its permissions." in last_line(process)


@pytest.mark.long
def test_clips_that_cannot_be_written_stop_the_stage(
    workspace: Workspace, classes: Path, videos: Path
) -> None:
    root = str(workspace.root)
    arguments = ("-C", root, "collect", "--classes", str(classes), "--source", f"folder:{videos}")
    if not mount(workspace.clips, "size=2g,ro"):
        pytest.skip("only root may mount a read-only disk")
    try:
        process = kbuild(*arguments)
        assert process.exit_code == 1
        assert last_line(process).startswith(
            f"Error: {workspace.clips} cannot be written: the file system is read-only."
        )
        status = kbuild("-C", root, "status", "--json")
        cut = next(s for s in json.loads(status.stdout)["stages"] if s["stage"] == "cut")
        assert (cut["num_failed"], cut["num_running"], cut["num_pending"]) == (0, 0, 20)
        remount(workspace.clips, "rw")
        process = kbuild(*arguments)
        assert process.exit_code == 0, process.stderr
        assert len(list(workspace.clips.glob("*.mp4"))) == 20
    finally:
        subprocess.run(["umount", "-l", str(workspace.clips)], check=True)


@pytest.mark.long
@pytest.mark.of_sqlite  # whose rows lie in the workspace
def test_a_read_only_workspace_can_be_looked_at(
    tmp_path: Path, classes: Path, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    is_mounted = mount(root, "size=2g")
    workspace = Workspace.create(root)
    try:
        collect(workspace, classes, f"folder:{videos}")
        workspace.engine.dispose()
        shutil.rmtree(workspace.clips)  # a folder that nobody may make now
        if is_mounted:
            remount(root, "ro")
        else:
            root.chmod(0o500)
        monkeypatch.chdir(tmp_path)
        looked = kbuild("-C", str(root), "status", "--json")
        assert looked.exit_code == 0, looked.stderr
        assert json.loads(looked.stdout)["counts"]["cut clips"] == 10
        assert kbuild("-C", str(root), "report").exit_code == 0
        assert (tmp_path / "report.html").stat().st_size > 1000
        assert kbuild("-C", str(root), "backup", str(tmp_path / "copy")).exit_code == 0
        checked = kbuild("-C", str(root), "check", "--json")
        assert len(json.loads(checked.stdout)["broken"]) == 10
        assert not (root / "clips").exists()
    finally:
        if is_mounted:
            subprocess.run(["umount", "-l", str(root)], check=True)
        else:
            root.chmod(0o700)
