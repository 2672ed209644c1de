"""How far the work on links is, for the owner."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.links.deciding import can_be_linked
from kinetics_builder.database.tables import LinkDecision, LinkStretch, TaskSlot


def read_tiles(session: Session) -> list[tuple[str, int]]:
    """Return what there is to count; nothing while no stretch is asked about."""
    num_asked = session.scalar(_ASKED) or 0
    if not num_asked:
        return []
    num_decided, num_answers = session.execute(_DECIDED).one()
    return [
        ("Strips asked about", num_asked),
        ("Decided", num_decided),
        ("Open", num_asked - num_decided),
        ("Answers", num_answers),
    ]


_OF_TASKS = select(TaskSlot.stretch_id).where(
    TaskSlot.stretch_id.is_not(None), TaskSlot.gold_id.is_(None)
)
_IS_ASKED = (LinkStretch.id.in_(_OF_TASKS), can_be_linked())
_ASKED = select(func.count(LinkStretch.id)).where(*_IS_ASKED)
_DECIDED = (
    select(
        func.count(LinkDecision.stretch_id).filter(LinkDecision.is_decided),
        func.coalesce(func.sum(LinkDecision.num_answers + LinkDecision.num_set_aside), 0),
    )
    .join(LinkStretch, LinkStretch.id == LinkDecision.stretch_id)
    .where(*_IS_ASKED)
)
