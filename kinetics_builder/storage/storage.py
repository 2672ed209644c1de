"""The one door to the files that rows name, wherever they lie."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from uuid import uuid4

from kinetics_builder import places
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark, Keeping, file_sha256
from kinetics_builder.locks import held
from kinetics_builder.storage.cache import make_room, own_temporary_folder, touch
from kinetics_builder.storage.remote import Entry, RemoteFolder
from kinetics_builder.storage.settings import StorageConfig

SERVED_FOLDERS = ("clips", "stills", "media")
"""Those of a workspace whose files people see in the page."""

Place = Path | RemoteFolder
"""A folder that files are written into."""


@dataclass(frozen=True)
class Storage:
    """The files of a workspace, by the names that rows have for them (`media/x.mp4`). Picklable."""

    root: Path
    """The workspace."""
    config: StorageConfig

    def place(self, folder: str) -> Place:
        """Return where the files of one of the workspace's folders are kept."""
        return self._remotes.get(folder) or self.root / folder

    def folder(self, name: str) -> Path:
        """Return where the files of one of the folders lie on this machine, kept or copied."""
        if name not in self._remotes:
            return self.root / name
        folder = self._cache / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def here(self, file: str, mark: FileMark | None = None) -> Path:
        """Return the path of a file on this machine, copied from its store where need be.

        Args:
            file: As rows name it.
            mark: What it must be: a copy that is something else is copied anew; without it, any
                copy will do.

        Raises:
            ItemFailed: As MISSING, CHANGED or NETWORK where it could not be copied.
            WorkspaceError: The store gives nothing.

        """
        remote, name = self._remote(file)
        if remote is None:
            return self.root / file
        path = self.folder(file.partition("/")[0]) / name
        if not _is_copy(path, mark):
            # Who copies is waited for: a second copy would take the first from under its readers.
            with held(path.with_name(f".{name}.lock"), on_wait=lambda _holder: None):
                if not _is_copy(path, mark):
                    _copy(remote, name, path, mark)
            make_room(self._cache, self.config.cache_megabytes * 10**6)
        touch(path)
        return path

    def known(self, file: str, sha256: str) -> Path:
        """Return the path of a file on this machine; a copy that is not of that hash is renewed.

        Raises as `here`. A file of the workspace is not looked into.
        """
        path = self.here(file)
        remote, name = self._remote(file)
        if remote is not None and file_sha256(path) != sha256:
            _copy(remote, name, path, None)
        return path

    def publish(self, file: str) -> int:
        """Put a finished file of `folder` where it is kept; return the time of its last change.

        Raises as `RemoteFolder.put`. Unix time in nanoseconds, by the clock of where it is kept.
        """
        remote, name = self._remote(file)
        path = self.folder(file.partition("/")[0]) / name
        if remote is None:
            return path.stat().st_mtime_ns
        modified_ns = remote.put(path, name).modified_ns or path.stat().st_mtime_ns
        os.utime(path, ns=(path.stat().st_atime_ns, modified_ns))
        return modified_ns

    def remove(self, file: str) -> bool:
        """Remove a file, and this machine's copy of it; return whether it was there.

        Of a name that leads out of its folder nothing is removed: a row may be a stranger's.
        """
        remote, name = self._remote(file)
        base = self.folder(file.partition("/")[0])  # which may be a link to another disk
        path = base / name
        if not path.resolve().is_relative_to(base.resolve()) or (remote and "/" in name):
            return False
        was_here = path.exists()
        path.unlink(missing_ok=True)
        return remote.remove(name) if remote else was_here

    def entries(self, folder: str) -> Mapping[str, Entry] | None:
        """Return the files that a store has of a folder; None for a folder of the workspace."""
        remote = self._remotes.get(folder)
        return None if remote is None else remote.entries()

    def sha256(self, file: str) -> str:
        """Return the hash of a file as it is kept, every byte read; raises as `here`."""
        remote, name = self._remote(file)
        if remote is None:
            return file_sha256(self.root / file)
        path = self._cache / f".{uuid4().hex}.part"
        try:
            remote.fetch(name, path)
            return file_sha256(path)
        finally:
            path.unlink(missing_ok=True)

    def remove_parts(self, folder: str) -> None:
        """Remove what writers that were killed have left in a folder."""
        for part in self.folder(folder).glob(".*.part"):
            part.unlink(missing_ok=True)
        if (remote := self._remotes.get(folder)) is not None:
            remote.remove_parts()

    def _remote(self, file: str) -> tuple[RemoteFolder | None, str]:
        folder, _, name = file.partition("/")
        return self._remotes.get(folder), name

    @cached_property
    def _remotes(self) -> dict[str, RemoteFolder]:
        options = tuple(sorted(self.config.options.items()))
        urls = {"media": self.config.media, "clips": self.config.clips}
        return {name: RemoteFolder(url.rstrip("/"), options) for name, url in urls.items() if url}

    @property
    def _cache(self) -> Path:
        return _cache_of(self.config.cache, f"{self.config.media}\n{self.config.clips}")


@cache
def _cache_of(base: str, urls: str) -> Path:
    parent = Path(base) if base else own_temporary_folder()
    folder = parent / hashlib.sha256(urls.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def require_writable(place: Place) -> None:
    """See that a folder takes a file, wherever it is; raises WorkspaceError where it does not."""
    if isinstance(place, RemoteFolder):
        place.require_writable()
    else:
        places.require_writable(place)


def require_room(place: Place, keep_free: int) -> None:
    """See that the disk of a folder has more than `keep_free` bytes left; a store has no end.

    Raises WorkspaceError where it has not.
    """
    if not isinstance(place, RemoteFolder):
        places.require_room(place, keep_free)


def _is_copy(path: Path, mark: FileMark | None) -> bool:
    return path.exists() if mark is None else mark.keeping(path) is Keeping.SAME


def _copy(remote: RemoteFolder, name: str, path: Path, mark: FileMark | None) -> None:
    part = path.with_name(f".{path.name}.{uuid4().hex[:12]}.part")
    try:
        remote.fetch(name, part)
        if mark is not None:
            _require_same(remote, name, part, mark)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _require_same(remote: RemoteFolder, name: str, part: Path, mark: FileMark) -> None:
    if part.stat().st_size != mark.bytes or file_sha256(part) != mark.sha256:
        raise ItemFailed(
            Reason.CHANGED,
            f"{remote.url}/{name} is another file than the one written down. `kbuild check` "
            "lists such files; `kbuild collect` then takes them in anew.",
        )
    if mark.modified_ns is not None:
        os.utime(part, ns=(part.stat().st_atime_ns, mark.modified_ns))
