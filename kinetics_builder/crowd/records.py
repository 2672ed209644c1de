"""What workers have answered so far: kept in `worker_standing`, with every answer added to it.

Whoever writes answers calls `keep` in the same transaction; `remake` counts all answers anew
and gives the same rows. Answers of each kind are counted by themselves.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.hours import add_hours, remake_hours
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.kinds.registry import KINDS
from kinetics_builder.crowd.rounds import begin_anew, end_round, read_open, read_passed
from kinetics_builder.crowd.standing import Fault, Given, Record, Standing, judge
from kinetics_builder.database.among import among
from kinetics_builder.database.bulk import chunks, listed
from kinetics_builder.database.tables import (
    Assignment,
    Gold,
    GoldRound,
    RoundState,
    Setting,
    Task,
    TaskSlot,
    Worker,
    WorkerStanding,
)

_ROWS_AT_ONCE = 10_000


def keep(session: Session, config: VerifyConfig) -> None:
    """Count the answers that are newer than the newest counted one, and what follows from them.

    Brings the standing of those who gave them up to date, and the decisions about what they
    are about; also about all that a worker answered, where the worker's answers begin or
    cease to count. Call it in a writing session.
    """
    session.flush()
    new: dict[str, list[int]] = {}
    for name, answer_id in session.connection().execute(_new_ids()):
        new.setdefault(name, []).append(answer_id)
    for kind in KINDS:
        if kind.name in new:
            _keep(kind, session, sorted(new[kind.name]), config)


def is_counted_by(session: Session, config: VerifyConfig) -> bool:
    """Tell whether what is kept was counted by these rules, or there is nothing to count."""
    rules = session.get(Setting, _RULES)
    if rules is not None:
        return rules.value == _written(config)
    return not has_answers(session) and session.scalar(select(Task.id).limit(1)) is None


def has_answers(session: Session) -> bool:
    """Tell whether anybody has answered anything, of any kind."""
    return any(session.scalar(select(kind.answers.id).limit(1)) is not None for kind in KINDS)


def count_uncounted(session: Session) -> int:
    """Return how many answers nobody has counted yet, such as those written by another program."""
    return sum(session.scalar(_queries(kind).num_new) or 0 for kind in KINDS)


def remake(session: Session, config: VerifyConfig) -> None:
    """Count all answers anew, and decide everything anew, by these rules."""
    session.merge(Setting(key=_RULES, value=_written(config)))
    session.flush()
    for kind in KINDS:
        _remake(kind, session, config)
    remake_hours(session, KINDS)


def _keep(kind: Kind, session: Session, new_ids: Sequence[int], config: VerifyConfig) -> None:
    connection = session.connection()
    new = _read_new(kind, connection, new_ids)
    changed_mind = {row.worker_id for row in new if row.revision}
    kept = _read_kept(kind, connection, {row.worker_id for row in new})
    plain = [row for row in new if row.worker_id not in changed_mind]
    for row, given in _givens(kind, connection, plain, config):
        kept[row.worker_id].record.add(given, config)
    asked = [worker_id for worker_id, one in kept.items() if one.has_open_round]
    ended = _end_rounds(kind, connection, asked, config)
    for worker_id in changed_mind | ended:
        kept[worker_id].record = _recount(kind, session, worker_id, config)
    first = (row.created_at for row in new if not (row.revision or row.is_repeat))
    add_hours(connection, first)
    turned = _write(kind, connection, kept, config)
    things = {row.thing for row in new} | _things_of(kind, session, turned)
    kind.decide(session, things, config)


def _read_new(kind: Kind, connection: Connection, new_ids: Sequence[int]) -> list[Any]:
    """Return the answers that are not counted yet.

    They are named one by one: how few are newer than another one PostgreSQL does not foresee.
    """
    some = ({"ids": listed(ids)} for ids in chunks(new_ids))
    return [row for ids in some for row in connection.execute(_queries(kind).new, ids)]


def _remake(kind: Kind, session: Session, config: VerifyConfig) -> None:
    records: dict[int, Record] = defaultdict(Record)
    connection = session.connection()
    passed = read_passed(connection, kind.name)
    rows = session.execute(_queries(kind).standing, execution_options={"yield_per": _ROWS_AT_ONCE})
    for chunk in rows.partitions():
        for row, given in _givens(kind, connection, chunk, config):
            _add(records[row.worker_id], given, config, passed)
    kept = _read_kept(kind, connection, records.keys())
    for worker_id, record in records.items():
        kept[worker_id].record = record
    _write(kind, connection, kept, config)
    kind.remake(session, config)


def _givens(
    kind: Kind, connection: Connection, rows: Sequence[Any], config: VerifyConfig
) -> Iterator[tuple[Any, Given]]:
    return zip(rows, kind.givens(connection, rows, config), strict=True)


def _written(config: VerifyConfig) -> str:
    return json.dumps(asdict(config), sort_keys=True)


def rejudge(session: Session, worker_ids: Collection[int], config: VerifyConfig) -> None:
    """Bring standings and decisions in line with what the owner did about workers."""
    session.flush()
    for kind in KINDS:
        connection = session.connection()
        turned = _write(kind, connection, _read_kept(kind, connection, worker_ids), config)
        session.expire_all()
        kind.decide(session, _things_of(kind, session, turned), config)


def read_standings(
    session: Session, config: VerifyConfig, kind: Kind = KINDS[0]
) -> dict[int, Standing]:
    """Return how every worker who has answered stands, or about whom the owner did something."""
    kept = _kept_by_worker(kind, session.connection().execute(_KEPT, {"kind": kind.name}))
    return {
        worker_id: one.judge(config)
        for worker_id, one in sorted(kept.items())
        if one.record.num_votes or one.owners
    }


def read_standing(
    session: Session, worker_id: int, config: VerifyConfig, kind: Kind = KINDS[0]
) -> Standing:
    """Return how one worker stands."""
    return _read_kept(kind, session.connection(), [worker_id])[worker_id].judge(config)


@dataclass(slots=True)
class _Kept:
    """What is kept about one worker's answers of one kind."""

    kind: Kind
    record: Record
    owners: tuple[Fault, ...]
    is_new: bool
    """Whether nothing is kept yet."""
    is_set_aside: bool
    has_open_round: bool
    """Whether the worker is asked a round of gold."""

    def judge(self, config: VerifyConfig) -> Standing:
        return judge(self.record, config, self.owners, self.kind.faults)


