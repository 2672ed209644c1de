"""What workers have answered so far: kept in `worker_standing`, with every vote added to it.

Whoever writes votes calls `keep` in the same transaction; `remake` counts all votes anew and
gives the same rows.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.decisions import decide_clips, remake_decisions
from kinetics_builder.crowd.standing import Fault, Given, Record, Standing, judge
from kinetics_builder.crowd.tallies import add_hours, remake_tallies
from kinetics_builder.database.tables import (
    Assignment,
    Gold,
    Setting,
    TaskSlot,
    Vote,
    Worker,
    WorkerStanding,
)


def keep(session: Session, config: VerifyConfig) -> None:
    """Count the votes that are newer than the newest counted one, and what follows from them.

    Brings the standing of those who gave them up to date, and the decisions about the clips
    they are about; also those of all a worker's clips, where the worker's votes begin or
    cease to count. Call it in a writing session.
    """
    session.flush()
    connection = session.connection()
    new = connection.execute(_NEW, {"newest": connection.scalar(_NEWEST)}).all()
    if not new:
        return
    changed_mind = {row.worker_id for row in new if row.revision}
    kept = _read_kept(connection, {row.worker_id for row in new})
    for row in new:
        if row.worker_id not in changed_mind:
            kept[row.worker_id].record.add(_given(row), config)
    for worker_id in changed_mind:
        kept[worker_id].record = _recount(session, worker_id, config)
    add_hours(connection, (row.created_at for row in new if not row.revision))
    turned = _write(connection, kept, config)
    decide_clips(session, {row.clip_id for row in new} | clips_of(session, turned), config)


def is_counted_by(session: Session, config: VerifyConfig) -> bool:
    """Tell whether what is kept was counted by these rules, or there is nothing to count."""
    rules = session.get(Setting, _RULES)
    if rules is not None:
        return rules.value == _written(config)
    return session.scalar(select(Vote.id).limit(1)) is None


def remake(session: Session, config: VerifyConfig) -> None:
    """Count all votes anew, and decide every clip anew, by these rules."""
    session.merge(Setting(key=_RULES, value=_written(config)))
    session.flush()
    records: dict[int, Record] = defaultdict(Record)
    standing_votes = _VOTES.where(Vote.stands()).execution_options(yield_per=10_000)
    for row in session.execute(standing_votes):
        records[row.worker_id].add(_given(row), config)
    connection = session.connection()
    kept = _read_kept(connection, records.keys())
    for worker_id, record in records.items():
        kept[worker_id].record = record
    _write(connection, kept, config)
    remake_decisions(session, config)
    remake_tallies(session)


def _written(config: VerifyConfig) -> str:
    return json.dumps(asdict(config), sort_keys=True)


def rejudge(session: Session, worker_ids: Collection[int], config: VerifyConfig) -> None:
    """Bring standings and decisions in line with what the owner did about workers."""
    session.flush()
    connection = session.connection()
    turned = _write(connection, _read_kept(connection, worker_ids), config)
    session.expire_all()
    decide_clips(session, clips_of(session, turned), config)


def read_standings(session: Session, config: VerifyConfig) -> dict[int, Standing]:
    """Return how every worker who has answered stands, or about whom the owner did something."""
    kept = _kept_by_worker(session.connection().execute(_KEPT))
    return {
        worker_id: one.judge(config)
        for worker_id, one in sorted(kept.items())
        if one.record.num_votes or one.owners
    }


def read_standing(session: Session, worker_id: int, config: VerifyConfig) -> Standing:
    """Return how one worker stands."""
    return _read_kept(session.connection(), [worker_id])[worker_id].judge(config)


@dataclass(slots=True)
class _Kept:
    """What is kept about one worker."""

    record: Record
    owners: tuple[Fault, ...]
    is_new: bool
    """Whether nothing is kept yet."""
    is_set_aside: bool

    def judge(self, config: VerifyConfig) -> Standing:
        return judge(self.record, config, self.owners)


def _read_kept(connection: Connection, worker_ids: Collection[int]) -> dict[int, _Kept]:
    return _kept_by_worker(connection.execute(_KEPT_OF, {"ids": sorted(worker_ids)}))


def _kept_by_worker(rows: Iterable[Any]) -> dict[int, _Kept]:
    return {
        row.id: _Kept(
            record=Record() if row.worker_id is None else _record(row),
            owners=_owners_faults(row),
            is_new=row.worker_id is None,
            is_set_aside=bool(row.is_warned),
        )
        for row in rows
    }


def _write(connection: Connection, kept: Mapping[int, _Kept], config: VerifyConfig) -> set[int]:
    """Write standings; return the workers whose votes begin or cease to count."""
    turned: set[int] = set()
    new, known = [], []
    for worker_id, one in kept.items():
        standing = one.judge(config)
        row = _row(standing)
        if one.is_new:
            new.append({"worker_id": worker_id, **row})
        else:
            known.append({"_worker_id": worker_id, **row})
        if standing.is_warned != one.is_set_aside:
            turned.add(worker_id)
    if new:
        connection.execute(_INSERT, new)
    if known:
        connection.execute(_UPDATE, known)
    return turned


def clips_of(session: Session, worker_ids: Collection[int]) -> set[int]:
    """Return the clips about which any of these workers said something."""
    if not worker_ids:
        return set()
    return set(session.scalars(select(Vote.clip_id).where(Vote.worker_id.in_(worker_ids))))


def _recount(session: Session, worker_id: int, config: VerifyConfig) -> Record:
    """Count one worker's votes anew; of two about one question, the later."""
    rows = session.execute(_VOTES.where(Vote.worker_id == worker_id, Vote.stands())).all()
    record = Record()
    for row in rows:
        record.add(_given(row), config)
    return record


