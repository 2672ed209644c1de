"""Votes, gold and scores -> what the posterior policy thinks, of all clips at once.

Shapes, as name suffixes: N clips, V votes, W workers, L looks of a clip.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.auditing import read_judged_draws
from kinetics_builder.crowd.clips.ruled import read_ruled
from kinetics_builder.crowd.clips.rules import Bar, Rules, policy_of
from kinetics_builder.crowd.clips.seeing import seen_of
from kinetics_builder.crowd.policies.answered import Answered, Bools, Floats, Ints, Questions
from kinetics_builder.crowd.policies.kept import Kept, Seen, cut_of
from kinetics_builder.crowd.policies.posterior import Look
from kinetics_builder.crowd.policies.reach import OutOfReach
from kinetics_builder.crowd.policies.scores import standardised
from kinetics_builder.crowd.policies.targets import Acceptance, accept
from kinetics_builder.crowd.policies.turning import Misleading, purity_doubt
from kinetics_builder.database.tables import (
    Answer,
    Clip,
    Gold,
    TaskSlot,
    Verdict,
    Vote,
    WorkerStanding,
)

_WORD = 0.98
"""P(yes) of a clip of which the owner says yes; what people say of it still decides."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """What a look at everything shows, as it is kept until the next."""

    rules: Rules
    prior_by_clip: Mapping[int, float]
    """P(yes) before anybody has answered, of each clip that is asked about or has votes."""
    workers: Mapping[int, Mapping[str, Any]]
    """Rows of `worker_belief` without their key."""
    purity: float | None
    """What is claimed of the clips accepted by answers; None where none is."""
    recall: float | None
    """What is claimed of all clips that answers alone decide."""
    purity_doubt: float
    """Standard deviation of that purity, by what isn't known of clips that mislead."""
    out_of_reach: OutOfReach | None = None
    """Why no clip will be accepted, however many answer; None where some may be."""


def weigh(session: Session, config: VerifyConfig) -> Weighed | None:
    """Return what follows from all votes that count, gold and scores; None without clips.

    A clip that is gold is no question: answers about it tell of the worker alone, and what its
    owner says of it stands for its score. Scores are compared within a class. Whoever is unsure
    says nothing of a clip. Only reads.

    What is claimed, and the bar, is of the clips that answers alone decide: those that the owner
    has decided are left out, of the accepted as of all. Such a clip would spoil the claim by the
    doubt that its answers leave, and counted as right it would flatter it. Its answers tell of
    their workers like all others.
    """
    clips, votes = session.execute(_CLIPS).all(), session.execute(_VOTES).all()
    known = session.execute(_GOLD).all()
    if not clips:
        return None
    asked = [clip for clip in clips if clip.expected is None]
    workers = sorted({row.worker_id for row in (*votes, *known)})
    answered = _answered(asked, votes, known, workers)
    answered = answered.with_audit(*_audited(session, asked))
    look = policy_of(config).look(answered)
    kept = Kept.of(look)
    prior_N = look.beliefs.common.scores.yes_N(answered.score_N)
    rows = _worker_rows(workers, look)
    priors = list(zip((clip.id for clip in asked), prior_N.tolist(), strict=True))
    said = [(one.clip_id, one.answer, rows[one.worker_id]["yes_by_looks"]) for one in votes]
    ruled = read_ruled(session)
    by_answers = [one for one in priors if one[0] not in ruled]
    accepted = _accepted(seen_of(by_answers, said, kept), kept, config)
    prior = {row.id: _WORD if row.expected is Answer.YES else 1 - _WORD for row in clips}
    prior |= dict(priors)
    return Weighed(
        Rules(
            kept=kept,
            bars={"": accepted.bar},
            through=max((vote.vote_id for vote in votes), default=0),
            num_next=policy_of(config).num_asked_at_once(accepted.acceptance),
        ),
        prior,
        rows,
        accepted.acceptance.purity,
        accepted.acceptance.recall,
        accepted.doubt,
        accepted.out_of_reach,
    )


@dataclass(frozen=True, eq=False)
class _Accepted:
    acceptance: Acceptance
    bar: Bar
    doubt: float
    out_of_reach: OutOfReach | None


