"""What teachers say of items, each for the class that it was searched for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    Label,
    Media,
    Standing,
    Teacher,
    TeacherScore,
    Video,
    WebKind,
)
from kinetics_builder.workspace import Workspace
from pipelines.omni.images import Picture, pictures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scored:
    """An item, or a window of one, for one class."""

    kind: WebKind
    file: str
    """Path relative to the workspace."""
    label: str
    """What was searched for, or what the title names."""
    score: float
    """The teacher's probability of that label, in [0, 1]."""
    video_id: str
    """Of a picture, its own id."""
    start_seconds: float | None = None
    end_seconds: float | None = None
    """Of a window in its file; None for all of it."""
    clip_id: int | None = None
    picture: Picture | None = None


def scored_items(session: Session, workspace: Workspace) -> Iterator[Scored]:
    """Yield what the current teachers say: of pictures, then clips, then windows of videos.

    Each kind stands in the order of files, labels and times. A score of a file that is another by
    now says nothing; clips that are duplicates of others are left out.
    """
    for teacher in session.scalars(select(Teacher).where(Teacher.is_current).order_by(Teacher.id)):
        known = _ROWS[teacher.kind]
        yield from known(session, workspace, teacher)


def _of_images(session: Session, workspace: Workspace, teacher: Teacher) -> Iterator[Scored]:
    rows = session.scalars(select(TeacherScore).where(TeacherScore.teacher_id == teacher.id))
    said = {(row.item, row.file_sha256): row.scores for row in rows}
    places = _places(teacher)
    for one in pictures(workspace.root):
        scores, place = said.get((one.file, one.sha256)), places.get(one.label)
        if scores is not None and place is not None:
            score = float(_unpacked(scores, teacher)[0, place])
            yield Scored(teacher.kind, one.file, one.label, score, one.id, picture=one)


def _of_clips(session: Session, _workspace: Workspace, teacher: Teacher) -> Iterator[Scored]:
    places = _places(teacher)
    rows = session.execute(
        select(Clip.id, ClipFile.file, Video.video_id, Label.name, TeacherScore.scores)
        .join(ClipFile, ClipFile.clip_id == Clip.id)
        .join(TeacherScore, TeacherScore.item == ClipFile.file)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .outerjoin(ClipPlace, ClipPlace.clip_id == Clip.id)
        .where(TeacherScore.teacher_id == teacher.id, TeacherScore.file_sha256 == ClipFile.sha256)
        .where(Clip.is_withdrawn.is_(False), Label.is_retired.is_(False))
        .where(or_(ClipPlace.standing.is_(None), ClipPlace.standing != Standing.DUPLICATE))
        .order_by(ClipFile.file, Label.name)
    )
    for clip_id, file, video_id, label, scores in rows:
        if label in places:
            score = float(_unpacked(scores, teacher)[0, places[label]])
            yield Scored(teacher.kind, file, label, score, video_id, clip_id=clip_id)


def _of_videos(session: Session, _workspace: Workspace, teacher: Teacher) -> Iterator[Scored]:
    places = _places(teacher)
    rows = session.execute(
        select(Media.file, Video.video_id, Label.name, TeacherScore.times, TeacherScore.scores)
        .join(TeacherScore, TeacherScore.item == Media.file)
        .join(Video, Video.id == Media.video_id)
        .join(Candidate, Candidate.video_id == Video.id)
        .join(Label, Label.id == Candidate.label_id)
        .where(TeacherScore.teacher_id == teacher.id, TeacherScore.file_sha256 == Media.sha256)
        .where(Label.is_retired.is_(False))
        .order_by(Media.file, Label.name)
    )
    for file, video_id, label, times, scores in rows:
        if label in places:
            own_S = _unpacked(scores, teacher)[:, places[label]]
            for start, end, score in zip(times[::2], times[1::2], own_S, strict=True):
                yield Scored(teacher.kind, file, label, float(score), video_id, start, end)


_ROWS = {WebKind.IMAGES: _of_images, WebKind.CLIPS: _of_clips, WebKind.VIDEOS: _of_videos}


def _places(teacher: Teacher) -> dict[str, int]:
    return {label: place for place, label in enumerate(teacher.labels)}


def _unpacked(scores: bytes, teacher: Teacher) -> "NDArray[np.float32]":
    """Return scores_SK."""
    import numpy as np

    return np.frombuffer(scores, "<f4").reshape(-1, len(teacher.labels))
