"""Copies of a store's files on this machine, bounded: the least used go first."""

import os
import tempfile
import time
from pathlib import Path

_IN_USE_SECONDS = 1800.0
"""A copy that was asked for so lately may be at work, and stays."""
_LOOK_SECONDS = 30.0
"""How often the room is measured."""

_looked_at: dict[Path, float] = {}


def own_temporary_folder() -> Path:
    """Return a folder for copies that is this user's alone.

    Raises PermissionError where somebody else's has that name.
    """
    folder = Path(tempfile.gettempdir()) / f"kinetics-builder-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.is_symlink():
        raise PermissionError(13, "is somebody else's: set storage.cache in kbuild.toml", folder)
    return folder


def touch(path: Path) -> None:
    """Note that a copy is used now; its own time, which tells whether it is the same, stays."""
    try:
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
    except FileNotFoundError:
        return


def make_room(folder: Path, most_bytes: int) -> None:
    """Remove the copies that were not used for longest, until the others take `most_bytes`."""
    if time.monotonic() - _looked_at.get(folder, -_LOOK_SECONDS) < _LOOK_SECONDS:
        return
    _looked_at[folder] = time.monotonic()
    found = []
    for path in folder.rglob("*"):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        if path.is_file():
            found.append((state.st_atime, state.st_size, path))
    taken, newest = sum(size for _, size, _ in found), time.time() - _IN_USE_SECONDS
    for used, size, path in sorted(found):
        if taken <= most_bytes or used > newest:
            return
        path.unlink(missing_ok=True)
        taken -= size
