"""Taking back clips that are no longer proposed, and bringing them back."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.clips.open_tasks import CLIP_TASKS
from kinetics_builder.database.naming import is_named
from kinetics_builder.database.tables import (
    Clip,
    ClipBelief,
    ClipFile,
    ClipPlace,
    CuratedClip,
    Decision,
)

_OF_A_CLIP = (ClipFile, Decision, ClipBelief, CuratedClip)
"""What goes with a clip: it is made again of the same video and the same answers."""


def take_back(session: Session, clip: Clip) -> None:
    """Withdraw a clip with which people have to do; delete one about which nobody was asked.

    The clip loses its place, so that it stands in no other clip's way. With it go the questions
    which part of its class it is.
    """
    for part in session.scalars(select(Clip).where(Clip.part_of_id == clip.id)).all():
        take_back(session, part)
    session.flush()
    session.execute(
        delete(ClipPlace).where(
            or_(ClipPlace.clip_id == clip.id, ClipPlace.duplicate_of_id == clip.id)
        )
    )
    if is_named(session, Clip, clip.id, but=(*_OF_A_CLIP, ClipPlace)):
        clip.is_withdrawn = True
        session.flush()
        CLIP_TASKS.note(session.connection(), [clip.id])
        return
    for table in _OF_A_CLIP:
        session.execute(delete(table).where(table.clip_id == clip.id))
    session.execute(delete(Clip).where(Clip.id == clip.id))
    session.expire_all()


def bring_back(session: Session, clips: Sequence[Clip]) -> None:
    """Let withdrawn clips stand again, and be asked about."""
    for clip in clips:
        clip.is_withdrawn = False
    session.flush()
    if clips:
        CLIP_TASKS.note(session.connection(), [clip.id for clip in clips])
