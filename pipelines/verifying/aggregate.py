"""Verb `aggregate`: votes -> what is known about workers, and a decision for each clip."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.auditing import read_audit
from kinetics_builder.crowd.clips.claims import read_claims
from kinetics_builder.crowd.clips.gating import is_closed
from kinetics_builder.crowd.clips.parts import is_asked_by_parts
from kinetics_builder.crowd.records import has_answers, read_standings, remake
from kinetics_builder.database.tables import (
    ActionCandidate,
    BoxProposal,
    Clip,
    ClipPlace,
    Decision,
    LinkDecision,
    PersonAction,
    Standing,
    TaskSlot,
    TreeDecision,
    Verdict,
)
from kinetics_builder.errors import StageOrderError
from pipelines.verifying.assign import count_new_questions
from pipelines.verifying.gold_votes import count_new_gold


@dataclass(frozen=True)
class AggregateReport:
    """What the votes say."""

    num_votes: int
    """Answers about clips' own labels, which decide."""
    num_gold_votes: int
    """Answers to gold questions, which judge the worker."""
    num_set_aside: int
    """Answers of workers who are set aside, which decide nothing."""
    num_accepted: int
    num_rejected: int
    num_open: int
    """Clips in tasks that need more answers, those without any included."""
    num_workers: int
    num_warned: int
    """Workers whose votes are set aside."""
    num_waiting: int
    """Clips that `assign` can put into tasks now."""
    num_new_gold: int
    """Accepted clips all agreed on, which `gold --from-votes` can make questions of."""
    num_boxes_proposed: int = 0
    """Persons whose actions enough people have named."""
    num_boxes_rejected: int = 0
    """Boxes of which enough people say that no action can be named."""
    num_candidates: int = 0
    """Actions that were proposed for a person."""
    num_actions_accepted: int = 0
    num_actions_rejected: int = 0
    num_stretches: int = 0
    """Stretches of films of which it is decided whose the boxes are, gold included."""
    num_walked: int = 0
    """Clips about which trees of questions were walked, and nobody else is asked."""
    num_at_class: int = 0
    """Of them, those that the decided answers lead to a class."""
    num_at_group: int = 0
    """Of them, those that stand at an inner node: a question is not decided."""
    claimed_purity: float | None = None
    """Share of accepted clips that the posterior policy expects to be right; None of another
    policy, and where none is accepted."""
    claimed_recall: float | None = None
    """Share of all right clips with answers that it expects to have accepted."""
    purity_doubt: float = 0.0
    """How far off the claimed purity may be, as isn't known how many clips mislead."""
    out_of_reach: str = ""
    """Why no clip will be accepted, however many answer; empty where some may be."""
    audited: str = ""
    """What the newest audit says of accepted clips; empty without one."""


