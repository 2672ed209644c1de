"""What was promised and is not there any more is found, told, and made again."""

import hashlib
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import ClipFile, Media, Setting
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.publishing.release import release
from pipelines.running import runner
from pipelines.running.engines.inline import InlinePool

Collect = Callable[[], str]


def kbuild(workspace: Workspace, *arguments: object) -> Result:
    command = ["-C", str(workspace.root), *map(str, arguments)]
    return CliRunner().invoke(group, command, prog_name="kbuild")


def damage(path: Path, *, secretly: bool) -> None:
    """Change one byte of a file of its own; `secretly` as a bad disk does, size and time kept."""
    before, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(content if secretly else content + b"x")
    if secretly:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def files(workspace: Workspace) -> dict[str, str]:
    """Return the hash of each video and clip."""
    return {
        str(path.relative_to(workspace.root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (workspace.media, workspace.clips)
        for path in sorted(folder.glob("*.mp4"))
    }


def promised(workspace: Workspace) -> dict[str, str]:
    with reading(workspace.engine) as session:
        rows = [*session.scalars(select(Media)), *session.scalars(select(ClipFile))]
        return {row.file: row.sha256 for row in rows}


@pytest.fixture
def originals(videos: Path, tmp_path: Path) -> Path:
    """Copies of two of the videos: media are links to the files that were given."""
    folder = tmp_path / "originals"
    folder.mkdir()
    for path in sorted(videos.glob("arm*"))[:2]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def collect(
    workspace: Workspace, classes: Path, originals: Path, monkeypatch: pytest.MonkeyPatch
) -> Collect:
    """Return a function that runs `collect`, and returns what it said."""
    monkeypatch.setattr(runner, "make_pool", lambda **_: InlinePool())

    def run() -> str:
        arguments = ("--classes", classes, "--source", f"folder:{originals}")
        result = kbuild(workspace, "collect", *arguments)
        assert result.exit_code == 0, result.output
        return result.output

    run()
    assert files(workspace) == promised(workspace)
    return run


def test_what_was_lost_or_changed_is_told_and_made_again(
    workspace: Workspace, collect: Collect
) -> None:
    before = files(workspace)
    assert "not as they were left" not in collect(), "nothing was lost"
    lost, changed = sorted(workspace.clips.glob("*.mp4"))[:2]
    lost.unlink()
    damage(changed, secretly=False)
    next(workspace.media.glob("*.mp4")).unlink()
    said = collect()
    assert "download: files are not as they were left (1 missing), such as media/" in said
    assert "cut: files are not as they were left (1 missing, 1 changed), such as clips/" in said
    assert files(workspace) == before == promised(workspace)
    assert "not as they were left" not in collect()


def test_what_a_bad_disk_changed_is_found_by_check(workspace: Workspace, collect: Collect) -> None:
    before = files(workspace)
    victim = next(workspace.clips.glob("*.mp4"))
    damage(victim, secretly=True)
    assert kbuild(workspace, "check", "--quick").exit_code == 0
    collect()
    assert files(workspace) != before, "size and time are believed"
    result = kbuild(workspace, "check", "--json")
    found = json.loads(result.output)
    assert result.exit_code == 1 and found["num_files"] == len(before)
    assert [(f["file"], f["keeping"]) for f in found["broken"]] == [
        (f"clips/{victim.name}", "changed")
    ]
    collect()
    assert files(workspace) == before
    sound = kbuild(workspace, "check")
    assert sound.exit_code == 0 and "as they were left" in sound.output


def test_an_original_that_was_written_over_is_a_new_file(
    workspace: Workspace, collect: Collect, originals: Path, videos: Path
) -> None:
    before = promised(workspace)
    victim = sorted(originals.glob("*.mp4"))[0]
    other = sorted(videos.glob("juggling*"))[0]
    victim.write_bytes(other.read_bytes())  # through the hard link
    assert "download: files are not as they were left (1 changed)" in collect()
    after = promised(workspace)
    assert hashlib.sha256(other.read_bytes()).hexdigest() in after.values()
    assert len(set(before.values()) - set(after.values())) >= 2, "the video and its clips"
    assert after == {name: files(workspace)[name] for name in after}


@pytest.mark.parametrize("secretly", [False, True], ids=["another size", "one byte"])
def test_a_damaged_clip_of_a_release_is_noticed(
    workspace: Workspace,
    collect: Collect,
    finish: Callable[[Workspace], Path],
    secretly: bool,
) -> None:
    folder = finish(workspace)
    victim = next((folder / "clips").iterdir())
    damage(victim, secretly=secretly)
    with pytest.raises(WorkspaceError, match=rf"{victim.name} was changed.*Move .* away"):
        release(workspace)
    result = kbuild(workspace, "check")
    assert result.exit_code == 1
    assert f"changed  {folder.relative_to(workspace.root)}/clips/{victim.name}" in result.output
    folder.rename(workspace.root / "away")
    assert release(workspace).is_new
    assert kbuild(workspace, "check").exit_code == 0


def test_a_release_that_is_gone_is_missing(
    workspace: Workspace, collect: Collect, finish: Callable[[Workspace], Path]
) -> None:
    shutil.rmtree(finish(workspace))
    result = kbuild(workspace, "check")
    assert result.exit_code == 1 and "missing  releases/v1/SHA256SUMS" in result.output


@pytest.mark.of_sqlite  # whose file is lost
@pytest.mark.parametrize("part", ["", "-wal"], ids=["the database", "its newest part"])
def test_status_and_check_say_that_the_database_was_lost(
    workspace: Workspace, collect: Collect, tmp_path: Path, part: str
) -> None:
    assert "WARNING: The database does not know" not in kbuild(workspace, "status").output
    num_clips = len(list(workspace.clips.glob("*.mp4")))
    database = workspace.root / "kbuild.sqlite"
    for path in workspace.root.glob("kbuild.sqlite*"):
        path.unlink()
    if part:  # what stays when the log is lost that holds every row
        Workspace.create(tmp_path / "empty").engine.dispose()
        shutil.copy(tmp_path / "empty" / "kbuild.sqlite", database)
    result = kbuild(workspace, "status")
    words = " ".join(result.output.split())
    assert f"{num_clips} of {num_clips} in clips/" in words
    assert "2 of 2 in media/" in words and "Restore a backup" in words
    checked = kbuild(workspace, "check")
    assert checked.exit_code == 1
    assert "database: The database does not know what lies here" in checked.output
    assert max(map(len, result.output.splitlines())) <= 80
    assert "WARNING: The database does not know what lies here" in collect()


@pytest.mark.of_sqlite  # whose file kbuild copies itself
def test_a_backup_is_whole_while_others_write(
    workspace: Workspace, collect: Collect, tmp_path: Path
) -> None:
    is_over = threading.Event()

    def write() -> None:
        number = 0
        while not is_over.is_set():
            with writing(workspace.engine) as session:  # two rows, or none of them
                session.add(Setting(key=f"a {number}", value="x" * 5000))
                session.add(Setting(key=f"b {number}", value="x" * 5000))
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copy = tmp_path / "copy.sqlite"
        result = kbuild(workspace, "backup", copy)
    finally:
        is_over.set()
        writer.join()
    assert result.exit_code == 0, result.output
    assert copy.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == [copy.name]
    with closing(sqlite3.connect(copy)) as database:
        count = "SELECT count(*) FROM setting WHERE key LIKE ?"
        pair = [database.execute(count, (f"{letter} %",)).fetchone()[0] for letter in "ab"]
    assert pair[0] == pair[1]
    restored = Workspace.create(tmp_path / "restored", f"database = '{copy}'\n")
    assert promised(restored) == promised(workspace)
    again = kbuild(workspace, "backup", copy)
    assert again.exit_code == 1 and "is there already" in again.output


@pytest.mark.of_sqlite  # whose file is damaged
def test_a_damaged_database_is_not_copied_as_if_it_were_whole(
    workspace: Workspace, collect: Collect, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(workspace.root / "kbuild.sqlite")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (workspace.root / "kbuild.sqlite").open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 8192)
    result = kbuild(workspace, "backup", tmp_path / "copy.sqlite")
    assert result.exit_code == 1 and "kbuild.sqlite" in result.output, result.output
    assert "damaged" in result.output or "malformed" in result.output
    assert not [path for path in tmp_path.iterdir() if "copy" in path.name]


def test_a_server_is_backed_up_by_its_own_program(tmp_path: Path) -> None:
    address = "postgresql://ada:secret@db.example/clips"
    workspace = Workspace.create(tmp_path / "workspace", f"database = '{address}'\n")
    result = kbuild(workspace, "backup", tmp_path / "copy")
    assert result.exit_code == 1
    assert "pg_dump --format=custom --file=" in result.output
    assert "db.example/clips" in result.output and "secret" not in result.output


def test_status_leads_to_the_release_within_80_columns(
    workspace: Workspace, collect: Collect, finish: Callable[[Workspace], Path]
) -> None:
    def look() -> tuple[dict[str, Any], str]:
        lines = kbuild(workspace, "status").output.splitlines()
        assert max(map(len, lines)) <= 80
        found = json.loads(kbuild(workspace, "status", "--json").output)
        assert " ".join(" ".join(lines).split()).endswith(f"Next: {found['next']}")
        assert all(any(line.startswith(step["verb"]) for line in lines) for step in found["steps"])
        return {step["verb"]: step for step in found["steps"]}, found["next"]

    steps, following = look()
    assert list(steps) == ["assign", "annotate", "curate", "release"]
    assert steps["assign"]["num_items"] == steps["assign"]["num_done"] > 0
    assert following.startswith("`kbuild annotate --invite 5`, then `kbuild annotate`")
    finish(workspace)
    steps, following = look()
    assert steps["annotate"]["num_done"] == steps["annotate"]["num_items"]
    assert steps["release"]["num_done"] == steps["release"]["num_items"] > 0
    assert following.startswith("`kbuild train-baseline")
    shutil.rmtree(workspace.releases)
    assert look()[1].startswith("`kbuild release`")


def test_status_of_a_new_workspace_says_how_to_begin(workspace: Workspace) -> None:
    found = json.loads(kbuild(workspace, "status", "--json").output)
    assert found["next"].startswith("`kbuild collect --classes FILE`")
    assert found["warnings"] == []
