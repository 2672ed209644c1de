"""Votes, gold and scores -> verdicts by the posterior policy, of all clips at once.

Shapes, as name suffixes: N clips, V votes, G gold answers.
"""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from sqlalchemy import and_, false, func, select
from sqlalchemy.orm import Session

from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.clips.decisions import Claims
from kinetics_builder.crowd.policies.answered import Answered, Bools, Floats, Ints, Questions
from kinetics_builder.crowd.policies.posterior import Posterior
from kinetics_builder.crowd.policies.scores import standardised
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.database.tables import Answer, Clip, Gold, Verdict, Vote, WorkerStanding


def weigh(session: Session, config: VerifyConfig) -> tuple[dict[int, Verdict], Claims]:
    """Return the verdict of each clip that has a vote that counts, by its id, and what is claimed.

    A clip that is gold is no question: answers about it tell of the worker alone. Scores are
    compared within a class. Open are the clips about which another answer is worth asking, of
    those with fewer than `config.max_votes`.
    """
    votes, known = session.execute(_VOTES).all(), session.execute(_GOLD).all()
    if not votes:
        return {}, Claims()
    clip_ids, clip_V = _numbered([vote.clip_id for vote in votes])
    workers, worker_VG = _numbered([vote.worker_id for vote in (*votes, *known)])
    num_votes = len(votes)
    answered = (
        Answered.nothing(_scores(votes, clip_V), len(workers))
        .with_answers(Questions(clip_V, worker_VG[:num_votes]), _are_yes(votes, "answer"))
        .with_gold(worker_VG[num_votes:], _are_yes(known, "expected"), _are_yes(known, "answer"))
    )
    targets = Targets(purity=config.purity, recall=config.recall)
    found = Posterior(targets=targets, most_answers=config.max_votes).decide(answered)
    verdicts = np.where(found.is_accepted_N, Verdict.ACCEPTED, Verdict.REJECTED)
    verdicts = np.where(found.is_open_N, Verdict.OPEN, verdicts)
    by_clip = dict(zip(clip_ids, map(Verdict, verdicts.tolist()), strict=True))
    return by_clip, Claims(found.claimed_purity, found.claimed_recall)


def _numbered(ids: Collection[int]) -> tuple[list[int], Ints]:
    """Return the ids that occur, in order, and for each place the number of its id."""
    found, numbers = np.unique(np.array(ids, np.int64), return_inverse=True)
    return found.tolist(), numbers.astype(np.int64)


def _scores(votes: Sequence[Any], clip_V: Ints) -> Floats:
    """Return the score of each clip, in deviations from the mean of its class."""
    num_clips = int(clip_V.max()) + 1
    score_N, label_N = np.empty(num_clips), np.empty(num_clips, np.int64)
    score_N[clip_V] = [vote.score for vote in votes]
    label_N[clip_V] = [vote.label_id for vote in votes]
    for label in np.unique(label_N):
        score_N[label_N == label] = standardised(score_N[label_N == label])
    return score_N


def _are_yes(rows: Sequence[Any], name: str) -> Bools:
    return np.array([getattr(row, name) is Answer.YES for row in rows], np.bool_)


_IS_GOLD = and_(Gold.clip_id == Vote.clip_id, Gold.label_id == Vote.label_id)
_COUNTS = ~func.coalesce(WorkerStanding.is_warned, false())
_VOTES = (
    select(Vote.clip_id, Clip.label_id, Clip.score, Vote.worker_id, Vote.answer)
    .join(Clip, and_(Clip.id == Vote.clip_id, Clip.label_id == Vote.label_id))
    .outerjoin(Gold, _IS_GOLD)
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .where(Vote.stands(), Gold.id.is_(None), _COUNTS)
)
_GOLD = (
    select(Vote.worker_id, Vote.answer, Gold.expected)
    .join(Gold, _IS_GOLD)
    .outerjoin(WorkerStanding, WorkerStanding.of("clip", Vote.worker_id))
    .where(Vote.stands(), _COUNTS)
)
