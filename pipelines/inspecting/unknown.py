"""Files of a workspace that its database does not know: what a lost database leaves behind."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import func, or_, select, union_all
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    FilmCut,
    KeyFrame,
    Media,
    PartialMedia,
    Release,
    RestoredClip,
    Timeline,
    Video,
)
from kinetics_builder.storage.storage import Storage
from kinetics_builder.workspace import Workspace

_KNOWN: dict[str, Any] = {
    "media": union_all(select(Media.file), select(PartialMedia.file)),
    "clips": select(ClipFile.file).distinct(),
    "stills": select(Video.video_id).where(
        or_(
            Video.id.in_(select(KeyFrame.video_id)),
            Video.id.in_(select(Timeline.video_id)),  # strips, as the page makes them
        )
    ),
    "stretches": select(FilmCut.file),
    "restored": select(RestoredClip.file),
    "releases": select(Release.folder),
}
"""What rows say of each folder: names in it, or paths relative to the workspace."""


_VIDEO_OF: dict[str, Callable[[str], str]] = {
    "media": lambda name: name.partition(".")[0],
    "clips": lambda name: name.rsplit("_", 2)[0],
}
"""Of the folders that grow large: which video's files have a name."""
_OF_VIDEOS: dict[str, Any] = {
    "media": select(func.coalesce(Media.file, PartialMedia.file))
    .select_from(Video)
    .outerjoin(Media, Media.video_id == Video.id)
    .outerjoin(PartialMedia, PartialMedia.video_id == Video.id)
    .where(or_(Media.file.is_not(None), PartialMedia.file.is_not(None))),
    "clips": select(ClipFile.file)
    .join(Clip, Clip.id == ClipFile.clip_id)
    .join(Video, Video.id == Clip.video_id),
}
_LOOKED_UP = 400
"""Of the names in such a folder, to know whether it is worth the while to look up all."""


def unknown_files(workspace: Workspace) -> dict[str, set[str]]:
    """Return the entries of the workspace's folders that no row names, by folder."""
    with reading(workspace.engine) as session:
        listed = list_folders(workspace.storage)
        return {name: _unknown(session, name, _visible(listed[name])) for name in _KNOWN}


def list_folders(storage: Storage) -> dict[str, list[str]]:
    """Return the names in each of the workspace's folders, hidden ones included."""
    return {name: _listed(storage.root / name) for name in _KNOWN}


def signs_of_loss(session: Session, listed: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what tells that the database, or the newest part of it, was lost; empty if nothing.

    Files of earlier settings that no row names any more are no such sign; more files than
    rows are, and releases of none of which the database has heard. Of a large folder all names are
    looked up where of some, taken by chance, a third is unknown. `listed` is what `list_folders`
    has found.
    """
    telling, on_disk = dict[str, int](), dict[str, int]()
    for name, entries in listed.items():
        if _seems_known(session, name, entries):
            continue
        there = _visible(entries)
        num_unknown, on_disk[name] = len(_unknown(session, name, there)), len(there)
        least = len(there) if name == "releases" else len(there) // 2 + 1
        if there and num_unknown >= least:
            telling[name] = num_unknown
    if not telling:
        return []
    words = ", ".join(f"{count} of {on_disk[name]} in {name}/" for name, count in telling.items())
    return [
        f"The database does not know what lies here: {words}. It, or its write-ahead "
        "log, was lost, unless you put the files there. Restore a backup of it before you go on "
        "(README: Keep it safe): votes are nowhere else."
    ]


def _seems_known(session: Session, name: str, entries: Sequence[str]) -> bool:
    """Say whether few of the names in a large folder are unknown, by some of them."""
    if name not in _OF_VIDEOS or len(entries) <= _LOOKED_UP:
        return False
    some = set(_visible(Random(0).sample(entries, _LOOKED_UP)))
    videos = sorted({_VIDEO_OF[name](one) for one in some})
    files = session.scalars(_OF_VIDEOS[name].where(Video.video_id.in_(videos)))
    return 3 * len(some.difference(_names(files))) < len(some)


def _unknown(session: Session, name: str, listed: Collection[str]) -> set[str]:
    return set(listed).difference(_names(session.scalars(_KNOWN[name]))) if listed else set()


def _names(paths: Iterable[str]) -> Iterator[str]:
    # Text suffices: a Path for each of 100,000 rows takes more than a second.
    return (path.rpartition("/")[2] for path in paths)


def _listed(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []


def _visible(names: Iterable[str]) -> list[str]:
    """Leave hidden names out, which are work in progress."""
    return [name for name in names if not name.startswith(".")]
