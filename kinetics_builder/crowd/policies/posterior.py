"""A policy that asks where it pays, and whom it pays to ask, until it is sure.

Shapes, as name suffixes: N clips, W workers, L looks of a clip.
"""

import math
from dataclasses import dataclass, field

import numpy as np

from kinetics_builder.crowd.policies.answered import Answered, Bools, Floats, Ints, Questions
from kinetics_builder.crowd.policies.beliefs import Beliefs, believe
from kinetics_builder.crowd.policies.dealing import Round, deal
from kinetics_builder.crowd.policies.policy import Decisions
from kinetics_builder.crowd.policies.reach import OutOfReach, out_of_reach
from kinetics_builder.crowd.policies.targets import Acceptance, Targets, accept
from kinetics_builder.crowd.policies.turning import Misleading, purity_doubt
from kinetics_builder.crowd.policies.worth import worth_of_clips, worth_of_workers

_FAR, _LEAST_OF_ROUND = 0.1, 0.1
"""Rounds shrink as the recall comes nearer than this, down to this share of a round."""
NOTHING: Questions = Questions(np.zeros(0, np.int64), np.zeros(0, np.int64))


@dataclass(frozen=True, eq=False)
class Look:
    """What a look at all answers shows."""

    beliefs: Beliefs
    is_asked_W: Bools
    """Who is asked on."""

    @property
    def probability_N(self) -> Floats:
        """That a clip shows the action, in [0, 1]."""
        return self.beliefs.probability_N

    @property
    def truth_looks_NTL(self) -> Floats:
        """P(truth, looks) of each clip."""
        return self.beliefs.truth_looks_NTL

    def purity_doubt(self, is_accepted_N: Bools) -> float:
        """Return the standard deviation of the purity of clips, by how many mislead."""
        scores = self.beliefs.common.scores
        misleading = Misleading(scores.misleading, scores.misleading_doubt)
        return purity_doubt(self.truth_looks_NTL[is_accepted_N], misleading)

    @property
    def yes_L(self) -> Floats:
        """P(yes) of those who are asked, on average; that of anybody where nobody is known."""
        asked_WL = self.beliefs.yes_WL[self.is_asked_W]
        if not len(asked_WL):
            return self.beliefs.common.yes_L
        found: Floats = asked_WL.mean(axis=0)
        return found


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
    misleading: float | None = None
    """Share of the clips that look like what they are not, where it is known. Else it is learnt of
    scores, which tell roughly, and of an audit of accepted clips; answers can't tell."""
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
        look = self.look(answered)
        acceptance = accept(look.probability_N, self.targets)
        if acceptance.is_met or not answered.num_workers:
            return NOTHING
        worth_N = self.worth(look.truth_looks_NTL, look.yes_L, answered.num_answers_N)
        clips = np.argsort(-worth_N, kind="stable")[: int((worth_N > 0).sum())]
        num_W = np.bincount(answered.worker_V, minlength=answered.num_workers)
        asked = np.flatnonzero(look.is_asked_W).tolist()
        workers = sorted(asked, key=lambda one: (num_W[one], one))
        size = Round(self.num_asked_at_once(acceptance), self.task_size)
        return deal(clips, workers, size, answered)

    def decide(self, answered: Answered) -> Decisions:
        """Return the largest set of likely clips whose purity holds, and what became of others.

        Until the targets are met, those are open about which another answer is worth asking.
        """
        look = self.look(answered)
        acceptance = accept(look.probability_N, self.targets)
        worth_N = self.worth(look.truth_looks_NTL, look.yes_L, answered.num_answers_N)
        misleading = look.beliefs.common.scores.misleading
        why_none = None
        if not acceptance.is_accepted_N.any():
            why_none = self.out_of_reach(look.truth_looks_NTL, misleading)
        return Decisions(
            acceptance.is_accepted_N,
            ~acceptance.is_accepted_N & (worth_N > 0) & (not acceptance.is_met),
            look.probability_N,
            acceptance.purity,
            acceptance.recall,
            look.purity_doubt(acceptance.is_accepted_N),
            why_none.words if why_none else "",
        )

    def out_of_reach(self, truth_looks_NTL: Floats, misleading: float) -> OutOfReach | None:
        """Return why none of these clips will be accepted; None where some may be."""
        is_told = self.misleading is not None
        return out_of_reach(truth_looks_NTL, misleading, self.targets, is_told=is_told)

    def look(self, answered: Answered) -> Look:
        """Return what is thought of everything, and who is asked."""
        beliefs = believe(answered, misleading=self.misleading)
        told_W = worth_of_workers(beliefs.yes_WL, beliefs.common.spread)
        better_half = np.sort(told_W)[answered.num_workers // 2 :]
        is_new_W = np.bincount(answered.worker_V, minlength=answered.num_workers) == 0
        least = self.least_share * better_half.mean() if answered.num_workers else 0.0
        is_asked_W = (told_W >= least) | is_new_W
        return Look(beliefs, is_asked_W)

    def worth(self, truth_looks_NTL: Floats, yes_L: Floats, num_answers_N: Ints) -> Floats:
        """Return what an answer about each clip is worth, 0 where it is not asked for any more.

        Args:
            truth_looks_NTL: What is thought of the clips.
            yes_L: P(yes) of whoever would be asked.
            num_answers_N: How many have answered.

        """
        worth_N = worth_of_clips(truth_looks_NTL, yes_L, self.threshold)
        is_asked_N = (worth_N >= self.least_worth) & (num_answers_N < self.most_answers)
        return np.where(is_asked_N, worth_N, 0)

    def num_asked_at_once(self, acceptance: Acceptance) -> int:
        """Return how many questions are asked before everything is looked at again."""
        share = self.round_share * min(1, max(acceptance.short / _FAR, _LEAST_OF_ROUND))
        return math.ceil(share * len(acceptance.is_accepted_N))
