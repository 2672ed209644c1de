"""Pipes given for files: what comes through one is kept, so that readers may begin anew.

Many readers look into a file before they read it, and some read it twice. A pipe, as of
`<(command)` or `/dev/stdin`, gives its bytes once.
"""

import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path

from kinetics_builder.errors import FormatError


class _Kept:
    """The files that hold what came through pipes, by the pipe's device and inode.

    Their folder is made for the first: most commands are given no pipe, and one that is killed
    should leave nothing behind.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._folder: Path | None = None
        self._files: dict[tuple[int, int], Path] = {}

    def file_of(self, path: Path, pipe: tuple[int, int]) -> Path:
        """Return the file that holds what came, or comes now, through the pipe at `path`."""
        if self._folder is None:
            folder = tempfile.TemporaryDirectory(prefix="kbuild-pipes-")
            self._folder = Path(self._stack.enter_context(folder))
        if pipe not in self._files:
            kept = self._folder / str(len(self._files))
            with path.open("rb") as source, kept.open("wb") as target:
                shutil.copyfileobj(source, target)
            self._files[pipe] = kept
        return self._files[pipe]


_KEPT: ContextVar[_Kept | None] = ContextVar("kept", default=None)


@contextmanager
def keeping_pipes() -> Iterator[None]:
    """Keep what comes through pipes in temporary files while the block lasts."""
    with ExitStack() as stack:
        token = _KEPT.set(_Kept(stack))
        try:
            yield
        finally:
            _KEPT.reset(token)


def file_of(path: Path) -> Path:
    """Return `path`, or for a pipe the file that holds all that came through it.

    Raises:
        FormatError: A pipe, outside of `keeping_pipes`.

    """
    found = path.stat()
    if not (stat.S_ISFIFO(found.st_mode) or _is_terminal(path, found.st_mode)):
        return path
    kept = _KEPT.get()
    if kept is None:
        raise FormatError(f"{path}: a pipe cannot be read twice: save what it gives in a file.")
    return kept.file_of(path, (found.st_dev, found.st_ino))


def _is_terminal(path: Path, mode: int) -> bool:
    if not stat.S_ISCHR(mode):
        return False
    with path.open("rb") as file:
        return not file.seekable()
