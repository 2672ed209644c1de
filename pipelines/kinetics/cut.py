"""Stage 6, cut: clips -> files, each with a fingerprint."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from sqlalchemy import Executable, SelectBase, select
from sqlalchemy.orm import Session

from kinetics_builder.config import CutConfig, settings_hash
from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import Clip, ClipFile, Label, Media, Video
from kinetics_builder.files import FileMark, as_marked
from kinetics_builder.intervals import Interval
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.cutting.method import METHOD
from kinetics_builder.workspace import Workspace
from pipelines.files import plain_name
from pipelines.kinetics.blurring import load_finder, said_of_faces
from pipelines.running.paging import Page, Paging
from pipelines.running.stage import Promise, Stage, Together
from pipelines.takedown.withholding import Outcome, withheld

if TYPE_CHECKING:
    from kinetics_builder.video.cutting.cut import ClipFileInfo
    from kinetics_builder.video.cutting.reel import Reel

REST_SECONDS = 30.0
"""Time beyond the cut's own that measuring and fingerprinting a clip may take."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """A stretch of a video that becomes a file, for one label or several."""

    video_id: str
    source: str
    """Path relative to the workspace."""
    sha256: str
    """Of the source."""
    interval: Interval
    labels: tuple[str, ...]
    clip_ids: tuple[int, ...]
    mark: FileMark | None = None
    """What the source must be; None looks at nothing."""

    @property
    def name(self) -> str:
        """Return the file's name, of which no part comes from a title."""
        return f"{self.video_id}_{_whole(self.interval.start)}_{_whole(self.interval.end, 1)}.mp4"

    @property
    def key(self) -> str:
        """Return a key that changes with the source and with the labels."""
        text = "\n".join((self.sha256, f"{self.interval.end:.3f}", *self.labels))
        return f"{self.name} {hashlib.sha256(text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class CutClip:
    """A clip's file as it was made."""

    info: "ClipFileInfo"
    modified_ns: int
    """Time of the file's last change, Unix time in nanoseconds."""
    fingerprint: bytes
    faces_by: str | None = None
    """What found the faces that were blurred; None where none was looked for."""
    num_blurred_frames: int | None = None


def stage(workspace: Workspace) -> Stage[Cutting, CutClip]:
    """Return the stage: an item is a stretch of a video.

    Reads `clip`, `media`; writes `clip_file`, and files in `clips/`.
    """
    config = workspace.config.cut
    storage = workspace.storage
    return Stage(
        name="cut",
        needs="propose",
        what="proposed clips",
        settings_hash=settings_hash(METHOD, *config.look, *said_of_faces(config)),
        items=_items,
        listed=_listed,
        paging=Paging(Video.video_id, reads=(Video, Media, Clip, Label)),
        work=partial(cut, storage=storage, config=config),
        together=Together(
            of=attrgetter("video_id"),
            opened=partial(cutting_from, storage=storage, config=config),
        ),
        save=_save,
        refuses=partial(withheld, storage=storage, told=_told),
        timeout_seconds=config.timeout_seconds + REST_SECONDS,
        forgets=True,
        writes=(storage.place("clips"),),
        promises=_promises,
        marks=_marks,
        after=partial(_sweep, storage=storage),
    )


@contextmanager
def cutting_from(
    first: Cutting, *, storage: Storage, config: CutConfig
) -> Iterator[Callable[[Cutting], CutClip]]:
    """Give what cuts clips of one video, which is held open meanwhile."""
    from kinetics_builder.video.cutting.reel import Reel

    with Reel(storage.here(first.source, first.mark)) as reel:
        yield partial(_cut, reel=reel, storage=storage, config=config)


def cut(cutting: Cutting, *, storage: Storage, config: CutConfig) -> CutClip:
    """Write a clip's file into `clips/` and return what it is.

    Raises ItemFailed as `cut_clip` does, and for a source that is not the file downloaded.
    """
    with cutting_from(cutting, storage=storage, config=config) as work:
        return work(cutting)


def _cut(cutting: Cutting, *, reel: "Reel", storage: Storage, config: CutConfig) -> CutClip:
    from kinetics_builder.video.cutting.cut import cut_clip
    from kinetics_builder.video.cutting.faces import Blurring
    from kinetics_builder.video.likeness.fingerprint import Summary

    blurring = Blurring(load_finder()) if config.blur_faces else None
    target, summary = storage.folder("clips") / plain_name(cutting.name), Summary()
    with as_marked(reel.path, cutting.mark) if cutting.mark else nullcontext():
        info = cut_clip(
            reel, target, cutting.interval, settings=config, seen=summary.add, change=blurring
        )
    modified_ns = storage.publish(f"clips/{cutting.name}")
    made = CutClip(info, modified_ns, summary.made().to_bytes())
    if blurring is None:
        return made
    return replace(made, faces_by=blurring.finder.name, num_blurred_frames=blurring.num_blurred)