def _given(row: Any) -> Given:
    return Given(row.id, row.answer, row.expected, row.answered_at, row.taken_at)


def _record(row: Any) -> Record:
    return Record(
        last_vote_id=row.last_vote_id,
        num_votes=row.num_votes,
        num_gold_yes=row.num_gold_yes,
        num_gold_yes_right=row.num_gold_yes_right,
        num_gold_other=row.num_gold - row.num_gold_yes,
        num_gold_other_right=row.num_gold_right - row.num_gold_yes_right,
        last_answer=row.last_answer,
        num_same=row.num_same,
        last_answered_at=row.last_answered_at,
        recent_seconds=list(row.recent_seconds),
        num_hasty=row.num_hasty,
    )


def _row(standing: Standing) -> dict[str, Any]:
    record = standing.record
    return {
        "last_vote_id": record.last_vote_id,
        "num_votes": record.num_votes,
        "num_gold": record.gold.num,
        "num_gold_right": record.gold.num_right,
        "num_gold_yes": record.num_gold_yes,
        "num_gold_yes_right": record.num_gold_yes_right,
        "last_answer": record.last_answer,
        "num_same": record.num_same,
        "last_answered_at": record.last_answered_at,
        "recent_seconds": record.recent_seconds,
        "num_hasty": record.num_hasty,
        "is_warned": not standing.counts,
    }


def _owners_faults(row: Any) -> tuple[Fault, ...]:
    excluded = () if row.excluded_at is None else (Fault.EXCLUDED,)
    joined = () if row.same_as_id is None else (Fault.JOINED,)
    return (*excluded, *joined)


_RULES = "verify"
_VOTES: Any = (
    select(
        Vote.id,
        Vote.worker_id,
        Vote.clip_id,
        Vote.label_id,
        Vote.answer,
        Vote.answered_at,
        Vote.created_at,
        Gold.expected,
        Assignment.taken_at,
        Vote.revision,
    )
    .join(TaskSlot, TaskSlot.id == Vote.slot_id)
    .outerjoin(Gold, Gold.id == TaskSlot.gold_id)
    .outerjoin(
        Assignment,
        and_(Assignment.task_id == TaskSlot.task_id, Assignment.worker_id == Vote.worker_id),
    )
    .order_by(Vote.id)
)
_NEWEST = select(func.coalesce(func.max(WorkerStanding.last_vote_id), 0))
_NEW = _VOTES.where(Vote.id > bindparam("newest"))
_STANDING: Any = WorkerStanding.__table__
_KEPT = select(Worker.id, Worker.excluded_at, Worker.same_as_id, *_STANDING.columns).outerjoin(
    WorkerStanding, WorkerStanding.worker_id == Worker.id
)
_KEPT_OF = _KEPT.where(Worker.id.in_(bindparam("ids", expanding=True)))
_INSERT = insert(_STANDING)
_UPDATE = (
    update(_STANDING)
    .where(_STANDING.c.worker_id == bindparam("_worker_id"))
    .values({column.name: bindparam(column.name) for column in _STANDING.c[1:]})
)
