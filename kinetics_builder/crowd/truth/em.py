"""Expectation-maximisation: the loop that models of workers share.

A model is fitted to what is believed of each question, then says anew what to believe.
Shapes, as name suffixes: V votes, Q questions, L labels.
"""

from collections.abc import Callable

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.estimate import Estimate, Truths, expected_quality_W
from kinetics_builder.crowd.truth.majority import majority
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.errors import ConfigError

Model = Callable[[Floats], Floats]
"""Fits workers to a posterior (L, Q); returns the log likelihood (L, Q) of each question's votes
if that label were true, 0 without votes. Columns of questions without votes mean nothing."""


def maximise(
    answers: Answers,
    options: Options,
    model: Model,
    log_prior: Callable[[], float] = lambda: 0.0,
    is_told_Q: Truths | None = None,
) -> Estimate:
    """Return what `model` says of answers when it and the beliefs fit each other.

    It begins with the majority's shares. A step fits model and frequencies of labels, then the
    posterior. It ends after the first step that raises the log likelihood by less than
    `options.tolerance` a vote, or after `options.max_steps`. `log_prior` says how likely the
    model's parameters are beforehand, where that counts; the log likelihood includes it.
    `is_told_Q` says of which questions the model knows more than votes; such a one without votes
    begins with all labels alike.

    Raises:
        ConfigError: `options.prior_L` has another length than the labels.

    """
    start = majority(answers, options)
    is_voted_Q = answers.votes_Q() > 0
    is_known_Q = is_voted_Q if is_told_Q is None else is_voted_Q | is_told_Q
    if not is_known_Q.any():
        return start
    _check_prior(answers, options)
    even_Q = is_known_Q / answers.num_labels
    posterior_LQ = np.ascontiguousarray(np.where(is_voted_Q, start.posterior_QL.T, even_Q))
    log_likelihood, gain, num_steps = -np.inf, np.inf, 0
    enough = options.tolerance * max(answers.num_votes, 1)
    while num_steps < options.max_steps and gain >= enough:
        log_frequency_L1 = _log_frequency_L1(posterior_LQ, is_known_Q, options)
        posterior_LQ, evidence_Q = normalised(model(posterior_LQ) + log_frequency_L1)
        before = log_likelihood
        log_likelihood = float(evidence_Q[is_known_Q].sum()) + log_prior()
        gain, num_steps = log_likelihood - before, num_steps + 1
    posterior_QL = np.where(is_known_Q[:, None], posterior_LQ.T, np.nan)
    return Estimate(
        posterior_QL=posterior_QL,
        quality_W=expected_quality_W(answers, posterior_QL),
        num_steps=num_steps,
        is_converged=gain < enough,
        log_likelihood=log_likelihood,
    )


def normalised(log_LQ: Floats) -> tuple[Floats, Floats]:
    """Return the shares (L, Q) of exponentials in their sum, and the logarithm (Q) of that sum.

    No number is too large or too small for it.
    """
    highest_Q = log_LQ.max(axis=0)
    shares_LQ = np.exp(log_LQ - highest_Q)
    sum_Q = shares_LQ.sum(axis=0)
    shares_LQ /= sum_Q
    return shares_LQ, highest_Q + np.log(sum_Q)


def _log_frequency_L1(posterior_LQ: Floats, is_known_Q: Truths, options: Options) -> Floats:
    """Return the logarithm of how frequent each label is: as given, else among what is known."""
    if options.prior_L:
        frequency_L: Floats = np.array(options.prior_L)
    else:
        sums_L = posterior_LQ.sum(axis=1, where=is_known_Q)
        frequency_L = np.maximum(sums_L, options.smoothing)
    log_frequency_L: Floats = np.log(frequency_L / frequency_L.sum())
    return log_frequency_L[:, None]


def _check_prior(answers: Answers, options: Options) -> None:
    if options.prior_L and len(options.prior_L) != answers.num_labels:
        raise ConfigError(
            f"expected a share for each of {', '.join(answers.labels)}, "
            f"got {len(options.prior_L)} shares."
        )
