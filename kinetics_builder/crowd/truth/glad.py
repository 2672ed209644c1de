"""GLAD: each worker has an ability, each question an ease.

A vote is right with probability 1 / (1 + exp(-ability * ease)); wrong ones fall on the other
labels alike. An ability below 0 is that of one who errs on purpose.
Source: Whitehill, Ruvolo, Wu, Bergsma and Movellan 2009, "Whose vote should count more: optimal
integration of labels from labelers of unknown expertise". Shapes, as name suffixes: V votes,
Q questions, W workers, L labels.
"""

from dataclasses import dataclass

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.em import maximise
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.options import Options

PRIOR_ABILITY, PRIOR_LOG_EASE = 1.0, 1.0
"""Means of the normal priors, each of variance 1, as in the source; where the fit begins."""
LARGEST_STEP = 1.0
"""The logarithm of an ease moves by no more in one step: far away its slope says little."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glad:
    """What GLAD makes of answers."""

    estimate: Estimate
    """Its log likelihood includes that of the parameters under their priors."""
    ability_W: Floats
    """0 of one who guesses; NaN without answers."""
    ease_Q: Floats
    """Above 0; NaN without votes."""


def glad(answers: Answers, options: Options) -> Estimate:
    """Return the estimate of abilities and eases, as `fit_glad` finds them."""
    return fit_glad(answers, options).estimate


def fit_glad(answers: Answers, options: Options) -> Glad:
    """Return abilities, eases and truth, fitted by expectation-maximisation from the majority.

    A step moves all abilities once, then all eases, by Newton-like steps that do not overshoot.
    """
    fit = _Fit(answers)
    estimate = maximise(answers, options, fit.step, fit.log_prior)
    return Glad(
        estimate=estimate,
        ability_W=np.where(answers.votes_W() > 0, fit.ability_W, np.nan),
        ease_Q=np.where(answers.votes_Q() > 0, np.exp(fit.log_ease_Q), np.nan),
    )


class _Fit:
    """The parameters, while they are fitted."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.ability_W = np.full(answers.num_workers, PRIOR_ABILITY)
        self.log_ease_Q = np.full(answers.num_questions, PRIOR_LOG_EASE)
        self.log_wrong_labels = np.log(max(answers.num_labels - 1, 1))
        self.cell_V = answers.label_V * answers.num_questions + answers.question_V

    def step(self, posterior_LQ: Floats) -> Floats:
        """Move the parameters towards a posterior; return the votes' log likelihood (L, Q)."""
        right_V = posterior_LQ.reshape(-1)[self.cell_V]
        self._move_abilities(right_V)
        self._move_eases(right_V)
        return self._log_likelihood_LQ(posterior_LQ.shape)

    def log_prior(self) -> float:
        """Return the logarithm of the density of the parameters under their priors."""
        apart = np.concatenate([self.ability_W - PRIOR_ABILITY, self.log_ease_Q - PRIOR_LOG_EASE])
        return float(-0.5 * (apart @ apart + len(apart) * np.log(2 * np.pi)))

    def _logits_V(self) -> tuple[Floats, Floats]:
        """Return how sure each worker is at each question, and the question's ease."""
        ease_V = np.exp(self.log_ease_Q)[self.answers.question_V]
        return self.ability_W[self.answers.worker_V] * ease_V, ease_V

    def _move_abilities(self, right_V: Floats) -> None:
        """Make one Newton step, by Jaakkola and Jordan's bound of the curvature.

        The bound is nowhere less than the curvature, so that the expected log likelihood rises.
        """
        logit_V, ease_V = self._logits_V()
        half_tanh_V = np.tanh(logit_V / 2) / 2
        slope_W = self._sums_W((right_V - 0.5 - half_tanh_V) * ease_V)
        bend_W = self._sums_W(bend(logit_V, half_tanh_V) * ease_V**2)
        self.ability_W += (slope_W + PRIOR_ABILITY - self.ability_W) / (bend_W + 1)

    def _move_eases(self, right_V: Floats) -> None:
        logit_V, _ = self._logits_V()
        half_tanh_V = np.tanh(logit_V / 2) / 2
        slope_Q = self.answers.sums_Q((right_V - 0.5 - half_tanh_V) * logit_V)
        bend_Q = self.answers.sums_Q(half_tanh_V * logit_V) + np.maximum(-slope_Q, 0)
        step_Q = (slope_Q + PRIOR_LOG_EASE - self.log_ease_Q) / (bend_Q + 1)
        self.log_ease_Q += np.clip(step_Q, -LARGEST_STEP, LARGEST_STEP)

    def _log_likelihood_LQ(self, shape: tuple[int, ...]) -> Floats:
        logit_V, _ = self._logits_V()
        wrong_Q = self.answers.sums_Q(-np.logaddexp(0, logit_V) - self.log_wrong_labels)
        more_V = logit_V + self.log_wrong_labels
        more = np.bincount(self.cell_V, weights=more_V, minlength=shape[0] * shape[1])
        return more.reshape(shape) + wrong_Q

    def _sums_W(self, values_V: Floats) -> Floats:
        sums_W = np.bincount(self.answers.worker_V, values_V, minlength=len(self.ability_W))
        return sums_W.astype(np.float64, copy=False)


def bend(logit_V: Floats, half_tanh_V: Floats) -> Floats:
    """Return tanh(x / 2) / 2x, which is 1/4 at 0."""
    bend_V = np.full_like(logit_V, 0.25)
    return np.divide(half_tanh_V, logit_V, out=bend_V, where=np.abs(logit_V) > 1e-6)
