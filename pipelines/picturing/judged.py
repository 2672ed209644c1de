"""What people said of clips -> which pictures show a label, which do not, which are kept back."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Clip, Decision, Label, Media, Verdict, Video
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval


@dataclass(frozen=True, slots=True)
class JudgedClip:
    """A clip that was decided."""

    label: str
    window: Interval
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class JudgedVideo:
    """A video with the clips of it that were decided."""

    video_id: str
    file: str
    """Path relative to the workspace."""
    mark: FileMark
    """What the file must be."""
    duration_seconds: float
    uploader: str
    """Empty if nobody knows."""
    clips: tuple[JudgedClip, ...]

    @property
    def group(self) -> str:
        """Return what is never parted: all videos of an uploader, else the video."""
        return f"uploader {self.uploader}" if self.uploader else f"video {self.video_id}"

    @property
    def accepted(self) -> set[str]:
        """Return the labels of accepted clips."""
        return {clip.label for clip in self.clips if clip.is_accepted}


def judged_videos(session: Session) -> list[JudgedVideo]:
    """Return the videos of which a clip was accepted or rejected, sorted by id."""
    rows = session.execute(
        select(
            Video.video_id,
            Media.file,
            Media.bytes,
            Media.sha256,
            Media.modified_ns,
            Media.duration_seconds,
            Media.uploader,
            Label.name,
            Clip.start_seconds,
            Clip.end_seconds,
            Decision.verdict,
        )
        .join(Clip, Clip.id == Decision.clip_id)
        .join(Label, Label.id == Clip.label_id)
        .join(Video, Video.id == Clip.video_id)
        .join(Media, Media.video_id == Video.id)
        .where(Decision.verdict.in_([Verdict.ACCEPTED, Verdict.REJECTED]))
        .where(Label.is_retired.is_(False))
        .order_by(Video.video_id, Label.name, Clip.start_seconds)
    )
    return list(_videos([tuple(row) for row in rows]))


def _videos(rows: Sequence[tuple]) -> Iterator[JudgedVideo]:  # type: ignore[type-arg]
    for (video_id, file, *mark, duration, uploader), group in groupby(rows, lambda row: row[:7]):
        clips = tuple(
            JudgedClip(label, Interval(start, end), verdict is Verdict.ACCEPTED)
            for *_, label, start, end, verdict in group
        )
        yield JudgedVideo(video_id, file, FileMark(*mark), duration, uploader or "", clips)


def held_out(videos: Collection[JudgedVideo], share: float, seed: int) -> set[str]:
    """Return the ids of the videos that are kept back to measure with.

    Videos of one uploader stay together. Whether they are kept back depends on who they are
    alone, so none changes sides as more are judged; but a label never loses all that it has to
    learn from: then the group comes back that is the last in the order of its hash.
    """
    groups = defaultdict(list)
    for video in videos:
        groups[video.group].append(video)
    chances = {name: _chance(name, seed) for name in groups}
    kept = {name for name, chance in chances.items() if chance < share}
    for label in sorted({label for video in videos for label in video.accepted}):
        having = {video.group for video in videos if label in video.accepted}
        if having <= kept:
            kept.remove(max(having, key=lambda name: (chances[name], name)))
    return {video.video_id for name in kept for video in groups[name]}


def _chance(name: str, seed: int) -> float:
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return int.from_bytes(digest[:7], "big") / 256**7
