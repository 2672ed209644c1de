"""Which workers are flagged, and for what: read from the newest votes. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.flags.answer import Beside, Flag
from kinetics_builder.crowd.flags.contradicting import flag_of_contradiction
from kinetics_builder.crowd.flags.hurrying import flag_of_haste
from kinetics_builder.crowd.flags.repeating import flag_of_one_answer, flag_of_pattern
from kinetics_builder.crowd.repeats import read_consistency
from kinetics_builder.database.tables import Clip, Vote, Worker

NUM_LOOKED_AT = 200
"""Of a worker's answers so many of the newest are looked at."""
_FLAGS = (flag_of_haste, flag_of_one_answer, flag_of_pattern)
_CLIPS_AT_ONCE = 500


def flags_of(answers: Sequence[Beside]) -> list[Flag]:
    """Return all that is to be said of one worker's answers, in the order of answering."""
    return [flag for look in _FLAGS if (flag := look(answers)) is not None]


def read_flags(session: Session, worker_ids: Iterable[int] | None = None) -> dict[int, list[Flag]]:
    """Return the flags of workers who have any, by id; of all, or of these.

    Looks at the newest `NUM_LOOKED_AT` answers about clips of each, gold among them, in their
    order; an answer that was replaced is none. Beside them all answers to clips that were asked
    about once more.
    """
    asked = worker_ids if worker_ids is not None else session.scalars(_WORKERS)
    ids = sorted(asked)
    rows = {worker_id: _newest(session, worker_id) for worker_id in ids}
    beside = _read_beside(session, {row.clip_id for found in rows.values() for row in found})
    flags = {
        worker_id: flags_of([_beside(row, beside[row.clip_id, row.label_id]) for row in found])
        for worker_id, found in rows.items()
    }
    for worker_id, flag in _contradictions(session, set(ids)):
        flags[worker_id].append(flag)
    return {worker_id: found for worker_id, found in flags.items() if found}


def _contradictions(session: Session, worker_ids: set[int]) -> Iterator[tuple[int, Flag]]:
    """Yield who of these contradicts themselves more often than all others."""
    everybody = read_consistency(session)
    num = sum(one.num for one in everybody.values())
    num_differing = sum(len(one.differing) for one in everybody.values())
    for worker_id in sorted(everybody.keys() & worker_ids):
        mine = everybody[worker_id]
        others = num - mine.num, num_differing - len(mine.differing)
        if (flag := flag_of_contradiction(mine, *others)) is not None:
            yield worker_id, flag


def read_named_flags(session: Session) -> dict[str, list[Flag]]:
    """Return the flags of all workers who have any, by their names, in that order."""
    flags = read_flags(session)
    rows = session.execute(_NAMES, {"ids": sorted(flags)})
    return {name: flags[worker_id] for worker_id, name in rows}


def _newest(session: Session, worker_id: int) -> list[Any]:
    rows = session.execute(_NEWEST, {"worker_id": worker_id, "number": NUM_LOOKED_AT}).all()
    return list(rows)[::-1]


def _read_beside(session: Session, clip_ids: set[int]) -> Mapping[tuple[int, int], list[Any]]:
    """Return the answers about clips, by clip and label."""
    found = defaultdict[tuple[int, int], list[Any]](list)
    ordered = sorted(clip_ids)
    for start in range(0, len(ordered), _CLIPS_AT_ONCE):
        chunk = {"clips": ordered[start : start + _CLIPS_AT_ONCE]}
        for row in session.execute(_BESIDE, chunk):
            found[row.clip_id, row.label_id].append(row)
    return found


def _beside(row: Any, all_rows: Sequence[Any]) -> Beside:
    others = [one for one in all_rows if one.worker_id != row.worker_id]
    return Beside(
        clip_id=row.clip_id,
        said=row.answer.value,
        others=tuple(one.answer.value for one in others),
        seconds=row.seconds,
        seconds_of_others=tuple(one.seconds for one in others if one.seconds is not None),
        clip_seconds=row.end_seconds - row.start_seconds,
    )


_WORKERS = select(Worker.id).where(Worker.name.is_not(None), Worker.same_as_id.is_(None))
_NAMES: Any = (
    select(Worker.id, Worker.name)
    .where(Worker.id.in_(bindparam("ids", expanding=True)))
    .order_by(Worker.name)
)
_NEWEST = (
    select(
        Vote.id,
        Vote.worker_id,
        Vote.clip_id,
        Vote.label_id,
        Vote.answer,
        Vote.seconds,
        Clip.start_seconds,
        Clip.end_seconds,
    )
    .join(Clip, Clip.id == Vote.clip_id)
    .where(Vote.worker_id == bindparam("worker_id"), Vote.stands())
    .order_by(Vote.id.desc())
    .limit(bindparam("number"))
)
_BESIDE = (
    select(Vote.clip_id, Vote.label_id, Vote.worker_id, Vote.answer, Vote.seconds)
    .join(Worker, Worker.id == Vote.worker_id)
    .where(Vote.clip_id.in_(bindparam("clips", expanding=True)), Vote.stands())
    .where(Worker.same_as_id.is_(None))
    .order_by(Vote.id)
)
