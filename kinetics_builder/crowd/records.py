"""What workers have answered so far: kept in `worker_standing`, with every vote added to it.

Whoever writes votes calls `keep` in the same transaction; `remake` counts all votes anew and
gives the same rows.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import and_, func, insert, select, update
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.decisions import decide_clips, remake_decisions
from kinetics_builder.crowd.standing import Fault, Given, Record, Standing, judge
from kinetics_builder.database.tables import (
    Assignment,
    Gold,
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
    newest = session.scalar(select(func.coalesce(func.max(WorkerStanding.last_vote_id), 0)))
    new = session.execute(_VOTES.where(Vote.id > newest)).all()
    if not new:
        return
    changed_mind = {row.worker_id for row in new if row.is_second}
    records = read_records(session, {row.worker_id for row in new} - changed_mind)
    for row in new:
        if row.worker_id not in changed_mind:
            records.setdefault(row.worker_id, Record()).add(_given(row), config)
    for worker_id in changed_mind:
        records[worker_id] = _recount(session, worker_id, config)
    turned = write_standings(session, records, config)
    clips = {row.clip_id for row in new}
    clips |= clips_of(session, turned)
    decide_clips(session, clips, config)


def remake(session: Session, config: VerifyConfig) -> None:
    """Count all votes anew, and decide every clip anew."""
    records: dict[int, Record] = defaultdict(Record)
    for row in session.execute(_VOTES.where(Vote.stands()).execution_options(yield_per=10_000)):
        records[row.worker_id].add(_given(row), config)
    write_standings(session, records, config)
    remake_decisions(session, config)


def rejudge(session: Session, worker_ids: Collection[int], config: VerifyConfig) -> None:
    """Bring standings and decisions in line with what the owner did about workers."""
    records = read_records(session, worker_ids)
    missing = {worker_id: Record() for worker_id in worker_ids if worker_id not in records}
    turned = write_standings(session, records | missing, config)
    decide_clips(session, clips_of(session, turned), config)


def read_records(session: Session, worker_ids: Collection[int]) -> dict[int, Record]:
    """Return what was kept about these workers; those without a row are left out."""
    rows = session.scalars(select(WorkerStanding).where(WorkerStanding.worker_id.in_(worker_ids)))
    return {row.worker_id: _record(row) for row in rows}


def read_standings(session: Session, config: VerifyConfig) -> dict[int, Standing]:
    """Return how every worker who has answered stands, or about whom the owner did something."""
    owners = _owners_faults(session)
    rows = session.scalars(select(WorkerStanding))
    records = {row.worker_id: _record(row) for row in rows}
    return {
        worker_id: judge(records.get(worker_id, Record()), config, owners.get(worker_id, ()))
        for worker_id in sorted(records.keys() | owners.keys())
    }


def read_standing(session: Session, worker_id: int, config: VerifyConfig) -> Standing:
    """Return how one worker stands."""
    row = session.get(WorkerStanding, worker_id)
    owners = _owners_faults(session, worker_id)
    record = Record() if row is None else _record(row)
    return judge(record, config, owners.get(worker_id, ()))


def write_standings(
    session: Session, records: Mapping[int, Record], config: VerifyConfig
) -> set[int]:
    """Write standings; return the workers whose votes begin or cease to count."""
    kept = session.execute(select(WorkerStanding.worker_id, WorkerStanding.is_warned))
    before = {worker_id: is_set_aside for worker_id, is_set_aside in kept}
    owners = _owners_faults(session)
    rows = {
        worker_id: _row(judge(record, config, owners.get(worker_id, ())))
        for worker_id, record in records.items()
    }
    session.expire_all()
    table: Any = WorkerStanding.__table__
    connection = session.connection()
    for worker_id in sorted(rows.keys() & before.keys()):
        where = table.c.worker_id == worker_id
        connection.execute(update(table).where(where).values(rows[worker_id]))
    if new := [{"worker_id": one, **rows[one]} for one in sorted(rows.keys() - before.keys())]:
        connection.execute(insert(table), new)
    return {one for one, row in rows.items() if row["is_warned"] != before.get(one, False)}


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


def _record(row: WorkerStanding) -> Record:
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


def _owners_faults(session: Session, worker_id: int | None = None) -> dict[int, tuple[Fault, ...]]:
    query = select(Worker.id, Worker.excluded_at, Worker.same_as_id).where(
        (Worker.excluded_at.is_not(None)) | (Worker.same_as_id.is_not(None))
    )
    if worker_id is not None:
        query = query.where(Worker.id == worker_id)
    found: dict[int, tuple[Fault, ...]] = {}
    for number, excluded_at, same_as_id in session.execute(query):
        faults = [Fault.EXCLUDED] if excluded_at is not None else []
        found[number] = (*faults, *([Fault.JOINED] if same_as_id is not None else []))
    return found


_VOTES: Any = (
    select(
        Vote.id,
        Vote.worker_id,
        Vote.clip_id,
        Vote.label_id,
        Vote.answer,
        Vote.answered_at,
        Gold.expected,
        Assignment.taken_at,
        (Vote.revision > 0).label("is_second"),
    )
    .join(TaskSlot, TaskSlot.id == Vote.slot_id)
    .outerjoin(Gold, Gold.id == TaskSlot.gold_id)
    .outerjoin(
        Assignment,
        and_(Assignment.task_id == TaskSlot.task_id, Assignment.worker_id == Vote.worker_id),
    )
    .order_by(Vote.id)
)
