"""Files that rows promise, held against the disk."""

import errno
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kinetics_builder.files import FileMark, Keeping, file_sha256
from pipelines.stage import Promise


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that the disk does not keep."""

    promise: Promise
    keeping: Keeping


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
