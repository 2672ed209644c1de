"""Majority vote: every worker counts the same."""

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers, Floats
from kinetics_builder.crowd.truth.estimate import Estimate, expected_quality_W
from kinetics_builder.crowd.truth.options import Options


def majority(answers: Answers, options: Options) -> Estimate:
    """Return the share of votes of each label as its probability. Reads no option."""
    posterior_QL = as_shares(answers.votes_QL())
    return Estimate(posterior_QL=posterior_QL, quality_W=expected_quality_W(answers, posterior_QL))


def as_shares(weights_QL: Floats) -> Floats:
    """Return weights as shares of their question's sum; NaN where that is 0."""
    total_Q1 = weights_QL.sum(axis=1, keepdims=True)
    shares_QL = np.full_like(weights_QL, np.nan)
    np.divide(weights_QL, total_Q1, out=shares_QL, where=total_Q1 > 0)
    return shares_QL
