"""Which tasks ask about nothing that is undecided: `task.is_finished`, kept with every decision.

Whoever looks for work reads the tasks that are left, by an index of those alone, and never
the many that are done. Gold keeps no task open.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select, Update, bindparam, exists, select, update

from kinetics_builder.database.tables import Task, TaskSlot

_THINGS_AT_ONCE = 500
_TASK: Any = Task.__table__


@dataclass(frozen=True)
class Finishing:
    """Keeps `task.is_finished` of one kind."""

    kind: str
    thing: str
    """The column of `task_slot` that names what is decided."""
    open_slots: Select[Any]
    """Ordinary slots that ask about something undecided."""

    def note(self, connection: Connection, things: Collection[int]) -> None:
        """Bring the tasks that ask about these up to date."""
        ordered = sorted(things)
        for start in range(0, len(ordered), _THINGS_AT_ONCE):
            connection.execute(
                self._note_some, {"things": ordered[start : start + _THINGS_AT_ONCE]}
            )

    def note_all(self, connection: Connection) -> None:
        """Bring all tasks of the kind up to date."""
        connection.execute(self._note)

    @cached_property
    def _note(self) -> Update:
        left = self.open_slots.where(TaskSlot.task_id == _TASK.c.id).correlate(_TASK)
        is_finished = ~exists(left)
        return (
            update(_TASK)
            .values(is_finished=is_finished)
            .where(_TASK.c.kind == self.kind, _TASK.c.is_finished != is_finished)
        )

    @cached_property
    def _note_some(self) -> Update:
        asking = select(TaskSlot.task_id).where(
            getattr(TaskSlot, self.thing).in_(bindparam("things", expanding=True)),
            TaskSlot.gold_id.is_(None),
        )
        return self._note.where(_TASK.c.id.in_(asking))
