"""Files that rows promise, held against the disk."""

import errno
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.errors import ItemFailed, Reason, WorkspaceError
from kinetics_builder.files import FileMark, Keeping, file_sha256
from kinetics_builder.storage.remote import Entry
from kinetics_builder.storage.storage import Storage
from kinetics_builder.workspace import Workspace
from pipelines.running.leases import undo
from pipelines.running.stage import Promise, Stage
from pipelines.running.surveying import forget


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that the disk does not keep."""

    promise: Promise
    keeping: Keeping


@dataclass(frozen=True, slots=True)
class Inspection:
    """A look at the files of a stage."""

    num_files: int
    broken: list[Broken]


def inspect(
    workspace: Workspace, stage: Stage[Any, Any], *, thoroughly: bool = False
) -> Inspection:
    """Hold the files of a stage against the disk (`broken_promises`), a page's at a time.

    The database is not held open while files are looked at.
    """
    num_files, broken, looks = 0, list[Broken](), _Looks(workspace.storage)
    if stage.promises is not None:
        with reading(workspace.engine) as session:
            pages = list(stage.pages(session))
        for page in pages:
            with reading(workspace.engine) as session:
                promises = list(stage.promises(session, page))
            num_files += len(promises)
            broken += _broken(promises, looks, thoroughly=thoroughly)
    return Inspection(num_files, broken)


def glance(workspace: Workspace, stage: Stage[Any, Any]) -> list[Broken]:
    """Return the promises of a stage that the disk does not keep, as `inspect` does.

    Every file is looked at. Whose it is, is asked on those pages alone where one is not of the
    size and time that was noted.
    """
    if stage.promises is None or stage.marks is None:
        return inspect(workspace, stage).broken
    with reading(workspace.engine) as session:
        pages = list(stage.pages(session))
    broken, looks = list[Broken](), _Looks(workspace.storage)
    for page in pages:
        with reading(workspace.engine) as session:
            marks = session.execute(stage.marks(page)).all()
        if all(looks.is_as_noted(*mark) for mark in marks):
            continue
        with reading(workspace.engine) as session:
            promises = list(stage.promises(session, page))
        broken += _broken(promises, looks)
    return broken


def undo_broken(workspace: Workspace, stage: Stage[Any, Any], broken: Sequence[Broken]) -> int:
    """Make the items undone whose files are lost or changed; return how many were done."""
    if not broken:
        return 0
    with writing(workspace.engine) as session:
        forget(session, stage)
        return undo(session, stage, [found.promise.key for found in broken])


def broken_promises(
    promises: Iterable[Promise], storage: Storage, *, thoroughly: bool = False
) -> Iterator[Broken]:
    """Yield the promises whose file is missing or holds something else.

    Args:
        promises: Of the stages' rows.
        storage: Where they are kept.
        thoroughly: Read every file; else one of the promised size and time is believed.

    """
    return _broken(promises, _Looks(storage), thoroughly=thoroughly)


def _broken(
    promises: Iterable[Promise], looks: "_Looks", *, thoroughly: bool = False
) -> Iterator[Broken]:
    for promise in promises:
        keeping = looks.keeping(promise, thoroughly=thoroughly)
        if keeping is not Keeping.SAME:
            yield Broken(promise, keeping)


def counted(broken: Sequence[Broken]) -> str:
    """Return how many files are how, for a person.

    >>> counted([])
    ''
    """
    counts = Counter(found.keeping for found in broken)
    words = {Keeping.MISSING: "missing", Keeping.CHANGED: "changed"}
    return ", ".join(f"{counts[k]} {word}" for k, word in words.items() if counts[k])


class _Looks:
    """Looks at files, and lists a store's folder once for all of them."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._entries: dict[str, Mapping[str, Entry] | None] = {}

    def keeping(self, promise: Promise, *, thoroughly: bool) -> Keeping:
        """Say whether the file of a promise is the one that was promised."""
        entries, name = self._entries_of(promise.file)
        if entries is not None:
            return self._of_store(promise, entries.get(name), thoroughly=thoroughly)
        path = self._storage.root / promise.file
        return _read(path, promise.mark) if thoroughly else _glance(path, promise.mark)

    def is_as_noted(self, file: str, num_bytes: int, modified_ns: int | None) -> bool:
        """Say whether a file has a size and a time."""
        entries, name = self._entries_of(file)
        if entries is None:
            return _is_as_noted(f"{self._storage.root}/{file}", num_bytes, modified_ns)
        found = entries.get(name)
        return found is not None and found.is_as_noted(num_bytes, modified_ns)

    def _entries_of(self, file: str) -> tuple[Mapping[str, Entry] | None, str]:
        """Return what a store has in a file's folder, None for one of the workspace; its name."""
        folder, _, name = file.partition("/")
        if folder not in self._entries:
            self._entries[folder] = self._storage.entries(folder)
        return self._entries[folder], name

    def _of_store(self, promise: Promise, entry: Entry | None, *, thoroughly: bool) -> Keeping:
        mark = promise.mark
        if entry is None:
            return Keeping.MISSING
        if entry.bytes != mark.bytes:
            return Keeping.CHANGED
        if not thoroughly and entry.is_as_noted(mark.bytes, mark.modified_ns):
            return Keeping.SAME
        try:
            is_same = self._storage.sha256(promise.file) == mark.sha256
        except ItemFailed as failure:
            if failure.reason is not Reason.MISSING:
                raise WorkspaceError(failure.message) from failure
            return Keeping.MISSING
        return Keeping.SAME if is_same else Keeping.CHANGED


def _is_as_noted(path: str, num_bytes: int, modified_ns: int | None) -> bool:
    """Say whether a file has a size and a time; called for each of a million, so without `Path`."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return False
    return found.st_size == num_bytes and modified_ns in (found.st_mtime_ns, None)


def _glance(path: Path, mark: FileMark) -> Keeping:
    if mark.modified_ns is None and path.is_file():  # of a row that is older than noted times
        mark = replace(mark, modified_ns=path.stat().st_mtime_ns)
    return mark.keeping(path)


def _read(path: Path, mark: FileMark) -> Keeping:
    try:
        is_same = path.stat().st_size == mark.bytes and file_sha256(path) == mark.sha256
    except (FileNotFoundError, NotADirectoryError):
        return Keeping.MISSING
    except OSError as error:
        if error.errno != errno.EIO:  # what the disk lost is lost; what is kept from us is not
            raise
        return Keeping.CHANGED
    return Keeping.SAME if is_same else Keeping.CHANGED
