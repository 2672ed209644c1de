"""Whether a file is still the one that was written down: its size, its time, its SHA-256."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from os import stat_result
from pathlib import Path
from typing import Self

from kinetics_builder.errors import ItemFailed, Reason

_BYTES_AT_ONCE = 1 << 16
"""Small enough for memory that is used again from file to file."""


def file_sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file as 64 hex digits."""
    file = os.open(path, os.O_RDONLY)  # by which many small files take half the time
    try:
        digest = hashlib.sha256(block := os.read(file, _BYTES_AT_ONCE))
        while block:
            digest.update(block := os.read(file, _BYTES_AT_ONCE))
    finally:
        os.close(file)
    return digest.hexdigest()


class Keeping(StrEnum):
    """What became of a file since its mark was taken."""

    SAME = "same"
    MISSING = "missing"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FileMark:
    """What a row promises of a file's content."""

    bytes: int
    sha256: str
    modified_ns: int | None = None
    """Time of its last change, Unix time in nanoseconds; None where nobody noted it."""

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the mark of the file at `path`.

        Raises ItemFailed(CHANGED) if somebody writes to it meanwhile.
        """
        before = path.stat()
        sha256 = file_sha256(path)
        if _version(path.stat()) != _version(before):
            raise ItemFailed(Reason.CHANGED, f"{path.name} is being written to. Try again later.")
        return cls(before.st_size, sha256, before.st_mtime_ns)

    def keeping(self, path: Path) -> Keeping:
        """Say whether `path` still holds what was marked.

        Equal size and time are believed; the content is read where the time is another.
        """
        try:
            found = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return Keeping.MISSING
        if found.st_size != self.bytes:
            return Keeping.CHANGED
        if found.st_mtime_ns == self.modified_ns or file_sha256(path) == self.sha256:
            return Keeping.SAME
        return Keeping.CHANGED


_OF_A_WORKSPACE = "`kbuild check` lists such files; `kbuild collect` then takes them in anew."


@contextmanager
def as_marked(path: Path, mark: FileMark, remedy: str = _OF_A_WORKSPACE) -> Iterator[None]:
    """Let the block read `path` if it is the file that was marked, and still is at the end.

    `remedy` is said where it is not. Raises ItemFailed(CHANGED) for another content,
    ItemFailed(MISSING) for no file.
    """
    _require(path, mark, remedy)
    before = _version(path.stat())
    yield
    try:
        is_same = _version(path.stat()) == before
    except FileNotFoundError:
        is_same = False
    if not is_same:
        raise ItemFailed(Reason.CHANGED, f"{path.name} was written to while it was being read")


def _require(path: Path, mark: FileMark, remedy: str) -> None:
    keeping = mark.keeping(path)
    if keeping is Keeping.MISSING:
        raise ItemFailed(Reason.MISSING, f"{path.name} is not there any more. {remedy}")
    if keeping is Keeping.CHANGED:
        raise ItemFailed(
            Reason.CHANGED,
            f"{path.name} is another file than the one written down: expected {mark.bytes} bytes "
            f"with SHA-256 {mark.sha256[:12]}..., found {path.stat().st_size} bytes with "
            f"{file_sha256(path)[:12]}.... {remedy}",
        )


def _version(state: stat_result) -> tuple[int, int, int]:
    return state.st_ino, state.st_size, state.st_mtime_ns
