"""How many answers a question takes under the rules of the crowd. A pure function."""

from functools import cache

import numpy as np

from kinetics_builder.crowd.policy import Rules, verdict_of
from kinetics_builder.database.tables import Verdict
from pipelines.inspecting.planning.draws import Draws


def answers_to_decide(share_true_N: Draws, agreement_N: Draws, rules: Rules) -> Draws:
    """Return how many answers decide a clip on average, asked one after another.

    Args:
        share_true_N: Share of the clips that show their action, in [0, 1].
        agreement_N: How often an answer says what is so, in [0, 1].
        rules: When a clip is decided (`kinetics_builder.crowd.policy`).

    >>> from kinetics_builder.config import VerifyConfig
    >>> answers_to_decide(np.array([1.0, 0.0]), np.array([1.0, 1.0]), VerifyConfig())
    array([3., 3.])

    """
    of_true = _expected(agreement_N, rules)
    of_false = _expected(1 - agreement_N, rules)
    return share_true_N * of_true + (1 - share_true_N) * of_false


def _expected(yes_N: Draws, rules: Rules) -> Draws:
    @cache
    def left(num_yes: int, num_votes: int) -> Draws:
        if verdict_of(num_yes, num_votes, rules) is not Verdict.OPEN:
            return np.zeros_like(yes_N)
        if_yes, if_no = left(num_yes + 1, num_votes + 1), left(num_yes, num_votes + 1)
        return 1 + yes_N * if_yes + (1 - yes_N) * if_no

    return left(0, 0)
