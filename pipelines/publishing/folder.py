"""Folders that are there whole or not at all: built aside, synced, renamed, checked."""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kinetics_builder.errors import WorkspaceError

SUMS = "SHA256SUMS"
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES}


@contextmanager
def building(releases: Path) -> Iterator[Path]:
    """Yield an empty folder below `releases`, gone in the end unless it was renamed.

    What a killed run left behind is swept first. One run builds at a time.

    Raises:
        WorkspaceError: Another run is building.

    """
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WorkspaceError(
                f"another `kbuild release` is writing to {releases}. Wait until it is done."
            ) from error
        part = releases / ".part"
        shutil.rmtree(part, ignore_errors=True)
        try:
            (part / "new").mkdir(parents=True)
            yield part / "new"
        finally:
            shutil.rmtree(part, ignore_errors=True)


def publish(built: Path, target: Path) -> None:
    """Move a finished folder to `target`, where it appears at once and survives a crash."""
    for path in [built, *built.iterdir()]:
        _sync(path)
    built.rename(target)
    _sync(target.parent)


def place_file(source: Path, target: Path, sha256: str) -> None:
    """Make `target` the same file as `source`, or a copy where links are impossible.

    Raises:
        WorkspaceError: `source` is missing or is not the file that was cut.

    """
    try:
        found = hash_of(source)
    except FileNotFoundError as error:
        raise WorkspaceError(f"{source} is missing. {_RESTORE}") from error
    if found != sha256:
        raise WorkspaceError(
            f"{source} has changed since it was cut: expected SHA-256 {sha256[:12]}..., "
            f"found {found[:12]}.... {_RESTORE}"
        )
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copyfile(source, target)
        _sync(target)


_RESTORE = "`kbuild check` notes it, `kbuild collect` makes it again; then release again."


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_folder(folder: Path) -> None:
    """Refuse a release from which a file has gone, or in which one byte was changed.

    Raises:
        WorkspaceError: With the first such file.

    """
    with (folder / SUMS).open(encoding="utf-8") as lines:
        for line in lines:
            sha256, _, name = line.rstrip("\n").partition("  ")
            path = folder / name
            is_whole = path.is_file() and hash_of(path) == sha256
            if not is_whole:
                raise WorkspaceError(
                    f"{path} is missing or was changed: it does not fit {SUMS}. Move {folder} "
                    "away, then run `kbuild release` to write it anew."
                )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