def aggregate(session: Session, config: VerifyConfig) -> AggregateReport:
    """Judge the workers by their answers, then decide every clip that has votes.

    A clip's decision is made from the votes of workers who are not set aside, and from
    nothing else: the votes of others are counted apart, and a clip that is undecided without
    them stays open for others to answer. The page keeps all of this with every answer;
    here it is made anew from `vote` alone, into `worker_standing` and `decision`, and so
    are decisions about boxes from their answers. Running it again gives the same rows.
    The posterior policy decides all clips together, here alone.

    Raises:
        StageOrderError: Nobody has answered anything.

    """
    if not has_answers(session):
        raise StageOrderError("aggregate", needs="annotate", what="votes")
    remake(session, config)
    standings = [
        standing for standing in read_standings(session, config).values() if standing.num_votes
    ]
    proposals, actions = _verdicts_in(session, BoxProposal), _verdicts_in(session, PersonAction)
    verdicts = count_verdicts(session)
    num_counted, num_set_aside = session.execute(_VOTES).one()
    claims = read_claims(session)
    return AggregateReport(
        num_votes=num_counted + num_set_aside,
        num_gold_votes=sum(standing.num_gold for standing in standings),
        num_set_aside=num_set_aside,
        num_accepted=verdicts[Verdict.ACCEPTED],
        num_rejected=verdicts[Verdict.REJECTED],
        num_open=verdicts[Verdict.OPEN],
        num_workers=len(standings),
        num_warned=sum(standing.is_warned for standing in standings),
        num_waiting=count_new_questions(session),
        num_new_gold=count_new_gold(session, config),
        num_boxes_proposed=proposals[Verdict.ACCEPTED],
        num_boxes_rejected=proposals[Verdict.REJECTED],
        num_candidates=session.scalar(select(func.count()).select_from(ActionCandidate)) or 0,
        num_actions_accepted=actions[Verdict.ACCEPTED],
        num_actions_rejected=actions[Verdict.REJECTED],
        num_stretches=session.scalar(select(func.count()).where(LinkDecision.is_decided)) or 0,
        **_count_walked(session),
        claimed_purity=claims.purity,
        claimed_recall=claims.recall,
        purity_doubt=claims.purity_doubt,
        out_of_reach=claims.out_of_reach,
        audited=audit.words if (audit := read_audit(session)) else "",
    )


def _count_walked(session: Session) -> dict[str, int]:
    walked = select(func.count()).where(TreeDecision.verdict != Verdict.OPEN)
    return {
        "num_walked": session.scalar(walked) or 0,
        "num_at_class": session.scalar(walked.where(TreeDecision.label_id.is_not(None))) or 0,
        "num_at_group": session.scalar(walked.where(TreeDecision.question.is_not(None))) or 0,
    }


def _verdicts_in(session: Session, table: type[BoxProposal] | type[PersonAction]) -> Counter[Any]:
    rows = session.execute(select(table.verdict, func.count()).group_by(table.verdict))
    return Counter({verdict: number for verdict, number in rows})


def count_verdicts(session: Session) -> Counter[Verdict]:
    """Return how many clips are accepted, rejected and open, which need more answers.

    Open are the clips of questions, those without any answer included. A duplicate that was
    asked about as gold, a clip that was withdrawn, an open one of a class that is closed, and one
    of which is asked by now which part of its class it is, are none of the three: nothing waits
    for them, and nothing comes of them.
    """
    query = (
        select(Decision.verdict, func.count())
        .join(Clip, Clip.id == Decision.clip_id)
        .where(may_be_released(), Decision.verdict != Verdict.OPEN)
        .group_by(Decision.verdict)
    )
    found = Counter({verdict: number for verdict, number in session.execute(query)})
    found[Verdict.OPEN] = _count_open(session)
    return found


def may_be_released() -> ColumnElement[bool]:
    """Return the condition that a clip is neither withdrawn nor a duplicate asked about as gold."""
    is_duplicate = Clip.id.in_(
        select(ClipPlace.clip_id).where(ClipPlace.standing == Standing.DUPLICATE)
    )
    return and_(~Clip.is_withdrawn, ~is_duplicate)


def _count_open(session: Session) -> int:
    query = (
        select(func.count(TaskSlot.clip_id.distinct()))
        .join(Clip, Clip.id == TaskSlot.clip_id)
        .outerjoin(Decision, Decision.clip_id == TaskSlot.clip_id)
        .where(
            TaskSlot.gold_id.is_(None),
            ~Clip.is_withdrawn,
            ~is_closed(Clip.label_id),
            ~is_asked_by_parts(Clip.id),
            func.coalesce(Decision.verdict, Verdict.OPEN.value) == Verdict.OPEN.value,
        )
    )
    return session.scalar(query) or 0


_COUNTED = Decision.num_yes + Decision.num_no + Decision.num_unsure + Decision.num_bad
_VOTES = select(
    func.coalesce(func.sum(_COUNTED), 0), func.coalesce(func.sum(Decision.num_set_aside), 0)
)
