"""How far answers to a tree's questions are believed, by who gave them. Pure.

Whoever came to the right class in a share t of known clips is taken to answer each of the n
questions of a path right with the n-th root of t. Answers are independent witnesses: the log-odds
of those who say the same add up (one coin a worker, as in docs/truth.md).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, exp, log

from kinetics_builder.crowd.trees.paths import Path
from kinetics_builder.database.tables import Answer

UNPROVEN = 0.85
"""Share of right classes of somebody of whom nothing is known."""
_STRENGTH = 10.0
"""Known clips that count as much as that."""
_LEAST, _MOST = 0.5, 0.995
"""No answer is believed less than chance, or beyond doubt."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One worker's path, and how far the worker is believed."""

    path: Path
    trust: float = UNPROVEN
    """The probability, in (0, 1), that the worker comes to the right class."""

    @property
    def weight(self) -> float:
        """Return the log-odds that one of its answers is right; 0 for an empty path."""
        right = self.trust ** (1 / max(1, len(self.path)))
        return log_odds(min(max(right, _LEAST), _MOST))


def trust_of(num_gold: int, num_right: int) -> float:
    """Return how far a worker is believed who came to the right class of so many known clips.

    >>> trust_of(0, 0), trust_of(10, 10), trust_of(10, 3)
    (0.85, 0.925, 0.575)
    """
    return (num_right + UNPROVEN * _STRENGTH) / (num_gold + _STRENGTH)


def log_odds(probability: float) -> float:
    """Return the logarithm of the odds of a probability in (0, 1)."""
    return log(probability / (1 - probability))


Scores = Mapping[Answer, float]
"""The log-odds that speak for each answer to a question."""


def scores_of(paths: Iterable[Heard]) -> dict[str, Scores]:
    """Return what speaks for each answer, by question; yes and no are possible always."""
    found: dict[str, dict[Answer, float]] = defaultdict(lambda: {Answer.YES: 0.0, Answer.NO: 0.0})
    for one in paths:
        for key, said in one.path:
            scores = found[key]
            scores[Answer(said)] = scores.get(Answer(said), 0.0) + one.weight
    return dict(found)


def believed(scores: Scores) -> tuple[Answer, float]:
    """Return the likeliest answer and its probability; of equals the first, with at most 0.5."""
    best = max(scores, key=lambda answer: scores[answer])
    others = sum(exp(score - scores[best]) for answer, score in scores.items() if answer != best)
    return best, 1 / (1 + others)


def needed(scores: Scores, confidence: float) -> int:
    """Return how many more answers alike make it sure at best, of people who hardly ever err."""
    _, probability = believed(scores)
    lacking = log_odds(confidence) - log_odds(min(probability, _MOST))
    return max(1, ceil(lacking / log_odds(_MOST)))
