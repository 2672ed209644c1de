"""How well a worker answers questions whose answer is known. Pure functions.

Gold whose answer is yes and gold whose answer is anything else are judged apart: whoever
always says no is right about all of the second kind, and has looked at nothing.
"""

import math
from dataclasses import dataclass

from kinetics_builder.config import VerifyConfig
from kinetics_builder.database.tables import Answer

CAREFUL = 0.8
"""Share of right answers that a careful worker has at least; a guesser has one half."""
_MOST_CAREFUL = 0.98
_LEAST_A_KIND = 3
"""Gold answers of each kind before a worker is compared with a guesser."""
_EVIDENCE = math.log(3)
"""A guesser who fits three times better than a careful worker is taken for one."""


@dataclass(frozen=True, slots=True)
class GoldCount:
    """Gold answers of one worker."""

    num_yes: int = 0
    """Questions whose right answer is yes."""
    num_yes_right: int = 0
    num_other: int = 0
    """Questions whose right answer is no, unsure or bad."""
    num_other_right: int = 0

    @property
    def num(self) -> int:
        """All gold answers."""
        return self.num_yes + self.num_other

    @property
    def num_right(self) -> int:
        """All right ones."""
        return self.num_yes_right + self.num_other_right


def is_right(answer: Answer, expected: Answer) -> bool:
    """Return whether a gold question was answered rightly: with the expected answer alone.

    Unsure is wrong too, else it would be the safe answer to everything.
    """
    return answer is expected


def accuracy(num_right: int, num_gold: int) -> float | None:
    """Return the share of right answers in [0, 1], None before the first."""
    return num_right / num_gold if num_gold else None


def misses(num_right: int, num_of_kind: int, num_gold: int, config: VerifyConfig) -> bool:
    """Return whether too few answers of one kind are right: below `gold_warn_below`.

    (arXiv:1705.06950.) Nobody is judged on fewer than `gold_min_answers` gold answers, nor
    on fewer of one kind than half as many.
    """
    if num_gold < config.gold_min_answers or 2 * num_of_kind < config.gold_min_answers:
        return False
    return num_right / num_of_kind < config.gold_warn_below


def looks_guessed(count: GoldCount) -> bool:
    """Return whether a guesser explains the answers far better than a careful worker does.

    A guesser says yes to any share of the questions, whatever they show; a careful worker is
    right about `CAREFUL` of them or more, of both kinds alike. Each fits as well as it can,
    and the likelihoods are compared after every answer, as in Wald's sequential test
    (Annals of Mathematical Statistics 16, 1945). With gold of one kind alone the two
    cannot be told apart, and nobody is called a guesser.
    """
    if min(count.num_yes, count.num_other) < _LEAST_A_KIND:
        return False
    num_said_yes = count.num_yes_right + count.num_other - count.num_other_right
    right = min(max(count.num_right / count.num, CAREFUL), _MOST_CAREFUL)
    guesser = _log_likelihood(num_said_yes, count.num, num_said_yes / count.num)
    careful = _log_likelihood(count.num_right, count.num, right)
    return guesser - careful > _EVIDENCE


def _log_likelihood(num_hits: int, num: int, chance: float) -> float:
    """Return the logarithm of the probability of `num_hits` certain hits among `num`."""
    hits = num_hits * math.log(chance) if num_hits else 0.0
    others = (num - num_hits) * math.log1p(-chance) if num_hits < num else 0.0
    return hits + others
