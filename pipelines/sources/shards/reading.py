"""A shard's bytes, read from where they lie: no shard is ever held whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.storage.stores import UNKNOWN_HERE, Options, opened, spoken
from pipelines.sources.shards.places import is_far


class Readable(Protocol):
    """What of an open file is used here, and by `tarfile`."""

    def read(self, size: int = -1, /) -> bytes:
        """Return so many bytes, fewer at the end."""

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go on from there."""

    def tell(self) -> int:
        """Return where it goes on."""


@contextmanager
def open_shard(address: str, options: Options, block_bytes: int) -> Iterator[Readable]:
    """Open a shard; from a store about so many bytes are asked for at once.

    Raises:
        ItemFailed: As REMOVED where it is not there, as NETWORK where it does not come.
        WorkspaceError: The store gives nothing.

    """
    with _gone(address):
        file: Any = _opened(address, options, block_bytes)
    with file:
        yield _Far(address, file) if is_far(address) else file


def _opened(address: str, options: Options, block_bytes: int) -> Any:
    if not is_far(address):
        return Path(address).open("rb")
    with spoken(address, passed=UNKNOWN_HERE):
        system, path = opened(address, options)
        system.invalidate_cache()  # the file may be another by now
        return system.open(path, "rb", block_size=block_bytes, cache_type="readahead")


@contextmanager
def _gone(address: str) -> Iterator[None]:
    try:
        yield
    except UNKNOWN_HERE as error:
        raise ItemFailed(Reason.REMOVED, f"{address} is not there any more") from error


class _Far:
    """A file in a store: what is wrong with the store is said in a line."""

    def __init__(self, address: str, file: Any) -> None:
        self._address, self._file = address, file

    def read(self, size: int = -1, /) -> bytes:
        with _gone(self._address), spoken(self._address, passed=UNKNOWN_HERE):
            return bytes(self._file.read(size))

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        with spoken(self._address):
            return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())
