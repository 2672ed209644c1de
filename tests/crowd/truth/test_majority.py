"""Every worker counts the same; a tie is said and not guessed."""

import numpy as np

from kinetics_builder.crowd.truth.answers import Answers
from kinetics_builder.crowd.truth.estimate import NONE, Estimate
from kinetics_builder.crowd.truth.methods import METHODS
from kinetics_builder.crowd.truth.options import Options

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
    np.testing.assert_allclose(
        Estimate(
            posterior_QL=np.array([[0, 1], [0.5, 0.5], [np.nan, np.nan]]), quality_W=np.ones(1)
        ).entropy_Q(),
        [0, np.log(2), np.nan],
    )
    np.testing.assert_allclose(estimate.quality_W, [7 / 12, 7 / 12, 1 / 3])


def test_wawa_lets_those_decide_a_tie_who_agree_with_the_majority_elsewhere() -> None:
    votes = [*VOTES, ("other", "u", "no"), ("other", "v", "no"), ("other", "w", "no")]
    votes += [("more", "u", "no"), ("more", "w", "no"), ("more", "v", "yes")]
    estimate = METHODS["wawa"](Answers.of(votes), Options())
    np.testing.assert_allclose(estimate.quality_W, [3.5 / 4, 2.5 / 4, 2 / 3])
    np.testing.assert_allclose(estimate.posterior_QL[-1], [2.5 / 6, 3.5 / 6])
    assert estimate.best_Q().tolist() == [1, 0, 0, 1]
