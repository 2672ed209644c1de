"""Taking back clips that are no longer proposed."""

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

    The clip loses its place, so that it stands in no other clip's way.
    """
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


def _was_shown(session: Session, clip_id: int) -> bool:
    """Say whether a clip was part of a task, judged, or made a gold question."""
    return any(
        session.scalar(select(table.id).where(table.clip_id == clip_id).limit(1)) is not None
        for table in (TaskSlot, Vote, Gold)
    )
