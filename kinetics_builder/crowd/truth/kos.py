"""KOS: messages between questions and workers, about what is true and who tells it.

A question tells each worker what the others say of it; a worker tells each question how often
they are right on the other questions. No prior, and no likelihood. Source: Karger, Oh and Shah
2011, "Budget-optimal task allocation for reliable crowdsourcing systems" (arXiv:1110.3564).
Shapes, as name suffixes: V votes, Q questions, W workers, L labels.
"""

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.estimate import Estimate, expected_quality_W
from kinetics_builder.crowd.truth.majority import as_shares
from kinetics_builder.crowd.truth.options import Options


def kos(answers: Answers, options: Options) -> Estimate:
    """Return the estimate after `options.max_steps` rounds of messages, or when they settle.

    Workers' first messages are drawn by `options.seed` about 1, the deviation is 1. Messages have
    settled when they change by less than `options.tolerance` of their size. The source knows two
    labels; of more, each is asked about against the rest. The probability of a label is the
    logistic function of twice the last messages' sum, in the unit in which a worker's message
    is how much more often they agree with the others than not; of more than two labels, these
    probabilities are taken as shares of their sum. A worker who answered one question counts
    nothing, and a question whose workers all did is a tie.
    """
    first_V = np.random.default_rng(options.seed).normal(1, 1, answers.num_votes)
    is_yes_or_no = answers.num_labels == 2
    asked = range(1, 2) if is_yes_or_no else range(answers.num_labels)
    passed = [_Messages(answers, label, first_V, options) for label in asked]
    yes_QL = np.zeros((answers.num_questions, answers.num_labels))
    for label, messages in zip(asked, passed, strict=True):
        yes_QL[:, label] = messages.probability_Q()
    if is_yes_or_no:
        yes_QL[:, 0] = 1 - yes_QL[:, 1]
    posterior_QL = np.full_like(yes_QL, np.nan)
    is_answered_Q = answers.votes_Q() > 0
    posterior_QL[is_answered_Q] = as_shares(yes_QL[is_answered_Q])
    return Estimate(
        posterior_QL=posterior_QL,
        quality_W=expected_quality_W(answers, posterior_QL),
        num_steps=max((one.num_steps for one in passed), default=0),
        is_converged=all(one.has_settled for one in passed),
    )


class _Messages:
    """What questions and workers tell each other of one label against the rest."""

    def __init__(self, answers: Answers, label: int, first_V: Floats, options: Options) -> None:
        self.answers = answers
        self.sign_V = np.where(answers.label_V == label, 1.0, -1.0)
        self.of_worker_V, self.of_question_V = first_V, np.zeros_like(first_V)
        self.num_steps, self.has_settled = 0, False
        while self.num_steps < options.max_steps and not self.has_settled:
            self.has_settled = self._pass_on() < options.tolerance
            self.num_steps += 1

    def _pass_on(self) -> float:
        """Pass messages there and back; return by how much workers' ones have changed.

        They are scaled to a mean square of 1: their size grows without end, and means nothing.
        """
        told_V = self.sign_V * self.of_worker_V
        self.of_question_V = self.answers.sums_Q(told_V)[self.answers.question_V] - told_V
        told_V = self.sign_V * self.of_question_V
        sums_W = np.bincount(
            self.answers.worker_V, weights=told_V, minlength=self.answers.num_workers
        )
        before_V, self.of_worker_V = self.of_worker_V, sums_W[self.answers.worker_V] - told_V
        self.of_worker_V /= _size(self.of_worker_V) or 1.0
        return _size(self.of_worker_V - before_V)

    def probability_Q(self) -> Floats:
        """Return the probability of the label; 1/2 where the messages say nothing."""
        agreed_W = self.answers.means_W(self.sign_V * np.sign(self.of_question_V))
        agreed_V = agreed_W[self.answers.worker_V]
        square = float(self.of_worker_V @ self.of_worker_V)
        unit = max(float(self.of_worker_V @ agreed_V) / square, 0.0) if square else 0.0
        sum_Q = self.answers.sums_Q(self.sign_V * self.of_worker_V)
        return 0.5 + np.tanh(unit * sum_Q) / 2


def _size(values_V: Floats) -> float:
    """Return the root of the mean square; 0 of none."""
    return float(np.sqrt(values_V @ values_V / max(len(values_V), 1)))
