"""What a method makes of answers.

Shapes, as name suffixes: V votes, Q questions, W workers, L labels.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.crowd.truth.answers import Answers, Floats, Places

Truths = NDArray[np.bool_]
TIE = 1e-9
"""Probabilities that differ by less are equal."""
NONE = -1
"""In place of a label where none is the best."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimate:
    """The truth as far as the answers tell, and who told it."""

    posterior_QL: Floats
    """Probability of each label; a row sums to 1, and is NaN for a question without votes."""
    quality_W: Floats
    """Probability that a worker is right, as the method sees it; NaN without answers."""
    num_steps: int = 1
    is_converged: bool = True
    """False where an iterative method came to its last step before."""
    log_likelihood: float | None = None
    """Of all answers, natural logarithm; None where the method has none."""

    def best_Q(self) -> Places:
        """Return the place of the likeliest label of each question, `NONE` where there is none.

        There is none without votes, and where the best two labels are equal: a tie is not guessed.
        """
        if not self.posterior_QL.size:
            return np.full(len(self.posterior_QL), NONE)
        num_best_Q = self.is_best_QL().sum(axis=1)
        return np.where(num_best_Q == 1, np.argmax(self.posterior_QL, axis=1), NONE)

    def is_best_QL(self) -> Truths:
        """Return which labels are the likeliest of each question: several in a tie, else one.

        None of a question without votes.
        """
        highest_Q1 = self.posterior_QL.max(axis=1, keepdims=True, initial=0.0)
        is_best_QL: Truths = self.posterior_QL > highest_Q1 - TIE
        return is_best_QL

    def entropy_Q(self) -> Floats:
        """Return how open each question is, in nats: 0 if sure, NaN without votes."""
        log_QL = np.log(
            self.posterior_QL, out=np.zeros_like(self.posterior_QL), where=self.posterior_QL > 0
        )
        entropy_Q: Floats = -(self.posterior_QL * log_QL).sum(axis=1)
        return entropy_Q


def expected_quality_W(answers: Answers, posterior_QL: Floats) -> Floats:
    """Return the share of each worker's answers that is expected to be right; NaN without any."""
    return answers.means_W(posterior_QL[answers.question_V, answers.label_V])
