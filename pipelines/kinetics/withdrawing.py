"""Taking back clips that are no longer proposed, and bringing them back."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.clips.decisions import CLIP_TASKS
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    ClipPlace,
    CuratedClip,
    Decision,
    Gold,
    TaskSlot,
    Vote,
)


def take_back(session: Session, clip: Clip) -> None:
    """Withdraw a clip about which people were asked; delete one about which nobody was.

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
    if _was_shown(session, clip.id):
        clip.is_withdrawn = True
        session.flush()
        CLIP_TASKS.note(session.connection(), [clip.id])
        return
    for table in (ClipFile, Decision, CuratedClip):
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


def _was_shown(session: Session, clip_id: int) -> bool:
    """Say whether a clip, or a question about its part, was in a task, judged, or made gold."""
    if session.scalar(select(Clip.id).where(Clip.part_of_id == clip_id).limit(1)) is not None:
        return True
    return any(
        session.scalar(select(table.id).where(table.clip_id == clip_id).limit(1)) is not None
        for table in (TaskSlot, Vote, Gold)
    )
