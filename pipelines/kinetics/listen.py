"""Stage that `deduplicate` asks for where clips are listened to, listen: clips -> landmarks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import SelectBase, delete, insert
from sqlalchemy.orm import Session

from kinetics_builder.config import settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import Clip, ClipFile, ClipSound, Label, Video
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.likeness.sounds.method import METHOD
from kinetics_builder.workspace import Workspace
from pipelines.kinetics.candidates import listed_clips
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Stage
from pipelines.takedown.withholding import withheld, without_files

TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ClipToHear:
    """A clip's file, and the rows that it is of."""

    video_id: str
    file: str
    """Path relative to the workspace."""
    mark: FileMark
    clip_ids: tuple[int, ...]

    @property
    def key(self) -> str:
        """Return a key that changes with the file and with the rows."""
        rows = " ".join(map(str, self.clip_ids))
        return f"{PurePosixPath(self.file).name} {self.mark.sha256[:16]} {rows}"[:300]


def stage(workspace: Workspace) -> Stage[ClipToHear, bytes]:
    """Return the stage: an item is a clip's file. Reads `clip_file`; writes `clip_sound`."""
    storage = workspace.storage
    return Stage(
        name="deduplicate listen",
        needs="cut",
        what="cut clips",
        settings_hash=settings_hash(method=METHOD),
        items=_items,
        listed=_listed,
        paging=Paging(Video.video_id, reads=(Video, Label, Clip, ClipFile)),
        work=partial(listen, storage=storage),
        save=_save,
        refuses=partial(withheld, storage=storage, told=without_files),
        timeout_seconds=TIMEOUT_SECONDS,
        forgets=True,
    )


def listen(clip: ClipToHear, *, storage: Storage) -> bytes:
    """Return the landmarks of a clip's sound; none where there is no sound.

    Raises ItemFailed as `hear` does, and for a file that is not the one that was cut.
    """
    from kinetics_builder.video.likeness.sounds.hearing import hear

    path = storage.here(clip.file, clip.mark)
    with as_marked(path, clip.mark):
        return hear(path).to_bytes()


def _listed() -> SelectBase:
    return listed_clips(ClipFile.file).order_by(None).distinct()


def _items(session: Session, page: Page) -> Sequence[tuple[str, ClipToHear]]:
    clips = listed_clips(
        Video.video_id,
        ClipFile.file,
        ClipFile.bytes,
        ClipFile.sha256,
        ClipFile.modified_ns,
        ClipFile.clip_id,
    ).join(Video, Video.id == Clip.video_id)
    rows: Iterable[Any] = session.execute(clips.where(page.holds(Video.video_id)))
    files: dict[tuple[str, str, FileMark], list[int]] = defaultdict(list)
    for video_id, file, *mark, clip_id in rows:
        files[video_id, file, FileMark(*mark)].append(clip_id)
    items = (ClipToHear(*known, tuple(clip_ids)) for known, clip_ids in files.items())
    return sorted((item.key, item) for item in items)


def _save(session: Session, made: Sequence[tuple[ClipToHear, bytes]]) -> None:
    rows = [
        {"clip_id": clip_id, "landmarks": data} for clip, data in made for clip_id in clip.clip_ids
    ]
    for some in chunks([row["clip_id"] for row in rows]):
        session.execute(delete(ClipSound).where(ClipSound.clip_id.in_(some)))
    if rows:
        session.execute(insert(ClipSound), rows)
