"""Files that rows promise, held against the disk."""

import errno
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.files import FileMark, Keeping, file_sha256
from kinetics_builder.workspace import Workspace
from pipelines.leases import undo
from pipelines.stage import Promise, Stage
from pipelines.surveying import forget


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
    num_files, broken = 0, list[Broken]()
    if stage.promises is not None:
        with reading(workspace.engine) as session:
            pages = list(stage.pages(session))
        for page in pages:
            with reading(workspace.engine) as session:
                promises = list(stage.promises(session, page))
            num_files += len(promises)
            broken += broken_promises(promises, workspace.root, thoroughly=thoroughly)
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
    broken = list[Broken]()
    for page in pages:
        with reading(workspace.engine) as session:
            marks = session.execute(stage.marks(page)).all()
        if all(_is_as_noted(f"{workspace.root}/{file}", *known) for file, *known in marks):
            continue
        with reading(workspace.engine) as session:
            promises = list(stage.promises(session, page))
        broken += broken_promises(promises, workspace.root)
    return broken


def _is_as_noted(path: str, num_bytes: int, modified_ns: int | None) -> bool:
    """Say whether a file has a size and a time; called for each of a million, so without `Path`."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return False
    return found.st_size == num_bytes and modified_ns in (found.st_mtime_ns, None)


def undo_broken(workspace: Workspace, stage: Stage[Any, Any], broken: Sequence[Broken]) -> int:
    """Make the items undone whose files are lost or changed; return how many were done."""
    if not broken:
        return 0
    with writing(workspace.engine) as session:
        forget(session, stage)
        return undo(session, stage, [found.promise.key for found in broken])


def broken_promises(
    promises: Iterable[Promise], root: Path, *, thoroughly: bool = False
) -> Iterator[Broken]:
    """Yield the promises whose file is missing or holds something else.

    Args:
        promises: Of the stages' rows.
        root: The workspace.
        thoroughly: Read every file; else one of the promised size and time is believed.

    """
    for promise in promises:
        path = root / promise.file
        keeping = _read(path, promise.mark) if thoroughly else _glance(path, promise.mark)
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
