"""Which clips are accepted, and what is claimed of them: purity and recall, with their doubt.

Shapes, as name suffixes: N clips, C clips by falling probability (a prefix of them is accepted).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from kinetics_builder.crowd.policies.answered import Bools, Floats
from kinetics_builder.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Targets:
    """What the accepted clips must hold."""

    purity: float = 0.98
    """Share of the accepted clips that show the action, in (0, 1)."""
    recall: float = 0.95
    """Share of the clips that show the action that are accepted, in (0, 1)."""
    confidence: float = 0.95
    """How sure it must be that each target is met, in [0.5, 1); 0.5 goes by expectation."""

    def __post_init__(self) -> None:
        for name in ("purity", "recall"):
            if not 0 < (value := getattr(self, name)) < 1:
                raise ConfigError(
                    f"The target of {name} must lie between 0 and 1, found {value:g}: "
                    "no number of answers makes sure of all clips, and 0 asks for nothing."
                )
        if not 0.5 <= self.confidence < 1:
            raise ConfigError(f"confidence must be 0.5 or more and below 1, got {self.confidence}.")

    @property
    def num_deviations(self) -> float:
        """By how many standard deviations a target must be surpassed."""
        return NormalDist().inv_cdf(self.confidence)


@dataclass(frozen=True, eq=False)
class Acceptance:
    """The clips that are accepted, and what is expected of them."""

    is_accepted_N: Bools
    purity: float | None
    """Mean probability of the accepted clips; None where none is accepted."""
    recall: float | None
    """Share of all expected yes among them; None where none is expected."""
    short: float
    """By how much the recall falls short of its target, with the confidence that is asked for;
    at most 0 where both targets are met."""

    @property
    def is_met(self) -> bool:
        """Whether both targets are met."""
        return self.short <= 0


def accept(probability_N: Floats, targets: Targets, may_be_N: Bools | None = None) -> Acceptance:
    """Return the largest set of the likeliest clips, of those that may be, whose purity holds.

    The number of right clips among n accepted is a sum of n independent draws of their
    probabilities; its mean less `num_deviations` standard deviations must reach the target.
    Clips of equal probability are accepted together or not at all.
    """
    ranked_N = probability_N if may_be_N is None else np.where(may_be_N, probability_N, -1.0)
    order_C = np.argsort(-ranked_N, kind="stable")[: int((ranked_N >= 0).sum())]
    likely_C = probability_N[order_C]
    num_C = np.arange(1, len(likely_C) + 1)
    right_C, doubt_C = np.cumsum(likely_C), np.cumsum(likely_C * (1 - likely_C))
    held_C = (right_C - targets.num_deviations * np.sqrt(doubt_C)) / num_C >= targets.purity
    is_last_C = np.diff(likely_C, append=-1.0) < 0
    fitting = np.flatnonzero(held_C & is_last_C)
    num = int(fitting[-1]) + 1 if len(fitting) else 0
    is_accepted_N = np.zeros(len(probability_N), np.bool_)
    is_accepted_N[order_C[:num]] = True
    recall, doubt = _recall(probability_N, is_accepted_N)
    return Acceptance(
        is_accepted_N,
        purity=float(right_C[num - 1] / num) if num else None,
        recall=recall,
        short=targets.recall - max(0.0, (recall or 0.0) - targets.num_deviations * doubt),
    )


def _recall(probability_N: Floats, is_accepted_N: Bools) -> tuple[float | None, float]:
    """Return the expected recall, and its standard deviation to the first order."""
    all_right = float(probability_N.sum())
    if not all_right:
        return None, 0.0
    recall = float(probability_N[is_accepted_N].sum()) / all_right
    doubt_N = probability_N * (1 - probability_N)
    of_accepted = (1 - recall) ** 2 * doubt_N[is_accepted_N].sum()
    of_others = recall**2 * doubt_N[~is_accepted_N].sum()
    return recall, math.sqrt(of_accepted + of_others) / all_right
