"""Where the files of videos lie, and by their names of which video each is.

Rows do not suffice: a run that was killed leaves files that no row names any more, and a machine
has copies of what lies in a store.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path, PurePath

from kinetics_builder.storage.storage import Storage
from pipelines.picturing.asking import THUMBNAILS
from pipelines.training import VOTED

_PARTS = ".part"


def _whole(path: PurePath) -> str:
    """Return the video of `ID.mp4`, or of a picture `CLASS/ID.jpg`: no id has a dot."""
    return path.name.partition(".")[0]


def _piece(path: PurePath) -> str:
    """Return the video of `ID_000012_000022.mp4`, or of a picture `ID_1a2b3c4d_000011000.jpg`."""
    return _whole(path).rsplit("_", 2)[0]


def _folder(path: PurePath) -> str:
    """Return the video of `ID/000902.jpg`."""
    return path.parts[0]


PLACES: Mapping[str, Callable[[PurePath], str]] = {
    "media": _whole,
    "clips": _piece,
    "restored": _piece,
    "stretches": _whole,
    "stills": _folder,
    VOTED: _piece,
    THUMBNAILS: _whole,
}
"""Of each folder of a workspace, whose file a path in it is."""

OF_RELEASES: tuple[Callable[[PurePath], str], ...] = (_whole, _piece)
"""The same of a release's: whole films, or clips."""


def files_of(storage: Storage, videos: Collection[str]) -> Iterator[str]:
    """Yield the files of videos, kept or copied, relative to the workspace.

    Without those in work, which are hidden: see `folders_in_work`.
    """
    for folder, video_of in PLACES.items():
        base = storage.folder(folder)
        found = {path.relative_to(base) for path in base.rglob("*") if path.is_file()}
        found |= {Path(name) for name in storage.entries(folder) or ()}
        for path in sorted(found):
            is_hidden = any(part.startswith(".") for part in path.parts)
            if not is_hidden and video_of(path) in videos:
                yield f"{folder}/{path}"


def folders_in_work(storage: Storage, videos: Collection[str]) -> Iterator[Path]:
    """Yield the folders of unfinished downloads and stills of videos, as far as they are there."""
    for folder in PLACES:
        base = storage.folder(folder) / _PARTS
        if base.is_dir():
            yield from (path for path in base.iterdir() if path.name in videos)
