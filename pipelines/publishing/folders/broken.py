"""Which files of a release are not as its checksums say."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from kinetics_builder.errors import WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.side_by_side import side_by_side
from pipelines.publishing.folders.folder import SUMS, listed_files
from pipelines.publishing.folders.processes import num_cores, processes_beside

MANY = 10_000
"""Files that are worth the start of a process."""
_FILES_AT_ONCE = 500
_MOST_PROCESSES = 4

Broken = dict[str, str]
"""How files are broken, "missing" or "changed", by their names."""
_Listed = tuple[str, str]
"""A file and its SHA-256."""


def check_folder(folder: Path) -> None:
    """Refuse a release from which a file has gone, or in which one byte was changed.

    Raises:
        WorkspaceError: With the first such file, and how many there are.

    """
    _, broken = broken_files(folder)
    for name, how in broken.items():
        others = f", and {len(broken) - 1} others are not as they were" if len(broken) > 1 else ""
        was = "is missing" if how == "missing" else "was changed"
        raise WorkspaceError(
            f"{folder / name} {was}{others}: it does not fit {SUMS}. Move {folder} "
            "away, then release again to write it anew."
        )


def broken_files(folder: Path, *, thoroughly: bool = True) -> tuple[int, Broken]:
    """Return how many files a release lists, and which are broken, in their order.

    Args:
        folder: The release.
        thoroughly: Read every file; else only see that it is there.

    """
    listed = listed_files(folder)
    if not thoroughly:
        return len(listed), {
            name: "missing" for name in listed if not Path(f"{folder}/{name}").is_file()
        }
    with looking_at_files(folder, listed) as broken:
        return len(listed), broken()


@contextmanager
def looking_at_files(folder: Path, listed: Mapping[str, str]) -> Iterator[Callable[[], Broken]]:
    """Give what returns the broken files, in their order.

    Where there are many, and cores for it, processes look at them from here on; whoever asks
    looks at those that no process has come to.

    Args:
        folder: The release.
        listed: What `listed_files` has found there.

    Raises:
        WorkspaceError: A process was killed.

    """
    root, number = f"{folder}/", min(_MOST_PROCESSES, num_cores()) - 1
    if len(listed) < MANY or not number:
        yield lambda: _broken(root, listed.items())
        return
    firsts = range(0, len(listed), _FILES_AT_ONCE)
    with processes_beside(number, f"looks at the files of {folder}. Do it again") as pool:
        waiting = [pool.submit(_broken_of, folder, first) for first in firsts]
        yield lambda: _gathered(list(listed.items()), waiting, root)


def _gathered(listed: Sequence[_Listed], waiting: Sequence[Future[Broken]], root: str) -> Broken:
    """Return what is broken of all parts: processes begin with the first, this with the last."""
    own = {
        at: _broken(root, _part(listed, at * _FILES_AT_ONCE))
        for at in reversed(range(len(waiting)))
        if waiting[at].cancel()
    }
    found = Broken()
    for at, one in enumerate(waiting):
        found |= own[at] if at in own else one.result()
    return found


def _broken_of(folder: Path, first: int) -> Broken:
    """Return the broken ones of some files, in a process that reads for itself which these are.

    To be told would take more than fits into a pipe: a child that is killed then leaves a
    parent that waits for ever (CPython issue 94777).
    """
    return _broken(f"{folder}/", _part(_listed(folder), first))


@lru_cache(1)
def _listed(folder: Path) -> Sequence[_Listed]:
    return list(listed_files(folder).items())


def _part(listed: Sequence[_Listed], first: int) -> Sequence[_Listed]:
    return listed[first : first + _FILES_AT_ONCE]


def _broken(root: str, listed: Iterable[_Listed]) -> Broken:
    def fate(one: _Listed) -> tuple[str, str | None]:
        name, sha256 = one
        try:
            return name, None if file_sha256(f"{root}{name}") == sha256 else "changed"
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return name, "missing"

    return {name: how for name, how in side_by_side(fate, listed) if how}
