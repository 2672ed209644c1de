"""Taking what is on the takedown list out of the database: clips, frames, rows of files."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kinetics_builder.database.bulk import chunks
from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipSound,
    CuratedClip,
    FilmCut,
    FrameLoop,
    FrameScores,
    Item,
    KeyFrame,
    Media,
    PartialMedia,
    PartialStretch,
    RestoredClip,
    Shot,
    TakenVideo,
    TeacherScore,
    Video,
    VideoLook,
)
from kinetics_builder.errors import Reason
from pipelines.ava.withdrawing import take_back_frame
from pipelines.kinetics.against import forget_prints
from pipelines.kinetics.withdrawing import take_back
from pipelines.takedown.marking import Takedowns

_OF_IDS = (
    *("download", "score", "propose", "restore cut"),
    *("omni images", "omni clips", "omni videos"),
    *("ava download", "ava select", "ava keyframes", "ava detect", "ava link", "ava cut"),
)
"""Stages whose items' keys begin with a video's id."""
_OF_FILES = ("cut", "deduplicate listen")
"""Those whose items' keys begin with the name of a clip's file."""
_AT_ONCE = 10_000


def remove_taken(session: Session) -> set[str]:
    """Take back all that videos on the list have led to, and return the files that it lay in.

    What people said stays. Paths are relative to the workspace; the files themselves are left
    for `clear`, once this is written.
    """
    files: set[str] = set()
    videos = session.execute(
        select(Video.id, Video.video_id).join(TakenVideo, TakenVideo.video_id == Video.id)
    ).all()
    for chunk in chunks([number for number, _ in videos]):
        files |= _files_of(session, chunk)
        _take_back_clips(session, chunk)
        for frame in session.scalars(
            select(KeyFrame).where(KeyFrame.video_id.in_(chunk), ~KeyFrame.is_withdrawn)
        ).all():
            take_back_frame(session, frame)
        _delete_rows(session, chunk)
    forget_items(session, [name for _, name in videos])
    forget_prints(session, Takedowns.of(session))
    return files


def forget_items(session: Session, videos: Collection[str]) -> None:
    """Forget what stages did with videos, so that it is done anew should they ever come back."""
    names = set(videos)
    if not names:
        return
    keys = session.execute(
        select(Item.stage, Item.key).where(Item.stage.in_((*_OF_IDS, *_OF_FILES)))
    )
    theirs = defaultdict[str, list[str]](list)
    for stage, key in keys.yield_per(_AT_ONCE):
        if _video_of(stage, key) in names:
            theirs[stage].append(key)
    for stage, some in theirs.items():
        for chunk in chunks(some):
            session.execute(delete(Item).where(Item.stage == stage, Item.key.in_(chunk)))


def forget_refusals(session: Session) -> None:
    """Forget which videos were not fetched for being on the list, but of those that are on it."""
    taken = select(Video.video_id).join(TakenVideo, TakenVideo.video_id == Video.id)
    session.execute(
        delete(Item)
        .where(Item.reason == Reason.TAKEN_DOWN, Item.key.not_in(taken))
        .execution_options(synchronize_session=False)
    )


def _video_of(stage: str, key: str) -> str:
    """Return the id of the video that an item is of."""
    begin = key.partition(" ")[0]
    return begin.rsplit("_", 2)[0] if stage in _OF_FILES else begin


def _files_of(session: Session, videos: Sequence[int]) -> set[str]:
    of_clips = select(ClipFile.file).join(Clip, Clip.id == ClipFile.clip_id)
    of_loops = select(FrameLoop.file).join(KeyFrame, KeyFrame.id == FrameLoop.key_frame_id)
    queries = (
        select(Media.file).where(Media.video_id.in_(videos)),
        select(PartialMedia.file).where(PartialMedia.video_id.in_(videos)),
        of_clips.where(Clip.video_id.in_(videos)),
        select(RestoredClip.file).where(RestoredClip.video_id.in_(videos)),
        select(FilmCut.file).where(FilmCut.video_id.in_(videos)),
        select(KeyFrame.file).where(KeyFrame.video_id.in_(videos)),
        of_loops.where(KeyFrame.video_id.in_(videos)),
    )
    return {file for query in queries for file in session.scalars(query)}


def _take_back_clips(session: Session, videos: Sequence[int]) -> None:
    for clip in session.scalars(select(Clip).where(Clip.video_id.in_(videos))).all():
        if not clip.is_withdrawn:
            take_back(session, clip)


def _delete_rows(session: Session, videos: Sequence[int]) -> None:
    """Delete the rows that speak of files, and what was seen in them."""
    clips = select(Clip.id).where(Clip.video_id.in_(videos)).scalar_subquery()
    candidates = select(Candidate.id).where(Candidate.video_id.in_(videos)).scalar_subquery()
    frames = select(KeyFrame.id).where(KeyFrame.video_id.in_(videos)).scalar_subquery()
    for statement in (
        delete(CuratedClip).where(CuratedClip.clip_id.in_(clips)),
        delete(ClipFile).where(ClipFile.clip_id.in_(clips)),
        delete(ClipSound).where(ClipSound.clip_id.in_(clips)),
        delete(FrameScores).where(FrameScores.candidate_id.in_(candidates)),
        delete(FrameLoop).where(FrameLoop.key_frame_id.in_(frames)),
        *(delete(table).where(table.video_id.in_(videos)) for table in _OF_VIDEOS),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()


_OF_VIDEOS = (
    *(RestoredClip, FilmCut, Shot, VideoLook, Media, PartialStretch, PartialMedia),
    TeacherScore,
)
