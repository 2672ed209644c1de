"""Tasks as rows, with a slot for each of their questions."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import Task, TaskSlot


class Placed(Protocol):
    """A question, as its kind keeps it."""

    @property
    def gold_id(self) -> int | None:
        """Return the known answer, if there is one."""

    @property
    def slot(self) -> Mapping[str, Any]:
        """Return what a slot says it is about."""


def write_tasks(session: Session, kind: str, tasks: Sequence[Sequence[Placed]]) -> None:
    """Write tasks of one kind, all of the round behind the last."""
    number = session.scalar(select(func.coalesce(func.max(Task.round) + 1, 0)))
    ids = session.scalars(
        insert(Task).returning(Task.id, sort_by_parameter_order=True),
        [{"kind": kind, "round": number} for _ in tasks],
    ).all()
    rows = [
        {"task_id": task_id, "position": position, "gold_id": one.gold_id, **one.slot}
        for task_id, task in zip(ids, tasks, strict=True)
        for position, one in enumerate(task)
    ]
    session.execute(insert(TaskSlot), rows)
