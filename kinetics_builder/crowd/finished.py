"""Which tasks ask about no undecided clip. A clip that was withdrawn keeps no task open."""

from sqlalchemy import or_, select

from kinetics_builder.crowd.finishing import Finishing
from kinetics_builder.database.tables import Clip, Decision, TaskSlot, Verdict

_CLIPS = Finishing(
    kind="clip",
    thing="clip_id",
    open_slots=select(TaskSlot.id)
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
    .where(
        TaskSlot.gold_id.is_(None),
        ~Clip.is_withdrawn,
        or_(Decision.verdict.is_(None), Decision.verdict == Verdict.OPEN),
    ),
)
note_finished = _CLIPS.note
"""Bring the tasks that ask about these clips up to date."""
note_all_finished = _CLIPS.note_all
"""Bring all tasks about clips up to date."""
