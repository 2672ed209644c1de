"""Votes and a clip's own signals together: hard clips, workers who lean, scores as workers.

A worker says the second label (yes) with probability 1 / (1 + exp(-(lean + ability * ease))) if
that is true, 1 / (1 + exp(-(lean - ability * ease))) if not: GLAD's ability and ease (see
`glad.py`), and a lean to one answer. Eases are integrated over, by levels: fitted ones would
take the place of the truth beside leans. Signals are as in `signals.py`, and independent of the
votes once the truth is known. Shapes, as name suffixes: V votes, Q questions, W workers,
L labels, K levels of ease, S signals.
"""

from dataclasses import dataclass

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.em import maximise, normalised
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.glad import bend
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.crowd.truth.signals import Signals
from kinetics_builder.errors import ConfigError

PRIOR_ABILITY = 2.0
"""Mean of the normal prior of an ability; its variance is 1."""
PRIOR_LEAN_SQUARE = 0.5
"""Variance of the normal prior of a lean; its mean is 0."""
SPREAD_OF_EASE = 0.5
"""Deviation of the logarithm of an ease, which is normal about 0."""
LOG_EASE_K: Floats = np.linspace(-3, 3, 7) * SPREAD_OF_EASE


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VideoAware:
    """What votes and signals tell."""

    estimate: Estimate
    """A question without votes has a posterior by its signals; NaN without these, too."""
    ability_W: Floats
    """0 of one who guesses; NaN without answers."""
    lean_W: Floats
    """Above 0 of one who says the second label too often; NaN without answers."""
    ease_Q: Floats
    """Above 0, the geometric mean of what is likely; NaN without votes."""
    means_LS: Floats
    """Each signal's mean where a label is true."""
    deviations_S: Floats
    """Each signal's deviation from it."""


def fit_video_aware(answers: Answers, signals_QS: Floats, options: Options) -> VideoAware:
    """Return truth, workers, clips and signals, fitted by expectation-maximisation.

    `signals_QS` are any real numbers, NaN where missing. Where the fit begins, the majority's
    shares are believed, and a half of a question without votes.

    Raises:
        ConfigError: Other than two labels, or other than a row of signals for each question.

    """
    if answers.num_labels != 2:
        raise ConfigError(f"expected two labels, got {', '.join(answers.labels) or 'none'}.")
    signals = Signals(signals_QS, answers.num_questions, answers.num_labels)
    fit = _Fit(answers)
    estimate = maximise(
        answers,
        options,
        lambda posterior_LQ: fit.step(posterior_LQ) + signals.step(posterior_LQ),
        fit.log_prior,
        np.asarray(signals.is_there_QS.any(axis=1), np.bool_),
    )
    answers_W, votes_Q = answers.votes_W() > 0, answers.votes_Q() > 0
    return VideoAware(
        estimate=estimate,
        ability_W=np.where(answers_W, fit.ability_W, np.nan),
        lean_W=np.where(answers_W, fit.lean_W, np.nan),
        ease_Q=np.where(votes_Q, fit.ease_Q(estimate.posterior_QL), np.nan),
        means_LS=signals.means_LS(),
        deviations_S=signals.deviations_S(),
    )


class _Fit:
    """Workers and clips, while they are fitted."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.ability_W = np.full(answers.num_workers, PRIOR_ABILITY)
        self.lean_W = np.zeros(answers.num_workers)
        self.says_V = answers.label_V.astype(np.float64)
        weight_K = np.exp(-0.5 * (LOG_EASE_K / SPREAD_OF_EASE) ** 2)
        self.prior_K1 = (weight_K / weight_K.sum())[:, None]
        self.level_LKQ = np.tile(self.prior_K1, (2, 1, answers.num_questions))
        """How likely each ease is if a label is true."""

    def step(self, posterior_LQ: Floats) -> Floats:
        """Move workers once towards a posterior; return the votes' log likelihood (L, Q)."""
        self._move_workers(posterior_LQ[:, None] * self.level_LKQ)
        evidence_LQ = np.empty_like(posterior_LQ)
        for label, sign in enumerate((-1, 1)):
            log_KQ = np.array([self._log_likelihood_Q(sign * np.exp(log)) for log in LOG_EASE_K])
            self.level_LKQ[label], evidence_LQ[label] = normalised(log_KQ + np.log(self.prior_K1))
        return evidence_LQ

    def log_prior(self) -> float:
        """Return the logarithm of the density of the parameters, up to a constant."""
        apart_W = self.ability_W - PRIOR_ABILITY
        return float(-0.5 * (apart_W @ apart_W + self.lean_W @ self.lean_W / PRIOR_LEAN_SQUARE))

    def ease_Q(self, posterior_QL: Floats) -> Floats:
        """Return the geometric mean of the ease of each question."""
        log_LQ = np.tensordot(self.level_LKQ, LOG_EASE_K, axes=(1, 0))
        ease_Q: Floats = np.exp((log_LQ * posterior_QL.T).sum(axis=0))
        return ease_Q

    def _logit_V(self, signed_ease: float) -> Floats:
        """Return the logit of saying yes to a question of that ease; below 0 if no is true."""
        logit_W = self.lean_W + self.ability_W * signed_ease
        logit_V: Floats = logit_W[self.answers.worker_V]
        return logit_V

    def _log_likelihood_Q(self, signed_ease: float) -> Floats:
        logit_V = self._logit_V(signed_ease)
        return self.answers.sums_Q(self.says_V * logit_V - np.logaddexp(0, logit_V))

    def _move_workers(self, weight_LKQ: Floats) -> None:
        """Make one Newton step of ability and lean, by Jaakkola and Jordan's bound.

        The bound is nowhere less than the curvature, so that the expected log likelihood rises.
        """
        slope_2W, bend_3W = np.zeros((2, len(self.lean_W))), np.zeros((3, len(self.lean_W)))
        for label, sign in enumerate((-1, 1)):
            for log_ease, weight_Q in zip(LOG_EASE_K, weight_LKQ[label], strict=True):
                signed_ease, weight_V = sign * np.exp(log_ease), weight_Q[self.answers.question_V]
                logit_V = self._logit_V(signed_ease)
                half_tanh_V = np.tanh(logit_V / 2) / 2
                slope_W = self._sums_W(weight_V * (self.says_V - 0.5 - half_tanh_V))
                bend_W = self._sums_W(weight_V * bend(logit_V, half_tanh_V))
                slope_2W += np.outer([signed_ease, 1], slope_W)
                bend_3W += np.outer([signed_ease**2, signed_ease, 1], bend_W)
        slope_2W -= [self.ability_W - PRIOR_ABILITY, self.lean_W / PRIOR_LEAN_SQUARE]
        ability_W, both_W, lean_W = bend_3W + np.array([[1], [0], [1 / PRIOR_LEAN_SQUARE]])
        determinant_W = ability_W * lean_W - both_W**2
        self.ability_W += (lean_W * slope_2W[0] - both_W * slope_2W[1]) / determinant_W
        self.lean_W += (ability_W * slope_2W[1] - both_W * slope_2W[0]) / determinant_W

    def _sums_W(self, values_V: Floats) -> Floats:
        sums_W = np.bincount(self.answers.worker_V, values_V, minlength=len(self.lean_W))
        return sums_W.astype(np.float64, copy=False)
