"""Which tasks ask about no undecided clip: `task.is_finished`, kept with every decision.

Whoever looks for work reads the tasks that are left, by an index of those alone, and never
the many that are done. Gold and clips that were withdrawn keep no task open.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, bindparam, exists, or_, select, update

from kinetics_builder.database.tables import Clip, Decision, Task, TaskSlot, Verdict

_CLIPS_AT_ONCE = 500


def note_finished(connection: Connection, clip_ids: Collection[int]) -> None:
    """Bring the tasks that ask about these clips up to date."""
    ordered = sorted(clip_ids)
    for start in range(0, len(ordered), _CLIPS_AT_ONCE):
        connection.execute(_NOTE_SOME, {"clips": ordered[start : start + _CLIPS_AT_ONCE]})


def note_all_finished(connection: Connection) -> None:
    """Bring all tasks up to date."""
    connection.execute(_NOTE)


_TASK: Any = Task.__table__
_IS_FINISHED = ~exists(
    select(TaskSlot.id)
    .join(Clip, Clip.id == TaskSlot.clip_id)
    .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
    .where(
        TaskSlot.task_id == _TASK.c.id,
        TaskSlot.gold_id.is_(None),
        ~Clip.is_withdrawn,
        or_(Decision.verdict.is_(None), Decision.verdict == Verdict.OPEN),
    )
    .correlate(_TASK)
)
_NOTE = update(_TASK).values(is_finished=_IS_FINISHED).where(_TASK.c.is_finished != _IS_FINISHED)
_ASKING = select(TaskSlot.task_id).where(
    TaskSlot.clip_id.in_(bindparam("clips", expanding=True)),
    TaskSlot.gold_id.is_(None),
)
_NOTE_SOME = _NOTE.where(_TASK.c.id.in_(_ASKING))
