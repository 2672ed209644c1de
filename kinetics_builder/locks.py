"""A file that one process at a time holds, and that says which. The system frees it at its end."""

import errno
import fcntl
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_TAKEN = (errno.EAGAIN, errno.EACCES)
_UNKNOWN_HERE = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)
"""What a file system that knows no locks answers."""


class HeldElsewhere(Exception):
    """Another process holds the file; the text says which."""


@contextmanager
def held(path: Path, on_wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold `path` while the block runs; the file is made if it is not there, and stays.

    Args:
        path: A file of nobody else's; its folder must be there.
        on_wait: Told who holds it, before it is waited for. Without it nobody waits.

    Raises:
        HeldElsewhere: It is held by another process, and `on_wait` is missing.

    """
    with path.open("a+", encoding="utf-8") as file:
        if not _take(file, fcntl.LOCK_EX | fcntl.LOCK_NB):
            holder = _read_holder(file)
            if on_wait is None:
                raise HeldElsewhere(holder)
            on_wait(holder)
            _take(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(_this_process())
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _take(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        if error.errno not in _UNKNOWN_HERE:
            raise
    return True


def _read_holder(file: IO[str]) -> str:
    file.seek(0)
    return file.read(1000).strip() or "another process"


def _this_process() -> str:
    began = time.strftime("%Y-%m-%d %H:%M:%S")
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])[:300]
    return f"process {os.getpid()} on {socket.gethostname()} since {began} ({command})\n"
