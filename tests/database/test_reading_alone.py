"""A database on a disk that cannot be written: all of it is read, and nothing is written."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from kinetics_builder.database.engine import open_database, reading, writing
from kinetics_builder.database.tables import Setting
from kinetics_builder.errors import WorkspaceError


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() == 0:
        mount = ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("root cannot mount here")
    yield folder
    if os.geteuid() == 0:
        subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.chmod(0o700)


def lock(folder: Path) -> None:
    """Make a folder read-only, for root too."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    else:
        folder.chmod(0o500)


def settings(folder: Path) -> dict[str, str]:
    engine = open_database("rows.sqlite", folder)
    try:
        with reading(engine) as session:
            return {row.key: row.value for row in session.scalars(select(Setting))}
    finally:
        engine.dispose()


def fill(folder: Path, key: str) -> None:
    engine = open_database("rows.sqlite", folder)
    try:
        with writing(engine) as session:
            session.add(Setting(key=key, value="seen"))
    finally:
        engine.dispose()


def fill_log(folder: Path, key: str, work: Path) -> None:
    """Write a row that stands in the log alone, as a killed run or a copy of a live one does."""
    with closing(sqlite3.connect(folder / "rows.sqlite")) as other:
        other.execute("SELECT * FROM setting").fetchone()  # keeps the log from being taken in
        fill(folder, key)
        work.mkdir()
        for suffix in ("", "-wal"):
            shutil.copy(folder / f"rows.sqlite{suffix}", work)
    for path in folder.iterdir():
        path.unlink()
    for path in work.iterdir():
        shutil.copy(path, folder)


def test_a_closed_database_is_read(disk: Path) -> None:
    fill(disk, "first")
    lock(disk)
    assert settings(disk) == {"first": "seen"}
    assert [path.name for path in disk.iterdir()] == ["rows.sqlite"]


def test_what_stands_in_the_log_alone_is_read(disk: Path, tmp_path: Path) -> None:
    fill(disk, "first")
    fill_log(disk, "second", tmp_path / "work")
    lock(disk)
    assert settings(disk) == {"first": "seen", "second": "seen"}
    assert {path.name for path in disk.iterdir()} == {"rows.sqlite", "rows.sqlite-wal"}


@pytest.mark.parametrize("has_log", [False, True], ids=["closed", "with a log"])
def test_writing_is_refused_by_its_reason(disk: Path, tmp_path: Path, has_log: bool) -> None:
    fill(disk, "first")
    if has_log:
        fill_log(disk, "second", tmp_path / "work")
    lock(disk)
    with pytest.raises(WorkspaceError, match=r"cannot be written\. Check its permissions"):
        fill(disk, "third")
    assert "third" not in settings(disk)


def test_a_database_that_is_not_there_is_not_made(disk: Path) -> None:
    lock(disk)
    with pytest.raises(WorkspaceError, match=r"rows.sqlite is not there, and .* be written"):
        settings(disk)
