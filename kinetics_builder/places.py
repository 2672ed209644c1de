"""Faults of a place rather than of an item: a disk that is full, a folder that takes no file."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

from kinetics_builder.errors import WorkspaceError

_AGAIN = "then run the same command again"

_REMEDIES = {
    errno.ENOSPC: f"the disk is full. Make room, {_AGAIN}.",
    errno.EDQUOT: f"the disk quota is used up. Make room, {_AGAIN}.",
    errno.EROFS: f"the file system is read-only. Mount it for writing, {_AGAIN}; "
    "or choose another folder.",
    errno.EACCES: f"permission denied. Check who owns it, {_AGAIN}.",
    errno.EPERM: f"permission denied. Check who owns it, {_AGAIN}.",
    errno.EIO: f"the disk does not work. Check it, {_AGAIN}.",
    errno.ENOTCONN: f"the disk is not connected. Mount it, {_AGAIN}.",
    errno.ESTALE: f"the disk is not connected. Mount it, {_AGAIN}.",
    errno.EMFILE: f"this process may open no more files. Raise `ulimit -n`, {_AGAIN}.",
    errno.ENFILE: f"the system can open no more files. Close other programs, {_AGAIN}.",
    errno.ENAMETOOLONG: "the name is too long for the file system. Choose a shorter one.",
}
_OF_FULL_DISKS = (errno.ENOSPC, errno.EDQUOT)
_OF_TARGETS = (*_OF_FULL_DISKS, errno.EROFS)
_OF_READING = {
    *(errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG),
    *(errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTCONN, errno.ESTALE),
    *(errno.EMFILE, errno.ENFILE),
}


def place_fault(error: OSError) -> str | None:
    """Return what is wrong with a place and what to do, None if the place is not at fault."""
    if (remedy := _REMEDIES.get(error.errno or 0)) is None:
        return None
    target = error.filename2 if error.errno in _OF_TARGETS else None  # of a copy
    name = target or error.filename
    return f"{name}: {remedy}" if name else remedy


def is_unread(error: BaseException) -> bool:
    """Tell whether the system did not give a file, or else what the file holds is at fault.

    Readers of formats raise OSError of damage too: without an errno, or with that of a wrong
    offset (EINVAL).
    """
    return isinstance(error, OSError) and error.errno in _OF_READING


def raise_if_unread(error: BaseException, path: Path) -> None:
    """Return where the content of `path` is at fault.

    Raises:
        OSError: The system did not give the file; of the errno's kind, as FileNotFoundError.

    """
    if isinstance(error, OSError) and is_unread(error):
        number = error.errno or 0
        raise OSError(number, os.strerror(number), str(error.filename or path)) from error


def told_of_a_full_disk(message: str) -> WorkspaceError | None:
    """Return the error of a full disk if a program's last words were about one."""
    for number in _OF_FULL_DISKS:
        if os.strerror(number) in message:
            return WorkspaceError(_REMEDIES[number])
    return None


def require_room(folder: Path, keep_free: int) -> None:
    """Return if the disk of a folder has more than `keep_free` bytes left.

    Raises:
        WorkspaceError: It has not.

    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:  # whoever writes there says what is wrong
        return
    if free < keep_free:
        raise WorkspaceError(
            f"{folder}: {free / 1e9:.2f} GB are free on its disk, of which run.min_free_gigabytes "
            f"keeps {keep_free / 1e9:g}. Make room, or keep less, {_AGAIN}."
        )


def require_writable(folder: Path) -> None:
    """Make `folder` if it is not there, and see that it takes a file.

    Raises:
        WorkspaceError: It does not, for any reason that the system gives.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_into(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def require_place(path: Path) -> None:
    """See that a file or a folder can come to be at `path`, before hours go into it.

    Nothing is made: what is asked is the nearest folder above that is there.

    Raises:
        WorkspaceError: It takes no file, or something there is no folder.

    """
    folder = here = path.absolute()
    try:
        if not here.is_dir():
            folder = next(above for above in here.parents if above.exists())
        _write_into(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _write_into(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"kbuild")


def _unwritable(folder: Path, error: OSError) -> WorkspaceError:
    remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror}. Mend it, {_AGAIN}.")
    return WorkspaceError(f"{folder} cannot be written: {remedy}")
