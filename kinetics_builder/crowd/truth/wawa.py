"""Wawa, worker agreement with the aggregate: majority vote, then once more by weight.

Source: the method that the company Appen describes for its answers' confidence; each worker's
weight is the share of their answers that the majority shares.
"""

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.estimate import Estimate
from kinetics_builder.crowd.truth.majority import as_shares, majority
from kinetics_builder.crowd.truth.options import Options


def wawa(answers: Answers, options: Options) -> Estimate:
    """Return weighted shares of votes as probabilities, weights as quality. Reads no option.

    Where the majority is tied, an answer for one of n best labels agrees by 1/n.
    """
    is_best_QL = majority(answers, options).is_best_QL()
    agreed_QL = is_best_QL / np.maximum(is_best_QL.sum(axis=1, keepdims=True), 1)
    quality_W = answers.means_W(agreed_QL[answers.question_V, answers.label_V])
    return Estimate(
        posterior_QL=as_shares(answers.votes_QL(quality_W[answers.worker_V])), quality_W=quality_W
    )
