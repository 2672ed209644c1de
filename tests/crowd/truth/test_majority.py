"""Every worker counts the same; a tie is said and not guessed."""

import numpy as np
import pytest

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.estimate import NONE
from kinetics_builder.crowd.truth.methods import METHODS, method_named
from kinetics_builder.crowd.truth.options import Options
from kinetics_builder.errors import ConfigError

VOTES = [
    *[("clear", "u", "yes"), ("clear", "v", "yes"), ("clear", "w", "no")],
    *[("tied", "u", "yes"), ("tied", "v", "no")],
]


def test_majority_gives_shares_and_says_ties_and_questions_without_votes() -> None:
    answers = Answers.of(VOTES, questions=["nobody"])
    estimate = METHODS["majority"](answers, Options())
    assert answers.questions == ("clear", "nobody", "tied")
    np.testing.assert_allclose(
        estimate.posterior_QL, [[1 / 3, 2 / 3], [np.nan, np.nan], [0.5, 0.5]]
    )
    assert estimate.best_Q().tolist() == [1, NONE, NONE]
    assert estimate.is_best_QL().tolist() == [[False, True], [False, False], [True, True]]
    np.testing.assert_allclose(estimate.quality_W, [7 / 12, 7 / 12, 1 / 3])


def test_an_unknown_method_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"called 'vote'; there are majority"):
        method_named("vote")
