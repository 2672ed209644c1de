"""Which tasks ask about nothing that is undecided, and how far the work is, kept with every change.

`task.is_finished` lets whoever looks for work read the tasks that are left, by an index of those
alone, and never the many that are done; gold keeps no task open. `work_tally` holds the sums that
the owner's page shows, so that it costs the same with a million questions as with a thousand:
`tallied_slot` remembers how each question was counted last.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    update,
)

from kinetics_builder.database.among import among
from kinetics_builder.database.bulk import listed
from kinetics_builder.database.tables import (
    TalliedSlot,
    Task,
    TaskSlot,
    Verdict,
    WorkTally,
)

_THINGS_AT_ONCE = 500
_TASK: Any = Task.__table__


class Counted(NamedTuple):
    """How one ordinary question is counted."""

    about_id: int
    """Its class: what the owner's page lists together."""
    verdict: Verdict
    num_answers: int
    """Those set aside included."""
    num_overruled: int
    """Answers that the decision contradicts."""


@dataclass(frozen=True)
class Finishing:
    """Keeps `task.is_finished` of one kind, and its sums."""

    kind: str
    thing: str
    """The column of `task_slot` that names what is decided."""
    asked: Select[Any]
    """Ordinary slots that may be asked: the slot's id, and the columns of `Counted`."""
    verdict: Any
    """A column, the verdict on what a slot asks about; none where nobody has answered."""

    def note(self, connection: Connection, things: Collection[int]) -> None:
        """Bring the tasks that ask about these, and the sums, up to date."""
        self.finish(connection, things)
        self.count(connection, things)

    def note_all(self, connection: Connection) -> None:
        """Bring all tasks of the kind up to date, and sum up anew."""
        connection.execute(self._finish)
        _forget(connection, self.kind)
        connection.execute(self._count_all)
        connection.execute(_SUM_UP, {"kind": self.kind})

    def finish(self, connection: Connection, things: Collection[int]) -> None:
        """Bring the tasks that ask about these up to date."""
        for some in _chunks(things):
            connection.execute(self._finish_some, some)

    def count(self, connection: Connection, things: Collection[int]) -> None:
        """Bring the sums up to date with what is known of these."""
        for some in _chunks(things):
            before = _counted(connection.execute(self._was, some))
            after = _counted(connection.execute(self._is, some))
            _recount(connection, self.kind, before, after)

    @cached_property
    def _finish(self) -> Update:
        is_open = or_(self.verdict.is_(None), self.verdict == Verdict.OPEN)
        left = (
            self.asked.with_only_columns(TaskSlot.id)
            .where(is_open, TaskSlot.task_id == _TASK.c.id)
            .correlate(_TASK)
        )
        is_finished = ~exists(left)
        return (
            update(_TASK)
            .values(is_finished=is_finished)
            .where(_TASK.c.kind == self.kind, _TASK.c.is_finished != is_finished)
        )

    @cached_property
    def _finish_some(self) -> Update:
        asking = select(TaskSlot.task_id).where(self._is_about, TaskSlot.gold_id.is_(None))
        return self._finish.where(_TASK.c.id.in_(asking))

    @cached_property
    def _is(self) -> Select[Any]:
        return self._of_kind.where(self._is_about)

    @cached_property
    def _was(self) -> Select[Any]:
        """Return how slots were counted: looked up one by one, or all of a kind would be read."""
        of_slot = and_(TalliedSlot.slot_id == TaskSlot.id, TalliedSlot.kind == self.kind)
        return (
            select(TalliedSlot.slot_id, *(getattr(TalliedSlot, name) for name in Counted._fields))
            .select_from(TaskSlot)
            .outerjoin(TalliedSlot, of_slot)
            .where(self._is_about, TaskSlot.gold_id.is_(None))
        )

    @cached_property
    def _count_all(self) -> Any:
        names = ["slot_id", *Counted._fields, "kind"]
        return insert(TalliedSlot).from_select(names, self._of_kind.add_columns(literal(self.kind)))

    @property
    def _of_kind(self) -> Select[Any]:
        return self.asked.join(Task, Task.id == TaskSlot.task_id).where(Task.kind == self.kind)

    @property
    def _is_about(self) -> ColumnElement[bool]:
        return among(getattr(TaskSlot, self.thing), "things")


def verdict_column(verdict: Any) -> ColumnElement[Any]:
    """Return a verdict as `Counted` has it: open where nobody has answered."""
    return type_coerce(func.coalesce(verdict, Verdict.OPEN.value), TalliedSlot.verdict.type)


def overruled_column(verdict: Any, *, by_yes: Any, by_no: Any) -> ColumnElement[int]:
    """Return how many answers an acceptance contradicts, and how many a rejection."""
    return case(
        (verdict == Verdict.ACCEPTED, by_yes), (verdict == Verdict.REJECTED, by_no), else_=0
    )


