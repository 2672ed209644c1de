"""Files of a workspace that its database does not know: what a lost database leaves behind."""

import os
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    ClipFile,
    FilmCut,
    KeyFrame,
    Media,
    Release,
    RestoredClip,
    Video,
)
from kinetics_builder.workspace import Workspace

_KNOWN: dict[str, Select[str]] = {
    "media": select(Media.file),
    "clips": select(ClipFile.file).distinct(),
    "stills": select(Video.video_id).where(Video.id.in_(select(KeyFrame.video_id))),
    "stretches": select(FilmCut.file),
    "restored": select(RestoredClip.file),
    "releases": select(Release.folder),
}
"""What rows say of each folder: names in it, or paths relative to the workspace."""


def unknown_files(workspace: Workspace) -> dict[str, set[str]]:
    """Return the entries of the workspace's folders that no row names, by folder."""
    with reading(workspace.engine) as session:
        return {name: _unknown(session, workspace.root, name) for name in _KNOWN}


def signs_of_loss(session: Session, root: Path) -> list[str]:
    """Return what tells that the database, or the newest part of it, was lost; empty if nothing.

    Files of earlier settings that no row names any more are no such sign; more files than
    rows are, and releases of none of which the database has heard.
    """
    unknown = {name: _unknown(session, root, name) for name in _KNOWN}
    on_disk = {name: len(_listed(root / name)) for name in _KNOWN}
    telling = {
        name: len(files)
        for name, files in unknown.items()
        if 2 * len(files) > on_disk[name] and (name != "releases" or len(files) == on_disk[name])
    }
    if not telling:
        return []
    words = ", ".join(f"{count} of {on_disk[name]} in {name}/" for name, count in telling.items())
    return [
        f"The database does not know what lies here: {words}. It, or its write-ahead "
        "log, was lost, unless you put the files there. Restore a backup of it before you go on "
        "(README: Keep it safe): votes are nowhere else."
    ]


def _unknown(session: Session, root: Path, name: str) -> set[str]:
    if not (listed := _listed(root / name)):
        return set()
    # Text suffices: a Path for each of 100,000 rows takes more than a second.
    return listed.difference(path.rpartition("/")[2] for path in session.scalars(_KNOWN[name]))


def _listed(folder: Path) -> set[str]:
    """Return the names in a folder, without hidden ones, which are work in progress."""
    try:
        return {name for name in os.listdir(folder) if not name.startswith(".")}  # noqa: PTH208
    except OSError:
        return set()
