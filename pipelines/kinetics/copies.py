"""Which videos show the same recording, whatever their classes: no split may tear them apart."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from kinetics_builder.config import DeduplicateConfig
from kinetics_builder.curation.components import Link, join
from kinetics_builder.database.tables import AlikeClips, Clip, ClipFile, ClipPlace, Media, Video
from pipelines.kinetics.placing import said

Pairs = Iterator[Link]


def same_videos(session: Session, config: DeduplicateConfig) -> dict[str, str]:
    """Return one id for all videos that show the same recording, by video."""
    return join((link.one, link.other) for link in copies(session, config))


def copies(session: Session, config: DeduplicateConfig) -> Pairs:
    """Yield videos that show the same recording, with what says so.

    Those of duplicates, of equal files, of what people called the same, and of clips that are
    alike or doubtful, unless people called them different.
    """
    words = said(session)
    yield from _of_duplicates(session)
    yield from _of_equal_files(session)
    yield from _of_alike(session, min(config.doubtful_similarity, config.min_similarity), words)
    for (one, other), is_same in words.items():
        if is_same:
            yield _link(_video(one), _video(other), "by what people say")


def _of_duplicates(session: Session) -> Pairs:
    original, shown = aliased(Clip), aliased(Video)
    rows = session.execute(
        select(Video.video_id, shown.video_id)
        .join(Clip, Clip.video_id == Video.id)
        .join(ClipPlace, ClipPlace.clip_id == Clip.id)
        .join(original, original.id == ClipPlace.duplicate_of_id)
        .join(shown, shown.id == original.video_id)
        .where(Video.id != shown.id)
    )
    return (_link(one, other, "as a duplicate") for one, other in rows)


def _of_equal_files(session: Session) -> Pairs:
    least = select(Media.sha256, func.min(Video.video_id).label("video_id"))
    least_of = least.join(Video).group_by(Media.sha256).having(func.count() > 1).subquery()
    rows = session.execute(
        select(Video.video_id, least_of.c.video_id)
        .join(Media, Media.video_id == Video.id)
        .join(least_of, least_of.c.sha256 == Media.sha256)
    )
    return (_link(one, other, "byte by byte") for one, other in rows)


def _of_alike(session: Session, least: float, words: dict[tuple[str, str], bool]) -> Pairs:
    one, other = aliased(Clip), aliased(Clip)
    file, other_file = aliased(ClipFile), aliased(ClipFile)
    video, other_video = aliased(Video), aliased(Video)
    rows = session.execute(
        select(
            video.video_id, other_video.video_id, AlikeClips.similarity, file.file, other_file.file
        )
        .select_from(AlikeClips)
        .join(one, one.id == AlikeClips.clip_id)
        .join(other, other.id == AlikeClips.other_id)
        .join(video, video.id == one.video_id)
        .join(other_video, other_video.id == other.video_id)
        .join(file, file.clip_id == one.id)
        .join(other_file, other_file.clip_id == other.id)
        .where(AlikeClips.similarity >= least)
    )
    for video_id, other_id, similarity, *files in rows:
        a, b = sorted(PurePosixPath(path).stem for path in files)
        if words.get((a, b)) is not False:
            yield _link(video_id, other_id, f"as far as {similarity:.2f}")


def _link(one: str, other: str, how: str) -> Link:
    return Link(one, other, f"{one} shows the same as {other}, {how}")


def _video(name: str) -> str:
    """Return the video's id of a clip's name.

    >>> _video("dQw4_w9WgXc_000012_000022")
    'dQw4_w9WgXc'
    """
    return name.rsplit("_", 2)[0]
