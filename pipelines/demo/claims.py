"""What each stage of a build let pass, read from the workspace for comparison with the truth."""

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    Label,
    Media,
    Standing,
    Verdict,
    Video,
)
from kinetics_builder.formats.manifest import read_manifest
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.intervals import Interval


class Claim(NamedTuple):
    """One thing that passed a stage: a video, a video for a label, or a clip for a label."""

    video_id: str
    label: str | None = None
    interval: Interval | None = None


def listed(session: Session) -> list[Claim]:
    """Return the videos that `search` listed."""
    return [Claim(video_id) for video_id in session.scalars(select(Video.video_id))]


def matched(session: Session) -> list[Claim]:
    """Return the candidates of `match`."""
    return _untimed(session, _candidates())


def downloaded(session: Session) -> list[Claim]:
    """Return the candidates whose video `download` brought."""
    return _untimed(session, _candidates().join(Media, Media.video_id == Video.id))


def proposed(session: Session) -> list[Claim]:
    """Return the clips of `propose`."""
    return _timed(session, true())


def cut(session: Session) -> list[Claim]:
    """Return the clips that `cut` made files of."""
    return _timed(session, ClipFile.clip_id.is_not(None))


def kept(session: Session) -> list[Claim]:
    """Return the clips that `deduplicate` did not find to be duplicates."""
    return _timed(session, ClipPlace.standing.in_([Standing.KEPT, Standing.RESERVE]))


def accepted(session: Session) -> list[Claim]:
    """Return the clips that the annotators accepted."""
    return _timed(session, Decision.verdict == Verdict.ACCEPTED)


def released(release: Path) -> list[Claim]:
    """Return the clips of a release folder."""
    return [
        Claim(row.youtube_id, row.label, Interval(row.time_start, row.time_end))
        for row in read_manifest(release / MANIFEST)
    ]


def _candidates() -> Select[str, str]:
    return (
        select(Video.video_id, Label.name)
        .select_from(Candidate)
        .join(Video, Video.id == Candidate.video_id)
        .join(Label, Label.id == Candidate.label_id)
    )


def _untimed(session: Session, query: Select[str, str]) -> list[Claim]:
    return [Claim(video_id, label) for video_id, label in session.execute(query)]


def _timed(session: Session, condition: ColumnElement[bool]) -> list[Claim]:
    query = (
        select(Video.video_id, Label.name, Clip.start_seconds, Clip.end_seconds)
        .select_from(Clip)
        .join(Video, Video.id == Clip.video_id)
        .join(Label, Label.id == Clip.label_id)
        .outerjoin(ClipFile, ClipFile.clip_id == Clip.id)
        .outerjoin(ClipPlace, ClipPlace.clip_id == Clip.id)
        .outerjoin(Decision, Decision.clip_id == Clip.id)
        .where(Clip.is_withdrawn.is_(False), condition)
    )
    return [
        Claim(video_id, label, Interval(start, end))
        for video_id, label, start, end in session.execute(query)
    ]
