"""What the paths about clips say so far, as decisions and tasks have it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import case, func, literal, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.clips.gating import is_closed
from kinetics_builder.crowd.clips.ruled import class_shown
from kinetics_builder.crowd.finishing import Finishing, verdict_column
from kinetics_builder.database.bulk import listed
from kinetics_builder.database.tables import (
    Clip,
    Decision,
    DecisionTree,
    Label,
    TaskSlot,
    TreeDecision,
    Verdict,
)

QUESTIONNAIRE = "questionnaire"
"""The kind of task that the answers are of."""

_COUNTS = ("num_yes", "num_no", "num_unsure", "num_bad", "num_set_aside")


def read_walked(
    session: Session, clip_ids: Sequence[int] | None = None
) -> dict[int, dict[str, Any]]:
    """Return the columns of `decision` of clips that trees were walked about; None for all."""
    query = select(TreeDecision)
    if clip_ids is not None:
        query = query.where(TreeDecision.clip_id.in_(listed(clip_ids)))
    return {
        row.clip_id: {
            "verdict": row.verdict,
            **{name: getattr(row, name) for name in _COUNTS},
            "lasts_whole_clip": False,
            "is_ruled": False,
        }
        for row in session.scalars(query)
    }


_VERDICT = case((Decision.is_ruled, Decision.verdict), else_=TreeDecision.verdict)
_OTHERS = TreeDecision.num_no + TreeDecision.num_unsure + TreeDecision.num_bad
TREE_TASKS = Finishing(
    kind=QUESTIONNAIRE,
    thing="clip_id",
    asked=select(
        TaskSlot.id,
        class_shown(),
        verdict_column(_VERDICT),
        func.coalesce(TreeDecision.num_yes + _OTHERS + TreeDecision.num_set_aside, 0),
        literal(0),
    )
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .join(Label, Label.id == Clip.label_id)
    .join(DecisionTree, DecisionTree.id == TaskSlot.tree_id)
    .outerjoin(TreeDecision, TreeDecision.clip_id == TaskSlot.clip_id)
    .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
    .where(TaskSlot.gold_id.is_(None), ~Clip.is_withdrawn, ~DecisionTree.is_retired),
    verdict=case(
        (or_(is_closed(Clip.label_id), Label.is_full), Verdict.REJECTED.value), else_=_VERDICT
    ),
)
"""Which tasks about paths are finished. None is kept open by a clip that was withdrawn or whose
class is closed or full, or by a tree that the classes file has no more. A clip counts for the class
that it is led to, whichever it was proposed for."""
