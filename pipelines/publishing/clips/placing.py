"""The clips' files of a release, hashed and linked."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.side_by_side import side_by_side
from kinetics_builder.storage.storage import Storage
from pipelines.publishing.folders.folder import kept_file, place_file

if TYPE_CHECKING:
    import pyarrow

ToPlace = tuple[str, str, str]
"""A clip's file in the workspace, its SHA-256, its file in the release."""
TO_PLACE = ("source", "sha256", "file")


def place_clips(storage: Storage, folder: Path, clips: Iterable[ToPlace]) -> None:
    """Link clips' files into the folder of a release; raises as `place_file`."""
    root = f"{storage.root}/" if isinstance(storage.place("clips"), Path) else None
    target_root = f"{folder}/"

    def place(clip: ToPlace) -> None:
        source, sha256, file = clip
        kept = f"{root}{source}" if root else kept_file(storage, source, sha256)
        place_file(kept, f"{target_root}{file}", sha256)

    for _ in side_by_side(place, clips):
        pass


def rows_to_place(clips: "pyarrow.RecordBatch") -> Iterator[ToPlace]:
    """Yield what the columns `TO_PLACE` say of each clip."""
    return zip(*(clips[name].to_pylist() for name in TO_PLACE), strict=True)


def first_of_each_file(clips: "pyarrow.RecordBatch", placed: set[str]) -> "pyarrow.RecordBatch":
    """Return the columns `TO_PLACE` of clips whose files are not `placed`; they are from now on.

    Several rows may name one file.
    """
    import pyarrow

    files = clips["file"].to_pylist()
    are_new = []
    for file in files:
        are_new.append(file not in placed)
        placed.add(file)
    return clips.select(list(TO_PLACE)).filter(pyarrow.array(are_new, pyarrow.bool_()))
