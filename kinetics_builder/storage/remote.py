"""A folder at a URL: its files come and go whole, and what is wrong with it is said in one line."""

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from kinetics_builder.errors import ConfigError, ItemFailed, Reason, WorkspaceError
from kinetics_builder.text.foreign import one_line

_TIMES = ("LastModified", "mtime", "modified", "updated", "created")
"""What fsspec's file systems call the time of a file's last change."""
_OBJECTS = frozenset(("s3", "s3a", "gs", "gcs", "az", "abfs", "adl", "oss", "oci", "b2", "http"))
"""Stores whose folders are but beginnings of names."""
_UNKNOWN_HERE = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that is there."""

    bytes: int
    modified_ns: int | None
    """Unix time in nanoseconds by the store's own clock; None where it keeps none."""

    def is_as_noted(self, num_bytes: int, modified_ns: int | None) -> bool:
        """Say whether it has a size and a time, as far as both are known."""
        is_of_time = None in (modified_ns, self.modified_ns) or modified_ns == self.modified_ns
        return self.bytes == num_bytes and is_of_time


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """A folder at an address that fsspec knows."""

    url: str
    options: tuple[tuple[str, Any], ...] = ()

    def fetch(self, name: str, target: Path) -> None:
        """Copy a file to `target`.

        Raises:
            ItemFailed: As MISSING where there is none, as NETWORK where it did not come.
            WorkspaceError: No file can be had: there are no rights, or no credentials.

        """
        target.parent.mkdir(parents=True, exist_ok=True)  # somebody may have tidied copies away
        with self._spoken():
            system, folder = self._opened()
            try:
                system.get_file(f"{folder}/{name}", str(target))
            except _UNKNOWN_HERE as error:
                raise ItemFailed(Reason.MISSING, f"{self.url}/{name} is not there.") from error

    def put(self, source: Path, name: str) -> Entry:
        """Copy a file there, where it appears whole or not at all, and return what it is there.

        Raises as `fetch`.
        """
        part = f".{name}.{uuid4().hex[:12]}.part"
        with self._spoken():
            system, folder = self._opened()
            self._make_folder(system, folder)
            try:
                system.put_file(str(source), f"{folder}/{part}")
                system.mv(f"{folder}/{part}", f"{folder}/{name}")
            except BaseException:
                self._remove_quietly(part)
                raise
            system.invalidate_cache()
            return _entry(system.info(f"{folder}/{name}"))

    def remove(self, name: str) -> bool:
        """Remove a file, if it is there, and return whether it was."""
        with self._spoken():
            system, folder = self._opened()
            try:
                system.invalidate_cache()
                size = system.info(f"{folder}/{name}")["size"]
                system.rm_file(f"{folder}/{name}")
            except _UNKNOWN_HERE:
                return False
        return size is not None

    def entries(self) -> dict[str, Entry]:
        """Return the files that are there, by name; hidden ones are work in progress."""
        return {name: entry for name, entry in self._all().items() if not name.startswith(".")}

    def remove_parts(self) -> None:
        """Remove what writers that were killed have left."""
        for name in self._all():
            if name.startswith(".") and name.endswith(".part"):
                self.remove(name)

    def require_writable(self) -> None:
        """See that the folder takes a file.

        Raises:
            WorkspaceError: It does not, or is not there, or nobody answers.

        """
        name = f".seen.{uuid4().hex[:12]}.part"
        try:
            with self._spoken():
                system, folder = self._opened()
                self._make_folder(system, folder)
                system.pipe_file(f"{folder}/{name}", b"kbuild")
                system.rm_file(f"{folder}/{name}")
        except ItemFailed as failure:
            raise WorkspaceError(f"{failure.message} {_AGAIN}") from failure

    def _all(self) -> dict[str, Entry]:
        with self._spoken():
            system, folder = self._opened()
            system.invalidate_cache()
            try:
                found = system.ls(folder, detail=True)
            except _UNKNOWN_HERE:
                return {}
        files = [one for one in found if one.get("type") == "file"]
        return {one["name"].rpartition("/")[2]: _entry(one) for one in files}

    def _opened(self) -> tuple[Any, str]:
        """Return the file system and the folder's path in it."""
        try:
            import fsspec

            system, path = fsspec.core.url_to_fs(self.url, **dict(self.options))
        except ImportError as error:
            raise ConfigError(
                f"{self.url} needs a package that is not installed ({error}). Run "
                "`pip install 'kinetics-builder[storage]'`."
            ) from error
        except (ValueError, TypeError) as error:
            raise ConfigError(
                f"{self.url} is no address that fsspec knows with storage.options ({error}). Name "
                "one such as s3://bucket/folder in kbuild.toml, or none: then a folder of the "
                "workspace is meant."
            ) from error
        return system, path.rstrip("/")

    def _make_folder(self, system: Any, folder: str) -> None:
        """Make the folder where the store has such; a bucket is made by nobody but its owner."""
        if not _OBJECTS.intersection(_protocols(system)):
            system.makedirs(folder, exist_ok=True)

    def _remove_quietly(self, name: str) -> None:
        try:
            self.remove(name)
        except (ItemFailed, WorkspaceError, OSError):
            return

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Turn what stores say into what a person can use: one line for all items, or for one."""
        try:
            yield
        except (ConfigError, WorkspaceError, ItemFailed):
            raise
        except Exception as error:
            if (fault := _fault(error)) is not None:
                raise WorkspaceError(f"{self.url}: {fault} {_AGAIN}") from error
            said = f"{type(error).__name__}: {one_line(str(error))}"
            raise ItemFailed(Reason.NETWORK, f"{self.url}: {said[:300]}") from error


_AGAIN = "Mend that, then run the same command again."


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


def _fault(error: BaseException) -> str | None:
    """Return what is wrong with a folder as a whole, None where one file may be at fault."""
    name = type(error).__name__
    if name in ("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError"):
        return "no credentials were found for it (for S3: ~/.aws/credentials or AWS_ACCESS_KEY_ID)."
    if isinstance(error, PermissionError):
        return f"it does not let us ({one_line(str(error)) or 'permission denied'})."
    if isinstance(error, _UNKNOWN_HERE):
        return "there is no such bucket or folder."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "the disk is full."
    return None


def _entry(info: Mapping[str, Any]) -> Entry:
    time = next((info[name] for name in _TIMES if info.get(name)), None)
    seconds = time.timestamp() if isinstance(time, datetime) else time
    return Entry(
        int(info["size"]), round(seconds * 1e9) if isinstance(seconds, (int, float)) else None
    )
