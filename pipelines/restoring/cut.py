"""Stage that `restore` asks for, cut: released stretches -> files."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, CompoundSelect, Executable, SelectBase, and_, select, union
from sqlalchemy.orm import Session

from kinetics_builder.config import CutConfig, settings_hash
from kinetics_builder.database.tables import (
    Media,
    PartialMedia,
    PartialStretch,
    ReleasedStretch,
    RestoredClip,
    Video,
)
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.intervals import Interval
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.cutting.method import METHOD
from kinetics_builder.workspace import Workspace
from pipelines.files import plain_name, remove_parts
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Promise, Stage, one_by_one
from pipelines.takedown.withholding import Outcome, withheld

if TYPE_CHECKING:
    from kinetics_builder.video.cutting.cut import ClipFileInfo

NAME = "restore cut"
FOLDER = "restored"


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch that a released file names, of a video that is here."""

    row_id: int
    """Of the video."""
    video_id: str
    source: str
    """Path relative to the workspace."""
    mark: FileMark
    """What the source must be."""
    duration_seconds: float
    """Of the source."""
    interval: Interval

    @property
    def name(self) -> str:
        """Return the file's name, with its times to the millisecond."""
        start, end = (round(1000 * seconds) for seconds in self.interval)
        return f"{self.video_id}_{start:09d}_{end:09d}.mp4"

    @property
    def key(self) -> str:
        """Return a key that changes with the source."""
        return item_key(stretch_key(self.video_id, *self.interval), self.mark.sha256)


@dataclass(frozen=True, slots=True)
class RestoredFile:
    """The file that was made."""

    info: "ClipFileInfo"
    modified_ns: int
    """Time of its last change, Unix time in nanoseconds."""


def stretch_key(video_id: str, start_seconds: float, end_seconds: float) -> str:
    """Return how the stage's keys call a stretch, whatever its source."""
    return f"{video_id} {start_seconds!r} {end_seconds!r}"


def item_key(stretch: str, sha256: str) -> str:
    """Return the key of a stretch (`stretch_key`) of a source of that hash."""
    return f"{stretch} {sha256[:16]}"


def stage(workspace: Workspace) -> Stage[Named, RestoredFile]:
    """Return the stage: an item is a stretch of a video that was downloaded.

    Reads `released_stretch`, `media`; writes `restored_clip`, and files in `restored/`.
    """
    config = workspace.config.cut
    return Stage(
        name=NAME,
        needs="restore FILE",
        what="stretches of videos that are here",
        settings_hash=settings_hash(METHOD, *config.look),
        items=_items,
        listed=_listed,
        paging=Paging(
            Video.video_id, reads=(Video, Media, PartialMedia, PartialStretch, ReleasedStretch)
        ),
        work=partial(
            cut,
            storage=workspace.storage,
            folder=workspace.restored.absolute(),
            config=config,
        ),
        save=one_by_one(_save),
        refuses=partial(withheld, storage=workspace.storage, told=_told),
        timeout_seconds=config.timeout_seconds,
        forgets=True,
        writes=(workspace.restored,),
        promises=_promises,
        marks=_marks,
        after=partial(_sweep, folder=workspace.restored),
    )


def cut(named: Named, *, storage: Storage, folder: Path, config: CutConfig) -> RestoredFile:
    """Write a stretch's file into `folder`; it ends with the video where that is shorter.

    Raises ItemFailed as `cut_clip` does, for a source that is not the file downloaded, and as
    TOO_SHORT for a video that ends before the stretch begins.
    """
    from kinetics_builder.video.cutting.cut import cut_clip

    if named.interval.start >= named.duration_seconds:
        raise ItemFailed(
            Reason.TOO_SHORT,
            f"the video lasts {named.duration_seconds:g} s by now, and the stretch begins at "
            f"{named.interval.start:g} s",
        )
    source, target = storage.here(named.source, named.mark), folder / plain_name(named.name)
    with as_marked(source, named.mark):
        info = cut_clip(source, target, named.interval, settings=config)
    return RestoredFile(info, target.stat().st_mtime_ns)


def cuttable(*those: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Select the stretches whose bytes are here, once each, and the files that hold them.

    Args:
        those: What must be so of them, or of their rows of `video`.

    """
    whole, part = (
        select(
            *(Video.id, Video.video_id, table.file, table.bytes, table.sha256, table.modified_ns),
            *(table.duration_seconds, ReleasedStretch.start_seconds, ReleasedStretch.end_seconds),
        )
        .join(ReleasedStretch, ReleasedStretch.video_id == Video.id)
        .join(table, table.video_id == Video.id)
        .where(ReleasedStretch.start_seconds.is_not(None), *those)
        for table in (Media, PartialMedia)
    )
    is_held = and_(
        PartialStretch.video_id == ReleasedStretch.video_id,
        PartialStretch.start_seconds == ReleasedStretch.start_seconds,
        PartialStretch.end_seconds == ReleasedStretch.end_seconds,
    )
    return union(whole, part.join(PartialStretch, is_held))


def _listed() -> SelectBase:
    return select(cuttable().subquery())


def _items(session: Session, page: Page) -> Sequence[tuple[str, Named]]:
    rows: Iterable[Any] = session.execute(cuttable(page.holds(Video.video_id)))
    items = [
        Named(row_id, video_id, file, FileMark(*mark), duration, Interval(start, end))
        for row_id, video_id, file, *mark, duration, start, end in rows
    ]
    return sorted(((item.key, item) for item in items), key=lambda pair: pair[0])


def _marks(page: Page) -> Executable:
    marks = select(RestoredClip.file, RestoredClip.bytes, RestoredClip.modified_ns)
    return marks.join(Video, Video.id == RestoredClip.video_id).where(page.holds(Video.video_id))


def _promises(session: Session, page: Page) -> Iterator[Promise]:
    keys = {(item.row_id, *item.interval): key for key, item in _items(session, page)}
    rows = select(RestoredClip).join(Video, Video.id == RestoredClip.video_id)
    for row in session.scalars(rows.where(page.holds(Video.video_id))):
        if key := keys.get((row.video_id, row.start_seconds, row.end_seconds)):
            yield Promise(key, row.file, FileMark(row.bytes, row.sha256, row.modified_ns))


def _told(named: Named, made: RestoredFile | None) -> Outcome:
    return Outcome(named.video_id, () if made is None else (f"{FOLDER}/{named.name}",))


def _save(session: Session, named: Named, made: RestoredFile) -> None:
    session.merge(
        RestoredClip(
            video_id=named.row_id,
            start_seconds=named.interval.start,
            end_seconds=named.interval.end,
            file=f"{FOLDER}/{named.name}",
            modified_ns=made.modified_ns,
            **asdict(made.info),
        )
    )


def _sweep(session: Session, *, folder: Path) -> None:
    remove_parts(folder)
