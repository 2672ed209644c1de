"""Which classes have the accepted clips that they want: nobody is asked about more of them."""

from collections.abc import Collection

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.clips.gating import tallied_as
from kinetics_builder.crowd.clips.open_tasks import finish_classes
from kinetics_builder.database.tables import Clip, Label, WorkTally


def note_full(session: Session, label_ids: Collection[int] | None = None) -> bool:
    """Bring up to date which of these classes, or of all, are full; their tasks follow.

    A class is full when as many clips are accepted as its target says: answers that were under
    way may bring some more. Where the owner takes a decision back, or the target is raised, the
    class is asked about again.

    Returns:
        Whether any turned.

    """
    turned = [label for label, is_full in _read(session, label_ids) if label.is_full != is_full]
    for label in turned:
        label.is_full = not label.is_full
    if turned:
        session.flush()
        finish_classes(session.connection(), [label.id for label in turned])
    return bool(turned)


def labels_with_targets(session: Session, clip_ids: Collection[int]) -> list[int]:
    """Return the classes that these clips may show and that have a target, or are full.

    That is the class that each was proposed for, and all of its tree of questions.
    """
    if not clip_ids:
        return []
    proposed = select(Label.id, Label.tree_id).join(Clip, Clip.label_id == Label.id).distinct()
    rows = session.execute(proposed.where(Clip.id.in_(sorted(clip_ids)))).all()
    may_be_shown = or_(
        Label.id.in_([label_id for label_id, _ in rows]),
        Label.tree_id.in_([tree_id for _, tree_id in rows if tree_id is not None]),
    )
    query = select(Label.id).where(may_be_shown, or_(Label.target.is_not(None), Label.is_full))
    return sorted(session.scalars(query))


def _read(session: Session, label_ids: Collection[int] | None) -> list[tuple[Label, bool]]:
    query = select(Label, func.coalesce(WorkTally.num_accepted, 0)).outerjoin(
        WorkTally, and_(WorkTally.kind == tallied_as(), WorkTally.about_id == Label.id)
    )
    if label_ids is not None:
        query = query.where(Label.id.in_(label_ids))
    else:
        query = query.where(or_(Label.target.is_not(None), Label.is_full))
    return [
        (label, label.target is not None and number >= label.target)
        for label, number in session.execute(query)
    ]
