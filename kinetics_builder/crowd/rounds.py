"""Rounds of gold: how one ends, and what a worker is judged by after one that was passed.

A worker who passes is judged by the answers of the round and all that come after; earlier gold and
earlier haste are forgiven, and the earlier votes count again. Who fails stays as they were, and may
be asked again. Browsers are told nothing of it: gold stays hidden.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.standing import Given, Record, judge
from kinetics_builder.database.among import among
from kinetics_builder.database.tables import GoldRound, PassedSlot, RoundState, TaskSlot

_COUNTS = ("num_yes", "num_yes_right", "num_other", "num_other_right", "num_hasty")


def read_passed(connection: Connection, kind: str) -> Mapping[int, Any]:
    """Return the rounds of a kind that were passed, by the answers that ended them."""
    rows = connection.execute(_OF_KIND.where(_ROUND.c.state == RoundState.PASSED), {"kind": kind})
    return {row.last_vote_id: row for row in rows}


def begin_anew(record: Record, passed: Any) -> None:
    """Forget the gold and the haste of a record but for those of a round that was passed."""
    record.num_gold_yes, record.num_gold_yes_right = passed.num_yes, passed.num_yes_right
    record.num_gold_other = passed.num_other
    record.num_gold_other_right = passed.num_other_right
    record.num_hasty = passed.num_hasty


def read_open(connection: Connection, kind: str, ids: Collection[int]) -> Sequence[Any]:
    """Return the open rounds of these workers, each with `num_unplayed`.

    Those are questions whose clips the worker's browser could not play.
    """
    return connection.execute(_OPEN, {"kind": kind, "ids": sorted(ids)}).all()


def end_round(
    connection: Connection, one: Any, givens: Iterable[Given], kind: Any, config: VerifyConfig
) -> None:
    """Write how a round has ended, by the answers to its questions."""
    record = Record()
    for given in givens:
        record.add(given, config)
    gold = record.gold
    is_enough = gold.num > 0 and gold.num_right >= one.least_right - one.num_unplayed
    is_passed = is_enough and judge(record, config, (), kind.faults).counts
    row = {
        "state": RoundState.PASSED if is_passed else RoundState.FAILED,
        "last_vote_id": record.last_vote_id,
        "num_yes": gold.num_yes,
        "num_yes_right": gold.num_yes_right,
        "num_other": gold.num_other,
        "num_other_right": gold.num_other_right,
        "num_hasty": record.num_hasty,
    }
    connection.execute(_END, {"_id": one.id, **row})


def open_task(connection: Connection, kind: str, worker_id: int) -> int | None:
    """Return the task of the round that a worker is asked, if one is open."""
    asked = {"kind": kind, "worker_id": worker_id}
    found: int | None = connection.scalar(_TASK, asked)
    return found


_ROUND: Any = GoldRound.__table__
_OF_KIND = select(_ROUND).where(_ROUND.c.kind == bindparam("kind"))
_NUM_UNPLAYED = (
    select(func.count())
    .select_from(TaskSlot)
    .join(PassedSlot, PassedSlot.slot_id == TaskSlot.id)
    .where(TaskSlot.task_id == _ROUND.c.task_id)
    .correlate(_ROUND)
    .scalar_subquery()
)
_OPEN = _OF_KIND.add_columns(_NUM_UNPLAYED.label("num_unplayed")).where(
    _ROUND.c.state == RoundState.OPEN, among(_ROUND.c.worker_id, "ids")
)
_TASK = select(_ROUND.c.task_id).where(
    _ROUND.c.kind == bindparam("kind"),
    _ROUND.c.worker_id == bindparam("worker_id"),
    _ROUND.c.state == RoundState.OPEN,
)
_END = (
    update(_ROUND)
    .where(_ROUND.c.id == bindparam("_id"))
    .values({name: bindparam(name) for name in ("state", "last_vote_id", *_COUNTS)})
)
