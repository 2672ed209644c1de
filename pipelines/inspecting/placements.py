"""Where clips were placed in some videos: the scores over time, the cuts, and the clips."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import (
    Candidate,
    Clip,
    FrameScores,
    Label,
    Media,
    Method,
    Video,
    VideoLook,
)
from kinetics_builder.text.counting import counted

MOST_VIDEOS = 24
"""On a page: of each class the video of its best proposal, as far as they go."""

MOST_POINTS = 400
"""Of a line; of longer ones every so many-th moment is drawn."""

WIDTH, HEIGHT = 100.0, 40.0
"""Of the box that all is drawn in."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A clip in the box."""

    x: float
    width: float
    text: str
    """From when to when, and its score."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One video."""

    label: str
    title: str
    duration_seconds: float
    top: float
    """The score at the upper edge."""
    is_motion: bool
    """Whether no scorer knew the label, so that the line tells how much moves."""
    lines: tuple[str, ...]
    """The points of an SVG line for each scorer."""
    cuts: tuple[float, ...]
    """From left to right."""
    is_cut_known: bool
    clips: tuple[Stretch, ...]
    """The best scored first."""


def read_placements(session: Session) -> list[Placement]:
    """Return the videos of the best proposals, one of each class, in alphabetical order."""
    place = func.row_number().over(
        partition_by=Clip.label_id, order_by=(Clip.score.desc(), Clip.id)
    )
    best = (
        select(Clip.label_id, Clip.video_id, place.label("place"))
        .where(Clip.is_withdrawn.is_(False))
        .subquery()
    )
    rows = session.execute(
        select(
            *(Label.name, Label.id, Video.title, Video.video_id, Media.duration_seconds),
            *(FrameScores, VideoLook.cuts, Video.id),
        )
        .join(best, best.c.label_id == Label.id)
        .join(Video, Video.id == best.c.video_id)
        .join(Media, Media.video_id == Video.id)
        .join(Candidate, (Candidate.video_id == Video.id) & (Candidate.label_id == Label.id))
        .join(FrameScores, FrameScores.candidate_id == Candidate.id)
        .outerjoin(VideoLook, VideoLook.video_id == Video.id)
        .where(best.c.place == 1, Label.is_retired.is_(False))
        .order_by(Label.name)
        .limit(MOST_VIDEOS)
    ).all()
    found = []
    for label, label_row, title, video_id, seconds, scores, cuts, row in rows:
        clips = session.scalars(
            select(Clip)
            .where(Clip.video_id == row, Clip.label_id == label_row, Clip.is_withdrawn.is_(False))
            .order_by(Clip.rank)
        ).all()
        top = 1.0
        if scores.method is Method.MOTION:
            top = max([*scores.scores, 1e-6])
        curves = [scores.scores, *([scores.other_scores] if scores.other_scores else [])]
        found.append(
            Placement(
                label=label,
                title=title or video_id,
                duration_seconds=seconds,
                top=top,
                is_motion=scores.method is Method.MOTION,
                lines=tuple(points(scores.times_seconds, c, seconds, top) for c in curves),
                cuts=tuple(_across(cut, seconds) for cut in cuts or ()),
                is_cut_known=cuts is not None,
                clips=tuple(_stretch(clip, seconds) for clip in clips),
            )
        )
    return found


def points(times: Sequence[float], scores: Sequence[float], seconds: float, top: float) -> str:
    """Return scores over time as the points of an SVG line.

    >>> points([0, 5, 10], [0, 1, 0.5], 10, 1)
    '0.00,40.00 50.00,0.00 100.00,20.00'
    """
    step = -(-len(times) // MOST_POINTS) or 1
    shown = list(zip(times, scores, strict=True))[::step]
    return " ".join(
        f"{_across(time, seconds):.2f},{HEIGHT * (1 - min(1.0, score / top)):.2f}"
        for time, score in shown
    )


def _across(moment: float, seconds: float) -> float:
    return round(WIDTH * min(1.0, moment / max(seconds, 1e-6)), 2)


def _stretch(clip: Clip, seconds: float) -> Stretch:
    begin, end = clip.start_seconds, clip.end_seconds
    left = _across(begin, seconds)
    text = f"{begin:g} to {end:g} s, score {clip.score:.2f}"
    text += f", across {counted(clip.num_cuts, 'cut')}" if clip.num_cuts else ""
    return Stretch(
        left,
        round(_across(end, seconds) - left, 2),
        text + (", moved off a cut" if clip.was_moved else ""),
    )
