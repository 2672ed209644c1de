"""Gold for one worker alone, in place of gold that the worker has met in another task.

A task's gold is asked of everybody who takes it, and nobody is asked a question twice: so of
workers who have met the gold of a task, nothing in it would be known. They are asked other gold
in its place, as long as there is any that they have not met. What was met is never asked again:
as nothing else comes twice, whoever sees a question again would know it for gold. Its own slot is
newer than all of its task, and would tell it too: so a browser knows it by the slot in whose
place it stands, its address.
"""

import hashlib
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from annotation_ui.desk import Desk
from annotation_ui.kinds.kind import Kind
from kinetics_builder.database.among import among
from kinetics_builder.database.tables import Gold, TaskSlot
from kinetics_builder.ways import Way


def add_own_gold(kind: Kind, session: Session, desk: Desk, seed: int) -> bool:
    """Give the worker of a task gold of their own for that which they have met elsewhere.

    Call it when the task is taken first: what a worker was shown stays what it is. It is of the
    same sort, or of the other where all of that was met, and about nothing that the task asks
    about besides; in a grid, of its class alone. Each worker meets gold in an order of their own,
    which follows from the seed.
    Writes `task_slot`, and tells whether it did; a second call adds nothing.
    """
    met = desk.met_elsewhere()
    if not met:
        return False
    me = {"worker_id": desk.worker_id, "task_id": desk.task_id}
    ids = {"slots": [question.slot_id for question in met]}
    found: Sequence[Any] = session.execute(_lacking(kind), {**me, **ids}).all()
    if not found:
        return False
    unmet = list(session.execute(_unmet(kind), me))
    unmet.sort(key=lambda gold: place_of(seed, desk.worker_id, gold.id))
    position = session.scalar(_LOWEST, me)
    rows: list[dict[str, Any]] = []
    for slot in found:
        fitting = [
            one for one in unmet if desk.way is not Way.GRID or one.label_id == slot.label_id
        ]
        gold = min(fitting, key=lambda one: one.is_first_sort != slot.is_first_sort, default=None)
        if gold is None:
            break
        about = {name: getattr(gold, name) for name in _ABOUT}
        own = {**me, "instead_of_id": slot.id, "gold_id": gold.id, **about}
        rows.append({**own, "position": position - len(rows) - 1})
        unmet = [one for one in unmet if _thing(kind, one) != _thing(kind, gold)]
    if rows:
        session.execute(insert(TaskSlot), rows)
    return bool(rows)


def addresses_of(session: Session, slot_ids: Collection[int]) -> dict[int, int]:
    """Return by what slot a browser knows those of these that are one worker's own."""
    if not slot_ids:
        return {}
    rows = session.execute(_ADDRESSES, {"slots": sorted(slot_ids)})
    return {slot_id: address for slot_id, address in rows if address is not None}


def slot_at(session: Session, worker_id: int, address: int) -> int:
    """Return the slot that a worker's browser knows by this address."""
    return session.scalar(_AT, {"worker_id": worker_id, "address": address}) or address


def _thing(kind: Kind, row: Any) -> tuple[int, ...]:
    return tuple(getattr(row, name) for name in kind.crowd.thing)


def place_of(seed: int, worker_id: int, gold_id: int) -> bytes:
    """Return where a gold question stands in the order in which a worker meets gold."""
    return hashlib.sha256(f"{seed} {worker_id} {gold_id}".encode()).digest()


@cache
def _lacking(kind: Kind) -> Select[Any]:
    """Return those of the slots, all of gold, in whose place the worker is asked nothing yet."""
    own = select(TaskSlot.instead_of_id).where(
        TaskSlot.worker_id == bindparam("worker_id"), TaskSlot.instead_of_id.is_not(None)
    )
    slots: Any = select(
        TaskSlot.id, TaskSlot.label_id, kind.crowd.is_first_sort().label("is_first_sort")
    )
    lacking: Select[Any] = (
        slots.join(Gold, Gold.id == TaskSlot.gold_id)
        .where(
            among(TaskSlot.id, "slots"),
            TaskSlot.worker_id.is_(None),
            TaskSlot.id.not_in(own),
        )
        .order_by(TaskSlot.position)
    )
    return lacking


@cache
def _unmet(kind: Kind) -> Select[Any]:
    """Return the gold that the worker has not met, about nothing that the task asks about."""
    answers = kind.crowd.answers
    is_met = exists(answers.id).where(
        answers.worker_id == bindparam("worker_id"),
        *(getattr(answers, name) == getattr(Gold, name) for name in kind.crowd.subject),
    )
    is_asked = exists(TaskSlot.id).where(
        TaskSlot.task_id == bindparam("task_id"),
        or_(TaskSlot.worker_id.is_(None), TaskSlot.worker_id == bindparam("worker_id")),
        and_(*(getattr(TaskSlot, name) == getattr(Gold, name) for name in kind.crowd.thing)),
    )
    return select(
        Gold.id,
        kind.crowd.is_first_sort().label("is_first_sort"),
        *(getattr(Gold, name) for name in _ABOUT),
    ).where(kind.crowd.is_gold(), kind.crowd.can_be_asked(), ~is_met, ~is_asked)


_ADDRESSES = select(TaskSlot.id, TaskSlot.instead_of_id).where(
    among(TaskSlot.id, "slots"), TaskSlot.instead_of_id.is_not(None)
)
_AT = select(TaskSlot.id).where(
    TaskSlot.worker_id == bindparam("worker_id"), TaskSlot.instead_of_id == bindparam("address")
)
_ABOUT = (
    *("clip_id", "label_id", "key_frame_id", "person_box_id", "action_id"),
    *("stretch_id", "timeline_id", "tree_id"),
)
_LOWEST: Any = select(func.coalesce(func.min(TaskSlot.position), 0)).where(
    TaskSlot.task_id == bindparam("task_id")
)