def _read_kept(kind: Kind, connection: Connection, worker_ids: Collection[int]) -> dict[int, _Kept]:
    asked = {"ids": listed(worker_ids), "kind": kind.name}
    return _kept_by_worker(kind, connection.execute(_KEPT_OF, asked))


def _kept_by_worker(kind: Kind, rows: Iterable[Any]) -> dict[int, _Kept]:
    return {
        row.id: _Kept(
            kind=kind,
            record=Record() if row.worker_id is None else _record(row),
            owners=_owners_faults(row),
            is_new=row.worker_id is None,
            is_set_aside=bool(row.is_warned),
            has_open_round=row.has_open_round,
        )
        for row in rows
    }


def _write(
    kind: Kind, connection: Connection, kept: Mapping[int, _Kept], config: VerifyConfig
) -> set[int]:
    """Write standings; return the workers whose answers begin or cease to count."""
    turned: set[int] = set()
    new, known = [], []
    for worker_id, one in kept.items():
        standing = one.judge(config)
        row = _row(standing)
        if one.is_new:
            new.append({"worker_id": worker_id, "kind": kind.name, **row})
        else:
            known.append({"_worker_id": worker_id, "_kind": kind.name, **row})
        if standing.is_warned != one.is_set_aside:
            turned.add(worker_id)
    if new:
        connection.execute(_INSERT, new)
    if known:
        connection.execute(_UPDATE, known)
    return turned


def _things_of(kind: Kind, session: Session, worker_ids: Collection[int]) -> set[int]:
    """Return what any of these workers said something about."""
    if not worker_ids:
        return set()
    answers = kind.answers
    query = select(_thing(kind)).where(answers.worker_id.in_(worker_ids))
    return set(session.scalars(query))


def _recount(kind: Kind, session: Session, worker_id: int, config: VerifyConfig) -> Record:
    """Count one worker's answers anew; of two to one question, the later."""
    connection = session.connection()
    query = _queries(kind).standing.where(kind.answers.worker_id == worker_id)
    record, passed = Record(), read_passed(connection, kind.name)
    for _, given in _givens(kind, connection, connection.execute(query).all(), config):
        _add(record, given, config, passed)
    return record


