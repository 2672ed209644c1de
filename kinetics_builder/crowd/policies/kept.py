"""What a look at all answers leaves behind, by which clips are judged one by one until the next.

Shapes, as name suffixes: N clips, L looks of a clip.
"""

from dataclasses import dataclass

import numpy as np

from kinetics_builder.crowd.policies.answered import Bools, Floats, Ints
from kinetics_builder.crowd.policies.beliefs import likelihood, truth_and_looks
from kinetics_builder.crowd.policies.posterior import Look, Posterior
from kinetics_builder.crowd.policies.scores import turned_NTE
from kinetics_builder.crowd.policies.targets import Acceptance

NEVER = 2.0
"""No probability is as high."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What holds for all clips until everything is looked at again."""

    spread: float
    """Standard deviation of the logarithm of a clip's difficulty."""
    misleading: float
    """Share of the clips that is taken to look like what they are not."""
    misleading_doubt: float = 0.0
    """Its standard deviation."""
    asked_L: list[float]
    """P(yes) of those who are asked, on average."""
    new_L: list[float]
    """P(yes) of somebody of whom nothing is known."""

    @classmethod
    def of(cls, look: Look) -> "Kept":
        """Return what is kept of a look."""
        common = look.beliefs.common
        return cls(
            spread=common.spread,
            misleading=common.scores.misleading,
            misleading_doubt=common.scores.misleading_doubt,
            asked_L=look.yes_L.tolist(),
            new_L=common.yes_L.tolist(),
        )


@dataclass(frozen=True, eq=False)
class Seen:
    """Clips, as far as they are known one by one."""

    prior_N: Floats
    """P(yes) before anybody has answered."""
    evidence_NL: Floats
    """Logarithm of the likelihood of the answers, up to a constant of each clip."""
    num_answers_N: Ints
    num_yes_N: Ints

    @property
    def is_denied_N(self) -> Bools:
        """Whether people have answered, and nobody yes."""
        found: Bools = (self.num_answers_N > 0) & (self.num_yes_N == 0)
        return found

    def truth_looks(self, kept: Kept) -> Floats:
        """Return P(truth, looks) of each clip (N, T, L)."""
        joint_NTE = turned_NTE(self.prior_N, kept.misleading)
        return truth_and_looks(joint_NTE, likelihood(self.evidence_NL), kept.spread)

    def probability_N(self, kept: Kept) -> Floats:
        """Return P(yes) of each clip, in [0, 1]."""
        found: Floats = self.truth_looks(kept)[:, 1].sum(axis=1).clip(0, 1)
        return found


def evidence_of(yes_XL: Floats, said_yes_X: Bools) -> Floats:
    """Return what each answer tells (X, L), to be summed up by clip.

    Args:
        yes_XL: P(yes) of whoever gave it.
        said_yes_X: What was said.

    """
    found: Floats = np.log(np.where(said_yes_X[:, None], yes_XL, 1 - yes_XL))
    return found


def worth_of_seen(
    seen: Seen, kept: Kept, policy: Posterior, *, is_met_N: Bools, is_sure_N: Bools
) -> Floats:
    """Return what an answer about each clip is worth (N), 0 where none is asked for any more.

    A score is nobody's word: a clip that nobody has answered is asked about in any case, and so
    is one that would be accepted (`is_sure_N`) though nobody has said yes.
    """
    truth_looks_NTL = seen.truth_looks(kept)
    worth_N = policy.worth(truth_looks_NTL, np.array(kept.asked_L), seen.num_answers_N)
    worth_N = np.where(is_met_N, 0.0, worth_N)
    lacks_word_N = (seen.num_answers_N == 0) | (seen.is_denied_N & is_sure_N)
    is_asked_N = lacks_word_N & (seen.num_answers_N < policy.most_answers)
    return np.where(is_asked_N, np.maximum(worth_N, policy.least_worth), worth_N)


def cut_of(probability_N: Floats, acceptance: Acceptance) -> float:
    """Return the least probability that is accepted; more than any where none is."""
    accepted_N = probability_N[acceptance.is_accepted_N]
    return float(accepted_N.min()) if len(accepted_N) else NEVER
