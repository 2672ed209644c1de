"""Folders that are there whole or not at all: built aside, synced, renamed, checked."""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from kinetics_builder.errors import ItemFailed, WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.storage.storage import Storage
from pipelines.files import sync

SUMS = "SHA256SUMS"
_NO_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP, errno.EACCES}


@contextmanager
def building(releases: Path) -> Iterator[Path]:
    """Yield an empty folder below `releases`, gone in the end unless it was renamed.

    What a killed run left behind is swept first. One run builds at a time.

    Raises:
        WorkspaceError: Another run is building.

    """
    with (releases / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WorkspaceError(
                f"another release is being written to {releases}. Wait until it is done."
            ) from error
        part = releases / ".part"
        shutil.rmtree(part, ignore_errors=True)
        try:
            (part / "new").mkdir(parents=True)
            yield part / "new"
        finally:
            shutil.rmtree(part, ignore_errors=True)


def publish(built: Path, target: Path) -> None:
    """Move a finished folder to `target`, where it appears at once and survives a crash."""
    for path in [built, *built.iterdir()]:
        sync(path)
    built.rename(target)
    sync(target.parent)


def kept_file(storage: Storage, file: str, sha256: str, *, remake: str = "kbuild collect") -> Path:
    """Return the path on this machine of a file that a row names; raises as `place_file`."""
    try:
        return storage.known(file, sha256)
    except ItemFailed as failure:
        raise WorkspaceError(f"{failure.message} {_restore(remake)}") from failure


def _restore(remake: str) -> str:
    return f"`kbuild check` notes it, `{remake}` makes it again; then release again."


def place_file(
    source: Path | str, target: Path | str, sha256: str, *, remake: str = "kbuild collect"
) -> None:
    """Make `target` the same file as `source`, or a copy where links are impossible.

    `remake` is the command that makes `source` again.

    Raises:
        WorkspaceError: `source` is missing or is not the file that was written down.

    """
    try:
        found = file_sha256(source)
    except FileNotFoundError as error:
        raise WorkspaceError(f"{source} is missing. {_restore(remake)}") from error
    if found != sha256:
        raise WorkspaceError(
            f"{source} has changed since it was made: expected SHA-256 {sha256[:12]}..., "
            f"found {found[:12]}.... {_restore(remake)}"
        )
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copyfile(source, target)
        sync(Path(target))


def listed_files(folder: Path) -> dict[str, str]:
    """Return the files that a release lists, in their order, with their SHA-256.

    Raises:
        WorkspaceError: There are no checksums; or a line is none of `sha256sum`, or names what lies
            outside of the release.

    """
    try:
        text = (folder / SUMS).read_text("utf-8")
        lines = text.removesuffix("\n").split("\n") if text else []
        if not _SOUND.fullmatch(text) or ".." in text:
            for line in lines:
                _check_listed(line)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise WorkspaceError(
            f"{folder / SUMS} is missing ({error.strerror}), so nobody can say that the release is "
            f"as it was made. Fetch it anew, or move {folder} away and release again."
        ) from error
    except ValueError as error:
        raise WorkspaceError(f"{folder / SUMS} is damaged: {error}.") from error
    return {line[_BEHIND_SUM:]: line[:_SUM] for line in lines}


def _check_listed(line: str) -> None:
    if not _LINE.fullmatch(line):
        raise ValueError(f"expected a SHA-256 and a file, found {line[:100]!r}")
    name = PurePosixPath(line[_BEHIND_SUM:])
    if name.is_absolute() or ".." in name.parts:
        raise ValueError(f"{str(name)!r} lies outside of the release")


_SUM = 64
"""Digits of a SHA-256."""
_BEHIND_SUM = _SUM + 2
"""Where the name of a file begins."""
_LINE = re.compile(r"[0-9a-f]{64}  [^\n]+")
_SOUND = re.compile(r"([0-9a-f]{64}  [^/\n][^\n]*\n)*")
