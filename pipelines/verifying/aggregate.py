"""Verb `aggregate`: votes -> what is known about workers, and a decision for each clip."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.gold import is_warned
from kinetics_builder.crowd.policy import verdict_of
from kinetics_builder.database.bulk import replace_rows
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Decision,
    Gold,
    TaskSlot,
    Verdict,
    Vote,
    WorkerStanding,
)
from kinetics_builder.errors import StageOrderError


@dataclass(frozen=True)
class AggregateReport:
    """What the votes say."""

    num_votes: int
    """Answers about clips' own labels, which decide."""
    num_gold_votes: int
    """Answers to gold questions, which judge the worker."""
    num_set_aside: int
    """Answers of warned workers, which decide nothing."""
    num_accepted: int
    num_rejected: int
    num_open: int
    """Clips in tasks that need more answers, those without any included."""
    num_workers: int
    num_warned: int


def aggregate(session: Session, config: VerifyConfig) -> AggregateReport:
    """Judge the workers by their gold answers, then decide every clip that has votes.

    A clip's decision is made from the votes of workers who are not warned, and from
    nothing else: the votes of warned workers are counted apart, and a clip that is
    undecided without them stays open for others to answer. An answer about a clip's own
    label counts wherever it was asked, as gold too: the worker could not tell. Of several
    answers of one worker to one question the last counts. Reads `vote`; writes
    `worker_standing` and `decision`. Running it again gives the same rows.

    Raises:
        StageOrderError: Nobody has answered anything.

    """
    if session.scalar(select(Vote.id).limit(1)) is None:
        raise StageOrderError("aggregate", needs="annotate", what="votes")
    standings = _standings(session, config)
    replace_rows(session, WorkerStanding, standings)
    decisions = _decisions(session, config)
    replace_rows(session, Decision, decisions)
    num_set_aside = sum(row["num_set_aside"] for row in decisions.values())
    counted = ("num_yes", "num_no", "num_unsure", "num_bad")
    return AggregateReport(
        num_votes=sum(row[name] for row in decisions.values() for name in counted) + num_set_aside,
        num_gold_votes=sum(row["num_gold"] for row in standings.values()),
        num_set_aside=num_set_aside,
        num_accepted=sum(row["verdict"] is Verdict.ACCEPTED for row in decisions.values()),
        num_rejected=sum(row["verdict"] is Verdict.REJECTED for row in decisions.values()),
        num_open=_count_open(session),
        num_workers=len(standings),
        num_warned=sum(row["is_warned"] for row in standings.values()),
    )


def _standings(session: Session, config: VerifyConfig) -> dict[int, dict[str, Any]]:
    """Return a row for every worker who has answered anything."""
    query = (
        select(
            Vote.worker_id,
            func.count(Gold.id),
            _count(Vote.answer == Gold.expected),
        )
        .join(TaskSlot, TaskSlot.id == Vote.slot_id)
        .outerjoin(Gold, Gold.id == TaskSlot.gold_id)
        .where(Vote.stands())
        .group_by(Vote.worker_id)
    )
    return {
        worker_id: {
            "num_gold": num_gold,
            "num_gold_right": num_right,
            "is_warned": is_warned(num_right, num_gold, config),
        }
        for worker_id, num_gold, num_right in session.execute(query)
    }


def _decisions(session: Session, config: VerifyConfig) -> dict[int, dict[str, Any]]:
    """Return a row for every clip with an answer about its own label."""
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


def _count_open(session: Session) -> int:
    query = (
        select(func.count(TaskSlot.clip_id.distinct()))
        .join(Clip, Clip.id == TaskSlot.clip_id)
        .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
        .where(
            TaskSlot.gold_id.is_(None),
            ~Clip.is_withdrawn,
            func.coalesce(Decision.verdict, Verdict.OPEN.value) == Verdict.OPEN.value,
        )
    )
    return session.scalar(query) or 0
