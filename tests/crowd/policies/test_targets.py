"""Which clips are accepted so that a purity holds, and what is claimed of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kinetics_builder.crowd.policies.targets import Targets, accept
from kinetics_builder.errors import ConfigError

probabilities = arrays(np.float64, st.integers(0, 40), elements=st.floats(0, 1))
EVEN = Targets(purity=0.9, recall=0.8, confidence=0.5)


@pytest.mark.parametrize(
    ("probability_N", "accepted", "purity", "recall", "is_met"),
    [
        pytest.param([], [], None, None, False, id="no clip"),
        pytest.param([0.0, 0.0], [False, False], None, None, False, id="no yes at all"),
        pytest.param([0.5, 0.5], [False, False], None, 0.0, False, id="none is sure"),
        pytest.param([0.1, 1.0], [False, True], 1.0, 1 / 1.1, True, id="the sure one"),
        pytest.param([0.8, 1.0, 0.0], [True, True, False], 0.9, 1.0, True, id="the mean counts"),
        pytest.param(
            [0.8, 1.0, 0.8], [False, True, False], 1.0, 1 / 2.6, False, id="equals fall together"
        ),
    ],
)
def test_as_many_are_accepted_as_the_purity_bears(
    probability_N: list[float],
    accepted: list[bool],
    purity: float | None,
    recall: float | None,
    is_met: bool,
) -> None:
    found = accept(np.array(probability_N), EVEN)
    assert found.is_accepted_N.tolist() == accepted
    assert found.purity == (None if purity is None else pytest.approx(purity))
    assert found.recall == (None if recall is None else pytest.approx(recall))
    assert found.is_met is is_met


@given(probabilities, st.floats(0.5, 0.99))
def test_no_rejected_clip_is_likelier_than_an_accepted_one(
    probability_N: np.ndarray, confidence: float
) -> None:
    found = accept(probability_N, Targets(purity=0.9, confidence=confidence))
    accepted, others = probability_N[found.is_accepted_N], probability_N[~found.is_accepted_N]
    if len(accepted) and len(others):
        assert accepted.min() > others.max()


@given(probabilities)
def test_whoever_wants_to_be_surer_gets_no_more_and_no_less_pure(
    probability_N: np.ndarray,
) -> None:
    hoped, sure = (accept(probability_N, Targets(confidence=level)) for level in (0.5, 0.99))
    assert not (sure.is_accepted_N & ~hoped.is_accepted_N).any()
    assert sure.purity is None or (hoped.purity is not None and sure.purity >= hoped.purity - 1e-12)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"purity": 1.0}, "target of purity must lie between 0 and 1, found 1"),
        pytest.param({"recall": 0.0}, "target of recall must lie between 0 and 1, found 0"),
        pytest.param({"confidence": 0.2}, "confidence must be 0.5 or more"),
        pytest.param({"purity": float("nan")}, "found nan"),
    ],
)
def test_a_target_that_nothing_can_meet_is_refused(settings: dict[str, float], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Targets(**settings)
