"""What two machines must have in common to work on one workspace: the program and the folder."""

import hashlib
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

import psutil

_WORKING_CODE = ("kinetics_builder", "models", "pipelines")


@dataclass(frozen=True, slots=True)
class Installation:
    """What a machine would work with."""

    python: str
    """Its first two numbers: what one pickles, another must be able to read."""
    kbuild: str
    code: str
    """Hash of the source: copies from the same version, of which one was changed, differ."""

    def unlike(self, other: "Installation") -> str:
        """Return what is different at `other`, empty where nothing is.

        >>> Installation("3.11", "1.0", "a").unlike(Installation("3.12", "1.0", "a"))
        'Python 3.12, and not 3.11'
        """
        if self.python != other.python:
            return f"Python {other.python}, and not {self.python}"
        if self.kbuild != other.kbuild:
            return f"kinetics-builder {other.kbuild}, and not {self.kbuild}"
        if self.code != other.code:
            return f"kinetics-builder {other.kbuild} whose source is not the same as here"
        return ""


@cache
def this_installation() -> Installation:
    """Return what this process works with."""
    root = Path(__file__).parents[3]
    source = hashlib.sha256()
    for file in sorted(file for name in _WORKING_CODE for file in (root / name).rglob("*.py")):
        source.update(f"{file.relative_to(root)}\n".encode())
        source.update(file.read_bytes())
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Installation(python, version("kinetics-builder"), source.hexdigest()[:16])


@contextmanager
def marked(folder: Path) -> Iterator[Path]:
    """Leave a file in `folder` while the block runs by which another machine knows it again."""
    host = socket.gethostname()
    for left in folder.glob(f".seen-*-{host}*.part"):  # by commands that were killed meanwhile
        if not psutil.pid_exists(int(left.name.split("-")[1])):
            left.unlink(missing_ok=True)
    mark = folder / f".seen-{os.getpid()}-{uuid4().hex}-{host}.part"
    mark.write_text(mark.name, encoding="utf-8")
    try:
        yield mark
    finally:
        mark.unlink(missing_ok=True)


def fault_of(mark: Path) -> str:
    """Return why this machine cannot work in the folder of `mark`, empty where it can."""
    try:
        if mark.read_text(encoding="utf-8") != mark.name:
            return f"sees another folder at {mark.parent}"
    except OSError:
        return f"does not see {mark.parent}"
    answer = mark.with_name(f"{mark.name.removesuffix('.part')}-{os.getpid()}.part")
    try:
        answer.write_text("", encoding="utf-8")
        answer.unlink()
    except OSError as error:
        return f"cannot write to {mark.parent} ({error.strerror})"
    return ""
