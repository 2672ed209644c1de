"""Files that are there whole or not at all."""

import os
from pathlib import Path

from kinetics_builder.errors import ItemFailed, Reason


def plain_name(name: str) -> str:
    """Return `name` if it names a file of the folder that it is put into, and no other place.

    Names are made of ids that were checked on their way in; a database may be a stranger's.
    Raises ItemFailed(OTHER) for any other.
    """
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise ItemFailed(Reason.OTHER, f"{name!r} is no name of a file. Its row was not made here.")
    return name


def publish_file(temporary: Path, target: Path) -> None:
    """Move a finished file to its place on the same file system, and make it last.

    Other files of the same stem in the target's folder are remains of earlier settings and
    are removed.
    """
    sync(temporary)
    for old in target.parent.glob(f"{target.stem}.*"):
        if old.name != target.name:
            old.unlink()
    temporary.replace(target)
    sync(target.parent)


def remove_parts(folder: Path) -> None:
    """Remove what writers that were killed have left in a folder."""
    for part in folder.glob(".*.part"):
        part.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Make a file or a folder's names outlast a crash of the machine."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
