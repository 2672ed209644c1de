"""The clips' files of a release, hashed and linked."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kinetics_builder.side_by_side import side_by_side
from kinetics_builder.storage.storage import Storage
from pipelines.publishing.folder import kept_file, place_file

if TYPE_CHECKING:
    import pyarrow

ToPlace = tuple[str, str, str]
"""A clip's file in the workspace, its SHA-256, its file in the release."""
_TO_PLACE = ("source", "sha256", "file")


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


@contextmanager
def placing(storage: Storage, folder: Path) -> Iterator[Callable[["pyarrow.RecordBatch"], None]]:
    """Give what places the clips that go by; one that several rows name is placed once."""
    placed = set[str]()

    def add(clips: "pyarrow.RecordBatch") -> None:
        rows = zip(*(clips[name].to_pylist() for name in _TO_PLACE), strict=True)
        new = {row[2]: row for row in rows if row[2] not in placed}
        placed.update(new)
        place_clips(storage, folder, new.values())

    yield add
