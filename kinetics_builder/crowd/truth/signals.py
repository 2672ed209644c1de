"""What machines say of a question, beside votes: a classifier's score of a clip, a title's.

Each signal is any real number, and normal about a mean for each truth, with one deviation for all.
Shapes, as name suffixes: Q questions, L labels, S signals.
"""

import numpy as np

from kinetics_builder.crowd.truth.answers import Floats
from kinetics_builder.crowd.truth.estimate import Truths
from kinetics_builder.errors import ConfigError

PRIOR_MEAN, PRIOR_SQUARE = 1.0, 2.0
"""How many questions it weighs as much as that a signal tells nothing, and varies as it does."""


class Signals:
    """Signals of questions, and what they are while they are fitted.

    `signals_QS` has NaN where a signal is missing. One that is the same for all tells nothing.

    Raises:
        ConfigError: Not a row of numbers, or NaN, for each of `num_questions`.

    """

    def __init__(self, signals_QS: Floats, num_questions: int, num_labels: int) -> None:
        if signals_QS.ndim != 2 or len(signals_QS) != num_questions or np.isinf(signals_QS).any():
            raise ConfigError(
                f"expected a row of finite signals for each of {num_questions} questions, NaN "
                f"where one is missing; got an array of shape {signals_QS.shape}."
            )
        self.is_there_QS: Truths = ~np.isnan(signals_QS)
        num_S = np.maximum(self.is_there_QS.sum(axis=0), 1)
        signals_QS = np.where(self.is_there_QS, signals_QS, 0.0)
        self.middle_S: Floats = signals_QS.sum(axis=0) / num_S
        apart_QS = np.where(self.is_there_QS, signals_QS - self.middle_S, 0.0)
        deviation_S = np.sqrt((apart_QS**2).sum(axis=0) / num_S)
        self.unit_S: Floats = np.where(deviation_S > 0, deviation_S, 1.0)
        self.value_QS: Floats = apart_QS / self.unit_S
        self.mean_LS = np.zeros((num_labels, signals_QS.shape[1]))
        self.square_S = np.ones(signals_QS.shape[1])

    def means_LS(self) -> Floats:
        """Return each signal's mean where a label is true, in the signal's own unit."""
        return self.middle_S + self.unit_S * self.mean_LS

    def deviations_S(self) -> Floats:
        """Return each signal's deviation from these means, in its own unit."""
        return self.unit_S * np.sqrt(self.square_S)

    def step(self, posterior_LQ: Floats) -> Floats:
        """Fit to a posterior; return the signals' log likelihood (L, Q), 0 where all are missing.

        It is of signals in standard deviations.
        """
        weight_LS = posterior_LQ @ self.is_there_QS
        self.mean_LS = posterior_LQ @ self.value_QS / (weight_LS + PRIOR_MEAN)
        apart = [np.where(self.is_there_QS, self.value_QS - mean_S, 0) for mean_S in self.mean_LS]
        square_LQS = np.square(apart)
        sums_S = np.einsum("lq,lqs->s", posterior_LQ, square_LQS)
        self.square_S = (sums_S + PRIOR_SQUARE) / (weight_LS.sum(axis=0) + PRIOR_SQUARE)
        scale_Q = self.is_there_QS @ np.log(2 * np.pi * self.square_S)
        log_LQ: Floats = -0.5 * (square_LQS @ (1 / self.square_S) + scale_Q)
        return log_LQ
