"""Clips in reserve: asked about once every better clip of their video and label is rejected."""

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from kinetics_builder.crowd.clips.parts import is_no_part
from kinetics_builder.database.tables import Clip, ClipFile, ClipPlace, Decision, Standing, Verdict


def has_better_hope() -> ColumnElement[bool]:
    """Return the condition that a better clip of the video and label is not rejected.

    A clip of a split class that was refused as each of its parts is.
    """
    better, place = aliased(Clip), aliased(ClipPlace)
    return exists(
        select(better.id)
        .join(place, place.clip_id == better.id)
        .join(ClipFile, ClipFile.clip_id == better.id)
        .outerjoin(Decision, Decision.clip_id == better.id)
        .where(
            better.video_id == Clip.video_id,
            better.label_id == Clip.label_id,
            ~better.is_withdrawn,
            or_(
                place.standing == Standing.KEPT,
                and_(place.standing == Standing.RESERVE, better.score > Clip.score),
                and_(
                    place.standing == Standing.RESERVE,
                    better.score == Clip.score,
                    better.start_seconds < Clip.start_seconds,
                ),
            ),
            func.coalesce(Decision.verdict, Verdict.OPEN.value) != Verdict.REJECTED.value,
            ~is_no_part(better.id),
        )
        .correlate(Clip)
    )