def _whole(seconds: float, rounded_up: int = 0) -> str:
    """Return six digits of whole seconds; a start between two seconds carries its thousandths.

    >>> _whole(12.0), _whole(12.5), _whole(12.5, rounded_up=1)
    ('000012', '000012-500', '000013')
    """
    if rounded_up:
        return f"{math.ceil(seconds):06d}"
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole:06d}-{thousandths:03d}" if thousandths else f"{whole:06d}"


def _listed() -> SelectBase:
    return (
        select(Clip.video_id, Clip.start_seconds, Clip.end_seconds)
        .join(Media, Media.video_id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .where(Clip.is_withdrawn.is_(False), Label.is_retired.is_(False), Clip.part_of_id.is_(None))
        .distinct()
    )


def _items(session: Session, page: Page) -> Sequence[tuple[str, Cutting]]:
    rows = session.execute(
        select(
            Video.video_id,
            Media.file,
            Media.bytes,
            Media.sha256,
            Media.modified_ns,
            Clip.start_seconds,
            Clip.end_seconds,
            Label.name,
            Clip.id,
        )
        .join(Clip, Clip.video_id == Video.id)
        .join(Media, Media.video_id == Video.id)
        .join(Label, Label.id == Clip.label_id)
        .where(Clip.is_withdrawn.is_(False), Label.is_retired.is_(False), Clip.part_of_id.is_(None))
        .where(page.holds(Video.video_id))
    )
    stretches = defaultdict(list)
    for video_id, file, num_bytes, sha256, modified_ns, start, end, label, clip_id in rows:
        mark = FileMark(num_bytes, sha256, modified_ns)
        stretch = (video_id, file, mark, Interval(start, end))
        stretches[stretch].append((label, clip_id))
    items = [_cutting(*stretch, sorted(clips)) for stretch, clips in stretches.items()]
    return sorted(((item.key, item) for item in items), key=lambda pair: pair[0])


def _cutting(
    video_id: str,
    file: str,
    mark: FileMark,
    interval: Interval,
    clips: Sequence[tuple[str, int]],
) -> Cutting:
    return Cutting(
        video_id=video_id,
        source=file,
        sha256=mark.sha256,
        interval=interval,
        labels=tuple(label for label, _ in clips),
        clip_ids=tuple(clip_id for _, clip_id in clips),
        mark=mark,
    )


def _marks(page: Page) -> Executable:
    return (
        select(ClipFile.file, ClipFile.bytes, ClipFile.modified_ns)
        .join(Clip, Clip.id == ClipFile.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .where(page.holds(Video.video_id))
    )


def _promises(session: Session, page: Page) -> Iterator[Promise]:
    query = (
        select(
            ClipFile.clip_id, ClipFile.file, ClipFile.bytes, ClipFile.sha256, ClipFile.modified_ns
        )
        .join(Clip, Clip.id == ClipFile.clip_id)
        .join(Video, Video.id == Clip.video_id)
        .where(page.holds(Video.video_id))
    )
    made = {
        clip_id: (file, FileMark(num_bytes, sha256, modified_ns))
        for clip_id, file, num_bytes, sha256, modified_ns in session.execute(query)
    }
    for key, cutting in _items(session, page):
        if found := made.get(cutting.clip_ids[0]):
            yield Promise(key, *found)


def _told(cutting: Cutting, made: CutClip | None) -> Outcome:
    return Outcome(cutting.video_id, () if made is None else (f"clips/{cutting.name}",))


def _save(session: Session, made: Sequence[tuple[Cutting, CutClip]]) -> None:
    columns = {
        clip_id: {
            "file": f"clips/{cutting.name}",
            "modified_ns": clip.modified_ns,
            "fingerprint": clip.fingerprint,
            "faces_by": clip.faces_by,
            "num_blurred_frames": clip.num_blurred_frames,
            **asdict(clip.info),
        }
        for cutting, clip in made
        for clip_id in cutting.clip_ids
    }
    columns |= {
        part.id: columns[part.part_of_id]
        for some in chunks(list(columns))
        for part in session.scalars(select(Clip).where(Clip.part_of_id.in_(some)))
        if part.part_of_id is not None
    }
    there = {
        row.clip_id: row
        for some in chunks(list(columns))
        for row in session.scalars(select(ClipFile).where(ClipFile.clip_id.in_(some)))
    }
    for clip_id, values in columns.items():
        row = there.get(clip_id) or ClipFile(clip_id=clip_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def _sweep(session: Session, *, storage: Storage) -> None:
    storage.remove_parts("clips")