def _chunks(things: Collection[int]) -> Iterable[dict[str, Sequence[int]]]:
    ordered = sorted(things)
    for start in range(0, len(ordered), _THINGS_AT_ONCE):
        yield {"things": listed(ordered[start : start + _THINGS_AT_ONCE])}


def _counted(rows: Iterable[Any]) -> dict[int, Counted]:
    return {slot_id: Counted(*row) for slot_id, *row in rows if slot_id is not None}


def _forget(connection: Connection, kind: str) -> None:
    for table in (TalliedSlot, WorkTally):
        connection.execute(delete(table).where(table.kind == kind))


def _recount(
    connection: Connection,
    kind: str,
    before: Mapping[int, Counted],
    after: Mapping[int, Counted],
) -> None:
    """Write how questions are counted now, and move the sums by the difference."""
    changed = {slot for slot in before.keys() | after.keys() if before.get(slot) != after.get(slot)}
    if not changed:
        return
    _write_slots(connection, kind, before, {slot: after.get(slot) for slot in changed})
    deltas: dict[int, Counter[str]] = defaultdict(Counter)
    for counted, sign in ((before, -1), (after, 1)):
        for slot in changed & counted.keys():
            _add(deltas[counted[slot].about_id], counted[slot], sign)
    moved = {about: sums for about, sums in deltas.items() if any(sums.values())}
    _move_sums(connection, kind, moved)


def _add(sums: Counter[str], one: Counted, sign: int) -> None:
    sums["num_asked"] += sign
    sums["num_accepted"] += sign * (one.verdict is Verdict.ACCEPTED)
    sums["num_rejected"] += sign * (one.verdict is Verdict.REJECTED)
    sums["num_answers"] += sign * one.num_answers
    sums["num_overruled"] += sign * one.num_overruled


def _write_slots(
    connection: Connection,
    kind: str,
    before: Mapping[int, Counted],
    changed: Mapping[int, Counted | None],
) -> None:
    gone = [slot for slot, one in changed.items() if one is None]
    known = [
        {"_slot_id": slot, **one._asdict()}
        for slot, one in changed.items()
        if one is not None and slot in before
    ]
    new = [
        {"slot_id": slot, "kind": kind, **one._asdict()}
        for slot, one in changed.items()
        if one is not None and slot not in before
    ]
    if gone:
        connection.execute(_DROP_SLOTS, {"slots": sorted(gone)})
    if known:
        connection.execute(_UPDATE_SLOT, known)
    if new:
        connection.execute(insert(_SLOT), new)


def _move_sums(connection: Connection, kind: str, deltas: Mapping[int, Mapping[str, int]]) -> None:
    if not deltas:
        return
    rows = {about: {name: sums.get(name, 0) for name in _SUMS} for about, sums in deltas.items()}
    moved = [{"_kind": kind, "_about_id": about, **rows[about]} for about in sorted(rows)]
    if connection.execute(_ADD_TO_SUMS, moved).rowcount == len(rows):
        return
    known = set(connection.scalars(_KNOWN_SUMS, {"kind": kind, "abouts": listed(rows)}))
    new = [{"kind": kind, "about_id": about, **rows[about]} for about in rows.keys() - known]
    connection.execute(insert(_TALLY), new)


_SLOT: Any = TalliedSlot.__table__
_DROP_SLOTS = delete(_SLOT).where(among(_SLOT.c.slot_id, "slots"))
_UPDATE_SLOT = (
    update(_SLOT)
    .where(_SLOT.c.slot_id == bindparam("_slot_id"))
    .values({name: bindparam(name) for name in Counted._fields})
)
_TALLY: Any = WorkTally.__table__
_SUMS = ("num_asked", "num_accepted", "num_rejected", "num_answers", "num_overruled")
_KNOWN_SUMS = select(_TALLY.c.about_id).where(
    _TALLY.c.kind == bindparam("kind"), among(_TALLY.c.about_id, "abouts")
)
_ADD_TO_SUMS = (
    update(_TALLY)
    .where(_TALLY.c.kind == bindparam("_kind"), _TALLY.c.about_id == bindparam("_about_id"))
    .values({name: _TALLY.c[name] + bindparam(name) for name in _SUMS})
)
_SUM_UP = insert(_TALLY).from_select(
    ["kind", "about_id", *_SUMS],
    select(
        _SLOT.c.kind,
        _SLOT.c.about_id,
        func.count(),
        *(
            func.sum(case((_SLOT.c.verdict == verdict, 1), else_=0))
            for verdict in (Verdict.ACCEPTED, Verdict.REJECTED)
        ),
        func.sum(_SLOT.c.num_answers),
        func.sum(_SLOT.c.num_overruled),
    )
    .where(_SLOT.c.kind == bindparam("kind"))
    .group_by(_SLOT.c.kind, _SLOT.c.about_id),
)