def _add(record: Record, given: Given, config: VerifyConfig, passed: Mapping[int, Any]) -> None:
    """Count an answer; from one on that ends a round of gold, passed, the worker begins anew."""
    record.add(given, config)
    if (one := passed.get(given.answer_id)) is not None:
        begin_anew(record, one)


def _end_rounds(
    kind: Kind, connection: Connection, worker_ids: Collection[int], config: VerifyConfig
) -> set[int]:
    """End the rounds of gold that these workers have answered; return who those are."""
    ended = set()
    for one in read_open(connection, kind.name, worker_ids):
        of_round = (TaskSlot.task_id == one.task_id, kind.answers.worker_id == one.worker_id)
        rows = connection.execute(_queries(kind).standing.where(*of_round)).all()
        if len(rows) >= one.num_asked - one.num_unplayed:
            givens = (given for _, given in _givens(kind, connection, rows, config))
            end_round(connection, one, givens, kind, config)
            ended.add(one.worker_id)
    return ended


def _thing(kind: Kind) -> Any:
    return getattr(kind.answers, kind.subject[0])


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


@dataclass(frozen=True, slots=True)
class _Queries:
    """What is asked of the answers of one kind, in the order in which they came."""

    standing: Select[Any]
    """Those that were not replaced."""
    new: Select[Any]
    """Those with these ids."""
    num_new: Select[Any]
    """How many that are not counted yet were not replaced."""


@cache
def _queries(kind: Kind) -> _Queries:
    answers = kind.answers
    rows = (
        select(
            answers.id,
            answers.worker_id,
            _thing(kind).label("thing"),
            answers.answered_at,
            answers.created_at,
            answers.revision,
            kind.is_repeat().label("is_repeat"),
            TaskSlot.gold_id,
            Assignment.taken_at,
            *kind.columns,
        )
        .join(TaskSlot, TaskSlot.id == answers.slot_id)
        .outerjoin(Gold, Gold.id == TaskSlot.gold_id)
        .outerjoin(
            Assignment,
            and_(
                Assignment.task_id == TaskSlot.task_id,
                Assignment.worker_id == answers.worker_id,
            ),
        )
        .order_by(answers.id)
    )
    newest = _newest(kind)
    return _Queries(
        standing=rows.where(kind.is_last()),
        new=rows.where(among(answers.id, "ids")),
        num_new=select(func.count(answers.id)).where(answers.id > newest, kind.is_last()),
    )


@cache
def _new_ids() -> Any:
    """Return the query of which answers are not counted yet: their kinds, and their ids."""
    return union_all(
        *(
            select(literal(kind.name), kind.answers.id).where(kind.answers.id > _newest(kind))
            for kind in KINDS
        )
    )


def _newest(kind: Kind) -> ScalarSelect[Any]:
    """Return the number of the newest answer that is counted; 0 where none is."""
    return (
        select(func.coalesce(func.max(WorkerStanding.last_vote_id), 0))
        .where(WorkerStanding.kind == kind.name)
        .scalar_subquery()
    )


_RULES = "verify"
_STANDING: Any = WorkerStanding.__table__
_HAS_OPEN_ROUND = exists(GoldRound.id).where(
    GoldRound.worker_id == Worker.id,
    GoldRound.kind == bindparam("kind"),
    GoldRound.state == RoundState.OPEN,
)
_KEPT = select(
    Worker.id,
    Worker.excluded_at,
    Worker.same_as_id,
    _HAS_OPEN_ROUND.label("has_open_round"),
    *_STANDING.columns,
).outerjoin(
    WorkerStanding,
    and_(WorkerStanding.worker_id == Worker.id, WorkerStanding.kind == bindparam("kind")),
)
_KEPT_OF = _KEPT.where(among(Worker.id, "ids"))
_INSERT = insert(_STANDING)
_UPDATE = (
    update(_STANDING)
    .where(_STANDING.c.worker_id == bindparam("_worker_id"), _STANDING.c.kind == bindparam("_kind"))
    .values(
        {column.name: bindparam(column.name) for column in _STANDING.c if not column.primary_key}
    )
)
