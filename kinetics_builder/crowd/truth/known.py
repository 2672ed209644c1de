"""An estimate beside questions whose answer is known.

Shapes, as name suffixes: Q questions, L labels.
"""

from collections.abc import Mapping

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.estimate import Estimate


def share_right(estimate: Estimate, answers: Answers, known: Mapping[str, str]) -> float:
    """Return the share from 0 to 1 of the known questions of which the label is right.

    Of n labels that are equally likely the right one counts 1/n, and a question without votes 0.
    Questions of `known` that are not among the answers' do not count; NaN if none is.
    """
    is_best_QL = estimate.is_best_QL()
    share_QL = is_best_QL / np.maximum(is_best_QL.sum(axis=1, keepdims=True), 1)
    place_of = {label: place for place, label in enumerate(answers.labels)}
    right = [
        float(share_QL[place, place_of[known[question]]]) if known[question] in place_of else 0.0
        for place, question in enumerate(answers.questions)
        if question in known
    ]
    return sum(right) / len(right) if right else float("nan")
