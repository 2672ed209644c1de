"""The owner's word about a clip, which goes before all votes. Only ever added."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.among import among
from kinetics_builder.database.tables import Clip, Decision, Ruling, TreeDecision, Verdict

LONGEST_REASON = 300


def read_ruled(session: Session, clip_ids: Collection[int] | None = None) -> dict[int, Verdict]:
    """Return what the owner says about clips, of all or of these; word taken back is none."""
    rows = session.execute(
        _RULED if clip_ids is None else _RULED_OF, {"clips": list(clip_ids or ())}
    )
    return {clip_id: verdict for clip_id, verdict in rows}


def class_shown() -> Any:
    """Return the id of the class that `Clip` counts for; `Decision` and `TreeDecision` beside it.

    By the owner's word the one that the word is about, else the one that a tree of questions leads
    to, else the one that the clip was proposed for.
    """
    said = select(Ruling.label_id).where(Ruling.clip_id == Clip.id, Ruling.stands())
    by_word = said.correlate(Clip).scalar_subquery()
    by_tree = func.coalesce(TreeDecision.label_id, Clip.label_id)
    return case((Decision.is_ruled, func.coalesce(by_word, Clip.label_id)), else_=by_tree)


_RULED = select(Ruling.clip_id, Ruling.verdict).where(
    Ruling.stands(), Ruling.verdict != Verdict.OPEN
)
_RULED_OF = _RULED.where(among(Ruling.clip_id, "clips"))
