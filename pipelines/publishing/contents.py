"""What a release holds: curated clips as rows of its manifest, sorted, a label at a time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, ClipFile, CuratedClip, Decision, Media, Video
from kinetics_builder.formats.manifest import ManifestRow
from kinetics_builder.formats.names import clip_file_name, whole_seconds
from kinetics_builder.intervals import Interval
from kinetics_builder.text.foreign import one_line


def iter_rows(session: Session, *, are_held_out: bool = False) -> Iterator[tuple[ManifestRow, str]]:
    """Yield each curated clip, sorted, with its file's path relative to the workspace.

    Memory holds the clips of one label at a time. Held-out clips come alone, if asked for.
    """
    names = _names_of_namesakes(session)
    wanted = CuratedClip.is_public()
    wanted = ~wanted if are_held_out else wanted
    for label in sorted(session.scalars(select(CuratedClip.label).where(wanted).distinct())):
        yield from sorted(_rows_of(session, label, names, wanted))


def _rows_of(
    session: Session, label: str, names: dict[int, str], wanted: ColumnElement[bool]
) -> Iterator[tuple[ManifestRow, str]]:
    query = (
        select(*_COLUMNS)
        .join(Clip, Clip.id == CuratedClip.clip_id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Decision, Decision.clip_id == Clip.id)
        .join(Video, Video.id == Clip.video_id)
        .outerjoin(Media, Media.video_id == Video.id)
        .where(CuratedClip.label == label, wanted)
    )
    rows: Iterable[Any] = session.execute(query)
    for split, clip_id, video_id, window_start, window_end, path, licence, *facts in rows:
        start, end = whole_seconds(Interval(window_start, window_end))
        name = names.get(clip_id) or clip_file_name(video_id, start, end)
        file = f"clips/{name}"
        found = (label, video_id, start, end, split.value, file, *facts, one_line(licence) or "")
        yield ManifestRow(*found), path


_COLUMNS = (
    CuratedClip.split,
    CuratedClip.clip_id,
    Video.video_id,
    Clip.start_seconds,
    Clip.end_seconds,
    ClipFile.file,
    Media.licence,
    ClipFile.bytes,
    ClipFile.sha256,
    ClipFile.duration_seconds,
    ClipFile.width,
    ClipFile.height,
    ClipFile.frames_per_second,
    ClipFile.num_frames,
    Decision.lasts_whole_clip,
)
"""From `ClipFile.bytes` on, in the manifest's order."""


def _names_of_namesakes(session: Session) -> dict[int, str]:
    """Return file names, by clip, for different files that whole seconds cannot tell apart."""
    several = (
        select(Clip.video_id)
        .join(CuratedClip, CuratedClip.clip_id == Clip.id)
        .group_by(Clip.video_id)
        .having(func.count() > 1)
    )
    query = (
        select(Clip.id, Video.video_id, Clip.start_seconds, Clip.end_seconds, ClipFile.sha256)
        .join(CuratedClip, CuratedClip.clip_id == Clip.id)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(Video, Video.id == Clip.video_id)
        .where(Clip.video_id.in_(several))
    )
    rows: Iterable[Any] = session.execute(query)
    by_name: dict[str, dict[int, str]] = defaultdict(dict)
    for clip_id, video_id, start, end, sha256 in rows:
        name = clip_file_name(video_id, *whole_seconds(Interval(start, end)))
        by_name[name][clip_id] = sha256
    return {
        clip_id: f"{name.removesuffix('.mp4')}_{sha256[:8]}.mp4"
        for name, clips in by_name.items()
        if len(set(clips.values())) > 1
        for clip_id, sha256 in clips.items()
    }
