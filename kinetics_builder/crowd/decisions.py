"""Votes -> `decision`, one row for each clip that has an answer about its own label."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.policy import verdict_of
from kinetics_builder.database.bulk import replace_rows
from kinetics_builder.database.tables import Answer, Clip, Decision, Vote, WorkerStanding

_CLIPS_AT_ONCE = 500


def decide_clips(session: Session, clip_ids: Collection[int], config: VerifyConfig) -> None:
    """Decide these clips from the votes that count.

    An answer about a clip's own label counts wherever it was asked, as gold too: the worker
    could not tell. Of several answers of one worker the last counts. Votes of workers who
    are set aside are counted apart and decide nothing.
    """
    ordered = sorted(clip_ids)
    for start in range(0, len(ordered), _CLIPS_AT_ONCE):
        chunk = ordered[start : start + _CLIPS_AT_ONCE]
        rows = _read(session, config, chunk)
        table: Any = Decision.__table__
        connection = session.connection()
        connection.execute(delete(table).where(table.c.clip_id.in_(chunk)))
        if rows:
            connection.execute(
                insert(table), [{"clip_id": clip_id, **row} for clip_id, row in rows.items()]
            )
    session.expire_all()


def remake_decisions(session: Session, config: VerifyConfig) -> None:
    """Make `decision` anew from all votes."""
    replace_rows(session, Decision, _read(session, config))


def _read(
    session: Session, config: VerifyConfig, clip_ids: Sequence[int] | None = None
) -> dict[int, dict[str, Any]]:
    is_set_aside = Vote.worker_id.in_(
        select(WorkerStanding.worker_id).where(WorkerStanding.is_warned)
    )
    trusted = ~is_set_aside
    by_answer = [_count(and_(trusted, Vote.answer == answer)) for answer in Answer]
    lasting = _count(and_(trusted, Vote.answer == Answer.YES, Vote.lasts_whole_clip.is_(True)))
    query = (
        select(Vote.clip_id, *by_answer, lasting, _count(is_set_aside))
        .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
        .where(Vote.stands())
        .group_by(Vote.clip_id)
    )
    if clip_ids is not None:
        query = query.where(Vote.clip_id.in_(clip_ids))
    rows: Iterable[Any] = session.execute(query)
    return {
        clip_id: {
            "verdict": verdict_of(yes, yes + no + unsure + bad, config),
            "num_yes": yes,
            "num_no": no,
            "num_unsure": unsure,
            "num_bad": bad,
            "num_set_aside": set_aside,
            "lasts_whole_clip": 2 * lasting > yes,
        }
        for clip_id, yes, no, unsure, bad, lasting, set_aside in rows
    }


def _count(condition: Any) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
