"""Who holds a lease: a process, told apart from every other, whatever the clock says.

An owner is written as host/pid/start. The host is a name with what tells namesakes apart: the
boot of the machine and the space that its process numbers belong to (containers have their
own). The start counts from the boot, since a clock that is set moves all other times.
"""

import os
import socket
from functools import cache
from pathlib import Path

import psutil

_PROC = Path("/proc")
_STATE_FIELD, _START_FIELD = 0, 19
"""Of `/proc/PID/stat`, counted from 0 behind the name; a start is clock ticks since the boot."""
_DEAD = "ZXx"
"""States of a process that has ended and that nobody has asked how."""


@cache
def this_owner() -> str:
    """Return host/pid/start of this process."""
    return owner_of(os.getpid())


def owner_of(pid: int) -> str:
    """Return host/pid/start of a process of this machine. Raises psutil.NoSuchProcess."""
    return f"{_this_host()}/{pid}/{_start_of(pid)}"


def is_gone(owner: str) -> bool:
    """Return whether `owner` was a process of this machine that runs no more."""
    return _is_of_this_machine(owner) and not _runs(owner)


def is_alive(owner: str) -> bool:
    """Return whether `owner` is a process of this machine that runs."""
    return _is_of_this_machine(owner) and _runs(owner)


def described(owner: str) -> str:
    """Return an owner as a person would name it.

    >>> described("station:1f2e:4026531836/812/99")
    'process 812 on station'
    """
    host, _, rest = owner.partition("/")
    return f"process {rest.partition('/')[0]} on {host.partition(':')[0]}"


@cache
def _this_host() -> str:
    boot = _read(_PROC / "sys/kernel/random/boot_id")[:8]
    try:
        space = str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        space = ""
    return f"{socket.gethostname()}:{boot}:{space}"


def _is_of_this_machine(owner: str) -> bool:
    return owner.partition("/")[0] == _this_host()


def _runs(owner: str) -> bool:
    pid, _, started = owner.partition("/")[2].partition("/")
    try:
        return _start_of(int(pid)) == started
    except psutil.AccessDenied:
        return True
    except (psutil.NoSuchProcess, ValueError):
        return False


def _start_of(pid: int) -> str:
    """Return when a process began, in a form that stays the same while it runs.

    Raises psutil.NoSuchProcess.
    """
    if found := _read(_PROC / str(pid) / "stat"):
        fields = found.rpartition(")")[2].split()
        if fields[_STATE_FIELD] in _DEAD:
            raise psutil.NoSuchProcess(pid)
        return fields[_START_FIELD]
    return f"{psutil.Process(pid).create_time():.2f}"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