def _accepted(seen: Seen, kept: Kept, config: VerifyConfig) -> _Accepted:
    truth_looks_NTL = seen.truth_looks(kept)
    probability_N = truth_looks_NTL[:, 1].sum(axis=1).clip(0, 1)
    policy = policy_of(config)
    found = accept(probability_N, policy.targets, ~seen.is_denied_N)
    misleading = Misleading(kept.misleading, kept.misleading_doubt)
    doubt = purity_doubt(truth_looks_NTL[found.is_accepted_N], misleading)
    why_none = (
        None if found.is_accepted_N.any() else policy.out_of_reach(truth_looks_NTL, kept.misleading)
    )
    return _Accepted(found, Bar(cut_of(probability_N, found), found.is_met), doubt, why_none)


def _audited(session: Session, asked: Sequence[Any]) -> tuple[Ints, Bools]:
    """Return the places of clips that were drawn by chance, and whether the owner accepts them."""
    clip_at = {clip.id: number for number, clip in enumerate(asked)}
    said = {clip: word for clip, word in read_judged_draws(session).items() if clip in clip_at}
    clip_U = np.array([clip_at[clip] for clip in said], np.int64)
    return clip_U, np.array([word is Verdict.ACCEPTED for word in said.values()], np.bool_)


def _answered(
    asked: Sequence[Any], votes: Sequence[Any], known: Sequence[Any], workers: Sequence[int]
) -> Answered:
    clip_at = {clip.id: number for number, clip in enumerate(asked)}
    worker_at = {worker: number for number, worker in enumerate(workers)}
    told = [vote for vote in votes if vote.clip_id in clip_at and vote.answer is not Answer.UNSURE]
    questions = Questions(
        np.array([clip_at[vote.clip_id] for vote in told], np.int64),
        np.array([worker_at[vote.worker_id] for vote in told], np.int64),
    )
    gold_worker_G = np.array([worker_at[row.worker_id] for row in known], np.int64)
    return (
        Answered.nothing(standardised(_scores(asked)), len(workers))
        .with_answers(questions, _are_yes(told, "answer"))
        .with_gold(gold_worker_G, _are_yes(known, "expected"), _are_yes(known, "answer"))
    )


def _worker_rows(workers: Sequence[int], look: Look) -> dict[int, dict[str, Any]]:
    return {
        worker: {"yes_by_looks": yes_L, "is_asked": is_asked}
        for worker, yes_L, is_asked in zip(
            workers, look.beliefs.yes_WL.tolist(), look.is_asked_W.tolist(), strict=True
        )
    }


def _scores(clips: Sequence[Any]) -> Floats:
    """Return the score of each clip, in deviations from the mean of its class."""
    score_N = np.array([clip.score for clip in clips], np.float64)
    label_N: Ints = np.array([clip.label_id for clip in clips], np.int64)
    for label in np.unique(label_N):
        score_N[label_N == label] = standardised(score_N[label_N == label])
    return score_N


def _are_yes(rows: Sequence[Any], name: str) -> Bools:
    return np.array([getattr(row, name) is Answer.YES for row in rows], np.bool_)


_IS_GOLD = and_(Gold.clip_id == Vote.clip_id, Gold.label_id == Vote.label_id)
_COUNTS = ~func.coalesce(WorkerStanding.is_warned, false())
_ASKED = select(TaskSlot.clip_id).where(
    TaskSlot.clip_id.is_not(None), TaskSlot.tree_id.is_(None), TaskSlot.gold_id.is_(None)
)
_ANSWERED = select(Vote.clip_id).where(Vote.label_id == Clip.label_id, Vote.clip_id == Clip.id)
_CLIPS = (
    select(Clip.id, Clip.label_id, Clip.score, Gold.expected)
    .outerjoin(Gold, and_(Gold.clip_id == Clip.id, Gold.label_id == Clip.label_id))
    .where(or_(and_(Clip.id.in_(_ASKED), ~Clip.is_withdrawn), _ANSWERED.correlate(Clip).exists()))
    .order_by(Clip.id)
)
_VOTES = (
    select(Vote.id.label("vote_id"), Vote.clip_id, Vote.worker_id, Vote.answer)
    .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .where(Vote.stands(), _COUNTS)
)
_GOLD = (
    select(Vote.worker_id, Vote.answer, Gold.expected)
    .join(Gold, _IS_GOLD)
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .where(Vote.stands(), _COUNTS)
)
