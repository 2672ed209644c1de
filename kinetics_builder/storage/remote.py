"""A folder at a URL: its files come and go whole, and what is wrong with it is said in one line."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from kinetics_builder.errors import ItemFailed, Reason, WorkspaceError
from kinetics_builder.storage.stores import AGAIN, UNKNOWN_HERE, modified_ns, opened, spoken

_OBJECTS = frozenset(("s3", "s3a", "gs", "gcs", "az", "abfs", "adl", "oss", "oci", "b2", "http"))
"""Stores whose folders are but beginnings of names."""


_BYTES_AT_ONCE = 1 << 20


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
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            try:
                system.get_file(f"{folder}/{name}", str(target))
            except UNKNOWN_HERE as error:
                raise ItemFailed(Reason.MISSING, f"{self.url}/{name} is not there.") from error

    def put(self, source: Path, name: str) -> Entry:
        """Copy a file there, where it appears whole or not at all, and return what it is there.

        Raises as `fetch`.
        """
        part = f".{name}.{uuid4().hex[:12]}.part"
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            self._make_folder(system, folder)
            try:
                system.put_file(str(source), f"{folder}/{part}")
                system.mv(f"{folder}/{part}", f"{folder}/{name}")
            except BaseException:
                self._remove_quietly(part)
                raise
            system.invalidate_cache()
            return _entry(system.info(f"{folder}/{name}"))

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file's bytes, read back from there. Raises as `fetch`."""
        digest = hashlib.sha256()
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            try:
                with system.open(f"{folder}/{name}", "rb") as file:
                    while some := file.read(_BYTES_AT_ONCE):
                        digest.update(some)
            except UNKNOWN_HERE as error:
                raise ItemFailed(Reason.MISSING, f"{self.url}/{name} is not there.") from error
        return digest.hexdigest()

    def remove(self, name: str) -> bool:
        """Remove a file, if it is there, and return whether it was."""
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            try:
                system.invalidate_cache()
                size = system.info(f"{folder}/{name}")["size"]
                system.rm_file(f"{folder}/{name}")
            except UNKNOWN_HERE:
                return False
        return size is not None

    def entry(self, name: str) -> Entry | None:
        """Return what a file is, None if it is not there. Raises as `fetch`."""
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            system.invalidate_cache()
            try:
                return _entry(system.info(f"{folder}/{name}"))
            except UNKNOWN_HERE:
                return None

    def signed(self, name: str, good_seconds: int) -> str:
        """Return an address at which anybody may fetch a video for so many seconds.

        Raises as `fetch`; ItemFailed, too, where the store signs no addresses.
        """
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            said = {"ResponseContentType": "video/mp4"} if "s3" in _protocols(system) else {}
            try:
                return str(system.sign(f"{folder}/{name}", expiration=good_seconds, **said))
            except NotImplementedError as error:
                raise ItemFailed(Reason.MISSING, f"{self.url} signs no addresses.") from error

    def entries(self) -> dict[str, Entry]:
        """Return the files that are there, by name; hidden ones are work in progress."""
        return {name: entry for name, entry in self._all().items() if not name.startswith(".")}

    def below(self) -> dict[str, Entry]:
        """Return all files that are there and in folders below, by their names from here.

        Work in progress is among them. Raises as `fetch`.
        """
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            system.invalidate_cache()
            try:
                found = system.find(folder, detail=True)
            except UNKNOWN_HERE:
                return {}
        return {name.removeprefix(folder).lstrip("/"): _entry(info) for name, info in found.items()}

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
            with spoken(self.url):
                system, folder = opened(self.url, self.options)
                self._make_folder(system, folder)
                system.pipe_file(f"{folder}/{name}", b"kbuild")
                system.rm_file(f"{folder}/{name}")
        except ItemFailed as failure:
            raise WorkspaceError(f"{failure.message} {AGAIN}") from failure

    def _all(self) -> dict[str, Entry]:
        with spoken(self.url):
            system, folder = opened(self.url, self.options)
            system.invalidate_cache()
            try:
                found = system.ls(folder, detail=True)
            except UNKNOWN_HERE:
                return {}
        files = [one for one in found if one.get("type") == "file"]
        return {one["name"].rpartition("/")[2]: _entry(one) for one in files}

    def _make_folder(self, system: Any, folder: str) -> None:
        """Make the folder where the store has such; a bucket is made by nobody but its owner."""
        if not _OBJECTS.intersection(_protocols(system)):
            system.makedirs(folder, exist_ok=True)

    def _remove_quietly(self, name: str) -> None:
        try:
            self.remove(name)
        except (ItemFailed, WorkspaceError, OSError):
            return


def _entry(info: Mapping[str, Any]) -> Entry:
    return Entry(int(info["size"]), modified_ns(info))


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)
