"""Names of releases: which are there, and writing one down."""

import re
from pathlib import Path

from sqlalchemy import select

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Release
from kinetics_builder.errors import WorkspaceError
from kinetics_builder.files import file_sha256
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.broken import check_folder
from pipelines.publishing.folders.folder import SUMS


def check_name(name: str) -> None:
    """Raise WorkspaceError unless a folder of releases may be called so."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name):
        raise WorkspaceError(
            f"{name!r} is no name for a release: letters, digits, `.`, `_` and `-` alone."
        )


def find_release(releases: Path, name: str | None, content_hash: str) -> Path | None:
    """Return the release with this content, of that name if one is given; None where none has it.

    Raises WorkspaceError where the name is taken by other content, or a file is not as it was.
    """
    if name is not None:
        folder = releases / name
        if not folder.exists():
            return None
        if not (folder / SUMS).is_file() or file_sha256(folder / SUMS) != content_hash:
            raise WorkspaceError(
                f"{folder} is there already, with other content. Give another --name."
            )
        check_folder(folder)
        return folder
    for sums in sorted(releases.glob(f"[!.]*/{SUMS}")):
        if file_sha256(sums) == content_hash:
            check_folder(sums.parent)
            return sums.parent
    return None


def next_name(releases: Path, prefix: str = "v") -> str:
    """Return the prefix and a number, one more than the highest that is there."""
    found = (re.fullmatch(rf"{prefix}(\d+)", path.name) for path in releases.iterdir())
    return f"{prefix}{max((int(one[1]) for one in found if one), default=0) + 1}"


def noted_hash(workspace: Workspace, folder: Path) -> str | None:
    """Return what was written down of a release's checksums; None where it is not one of here."""
    if folder.resolve().parent != workspace.releases.resolve():
        return None
    with reading(workspace.engine) as session:
        return session.scalar(select(Release.content_hash).where(Release.name == folder.name))


def record_release(workspace: Workspace, folder: Path, content_hash: str) -> None:
    """Write the release down; the row is the same when it is there already."""
    with writing(workspace.engine) as session:
        session.merge(
            Release(
                name=folder.name,
                folder=str(folder.relative_to(workspace.root)),
                content_hash=content_hash,
            )
        )
