"""A policy that asks where it pays, and whom it pays to ask, until it is sure.

Shapes, as name suffixes: N clips, W workers, L looks of a clip.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from kinetics_builder.crowd.policies.answered import Answered, Bools, Floats, Questions
from kinetics_builder.crowd.policies.beliefs import Beliefs, believe
from kinetics_builder.crowd.policies.dealing import Round, deal
from kinetics_builder.crowd.policies.policy import Decisions
from kinetics_builder.crowd.policies.scores import MISLEADING
from kinetics_builder.crowd.policies.targets import Acceptance, Targets, accept
from kinetics_builder.crowd.policies.worth import worth_of_clips, worth_of_workers

_FAR, _LEAST_OF_ROUND = 0.1, 0.1
"""Rounds shrink as the recall comes nearer than this, down to this share of a round."""
NOTHING: Questions = Questions(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """Decides by what all answers, gold and the classifier say together.

    Who is asked: everybody gets a first task; then those who seem to tell at least
    `least_share` of what the better half tells, and of these who has answered least.
    """

    targets: Targets = field(default_factory=Targets)
    task_size: int = 18
    """Questions about clips in a task."""
    round_share: float = 0.15
    """Share of the clips that is asked about between two looks at the answers."""
    misleading: float = MISLEADING
    """Share of the clips that is taken to look like what they are not. Answers cannot tell, and
    scores hardly: an audit of accepted clips can."""
    least_share: float = 0.75
    """Of the bits that the better half of the workers tell, to be asked again."""
    most_answers: int = 12
    """About one clip."""
    threshold: float = 0.7
    """Accepting a likelier clip is worth something when answers are weighed, in (0, 1)."""
    least_worth: float = 0.0005
    """Right decisions that an answer must be expected to gain; below, no more is asked."""

    def next_questions(self, answered: Answered) -> Questions:
        """Return the clips about which an answer is worth most, dealt to those who tell most."""
        beliefs = believe(answered, misleading=self.misleading)
        acceptance = accept(beliefs.probability_N, self.targets)
        if acceptance.is_met or not answered.num_workers:
            return NOTHING
        is_asked_W = self._whom(beliefs, answered)
        worth_N = self._worth(beliefs, answered, is_asked_W)
        clips = np.argsort(-worth_N, kind="stable")[: int((worth_N > 0).sum())]
        num_W = np.bincount(answered.worker_V, minlength=answered.num_workers)
        workers = sorted(np.flatnonzero(is_asked_W).tolist(), key=lambda one: (num_W[one], one))
        return deal(clips, workers, self._round(acceptance), answered)

    def decide(self, answered: Answered) -> Decisions:
        """Return the largest set of likely clips whose purity holds, and what became of others.

        Until the targets are met, those are open about which another answer is worth asking.
        """
        beliefs = believe(answered, misleading=self.misleading)
        probability_N = beliefs.probability_N
        acceptance = accept(probability_N, self.targets)
        worth_N = self._worth(beliefs, answered, self._whom(beliefs, answered))
        return Decisions(
            acceptance.is_accepted_N,
            ~acceptance.is_accepted_N & (worth_N > 0) & (not acceptance.is_met),
            probability_N,
            acceptance.purity,
            acceptance.recall,
        )

    def _whom(self, beliefs: Beliefs, answered: Answered) -> Bools:
        told_W = worth_of_workers(beliefs.yes_WL, beliefs.common.spread)
        better_half = np.sort(told_W)[answered.num_workers // 2 :]
        is_new_W = np.bincount(answered.worker_V, minlength=answered.num_workers) == 0
        found: Bools = (told_W >= self.least_share * better_half.mean()) | is_new_W
        return found

    def _worth(self, beliefs: Beliefs, answered: Answered, is_asked_W: Bools) -> Floats:
        """Return what an answer about each clip is worth, 0 where it is not asked for any more."""
        if not answered.num_workers:
            return np.zeros(answered.num_clips)
        yes_L = beliefs.yes_WL[is_asked_W].mean(axis=0)
        worth_N = worth_of_clips(beliefs.truth_looks_NTL, yes_L, self.threshold)
        is_asked_N = (worth_N >= self.least_worth) & (answered.num_answers_N < self.most_answers)
        return np.where(is_asked_N, worth_N, 0)

    def _round(self, acceptance: Acceptance) -> Round:
        share = self.round_share * min(1, max(acceptance.short / _FAR, _LEAST_OF_ROUND))
        return Round(math.ceil(share * len(acceptance.is_accepted_N)), self.task_size)
