"""Tar files whose bytes tell of nothing but their content."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.pipes import file_of
from kinetics_builder.places import raise_if_unread

_LARGEST = 2**24


class HashedFile(io.RawIOBase):
    """A file to be written that knows its size and hashes."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self._file = file
        self.size = 0
        self.sha256 = hashlib.sha256()
        self.md5 = hashlib.md5(usedforsecurity=False)

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Write `data` and take it into account."""
        self.size += len(data)
        self.sha256.update(data)
        self.md5.update(data)
        return self._file.write(data)


def add(tar: tarfile.TarFile, name: str, size: int, source: IO[bytes]) -> None:
    """Add a file of nobody, from 1970; memory does not grow with the number of files."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o644
    tar.addfile(member, source)
    tar.members = []  # type: ignore[attr-defined]


def members(path: Path) -> Iterator[tuple[str, bytes | None]]:
    """Yield the name of each file in a tar file, and its content unless it is media or large.

    Raises:
        FormatError: No tar file, or one that is cut off.

    """
    try:
        with tarfile.open(file_of(path)) as tar:
            while (member := tar.next()) is not None:
                tar.members = []  # type: ignore[attr-defined]
                if member.isfile():
                    yield member.name, _content(tar, member)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise_if_unread(error, path)
        raise FormatError(f"{path}: expected a whole tar file: {error}.") from error


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    is_text = member.name.lower().endswith((".json", ".cls", ".txt"))
    if not is_text or member.size > _LARGEST:
        return None
    file = tar.extractfile(member)
    return None if file is None else file.read()
