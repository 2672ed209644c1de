"""How far the work on boxes is, for the owner."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import BoxDecision, KeyFrame, TaskSlot


def read_tiles(session: Session) -> list[tuple[str, int]]:
    """Return what there is to count; nothing while no key frame is asked about."""
    num_asked = session.scalar(_ASKED) or 0
    if not num_asked:
        return []
    num_decided, num_answers = session.execute(_DECIDED).one()
    return [
        ("Pictures asked about", num_asked),
        ("Decided", num_decided),
        ("Open", num_asked - num_decided),
        ("Answers", num_answers),
    ]


_ASKED = (
    select(func.count(TaskSlot.key_frame_id.distinct()))
    .join(KeyFrame, KeyFrame.id == TaskSlot.key_frame_id)
    .where(TaskSlot.gold_id.is_(None), ~KeyFrame.is_withdrawn)
)
_ASKED_FRAMES = select(TaskSlot.key_frame_id).where(
    TaskSlot.key_frame_id.is_not(None), TaskSlot.gold_id.is_(None)
)
_DECIDED = (
    select(
        func.count(BoxDecision.key_frame_id).filter(BoxDecision.is_decided),
        func.coalesce(func.sum(BoxDecision.num_answers + BoxDecision.num_set_aside), 0),
    )
    .join(KeyFrame, KeyFrame.id == BoxDecision.key_frame_id)
    .where(BoxDecision.key_frame_id.in_(_ASKED_FRAMES), ~KeyFrame.is_withdrawn)
)
