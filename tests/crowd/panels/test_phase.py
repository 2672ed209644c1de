"""How far a session is, from its row and from what its worker has answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.crowd.panels.phase import Phase, Tally, given_in, phase_of
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.tables import PanelVisit


def panel(**more: object) -> PanelConfig:
    return PanelConfig(
        name="p", platform="prolific", completion_code="C1", **{"max_answers": 10, **more}
    )


def visit(**more: object) -> PanelVisit:
    told = {"answers_before": 100, "gold_before": 8, "gold_right_before": 6, "expires_at": 50.0}
    return PanelVisit(**{**told, **more})


NEW = {"answers_before": 0, "gold_before": 0, "gold_right_before": 0}
TRAINED = {"training_right": 2, "screens_out": False}


@pytest.mark.parametrize(
    ("row", "tally", "settings", "now", "phase"),
    [
        pytest.param({}, Tally(105, 9, 7), {}, 10.0, Phase.OPEN, id="half is answered"),
        pytest.param({}, Tally(110, 9, 7), {}, 10.0, Phase.ENOUGH, id="all is answered"),
        pytest.param({}, Tally(110, 9, 7), {}, 60.0, Phase.ENOUGH, id="all, and the time is over"),
        pytest.param({}, Tally(105, 9, 7), {}, 50.0, Phase.LATE, id="half, and the time is over"),
        pytest.param(
            {}, Tally(105, 9, 1, True), {}, 10.0, Phase.SCREENED_OUT, id="half, and set aside"
        ),
        pytest.param({}, Tally(110, 9, 1, True), {}, 10.0, Phase.ENOUGH, id="all, and set aside"),
        pytest.param(
            {}, Tally(105, 9, 1, True), {"screens_out": False}, 10.0, Phase.OPEN, id="may recover"
        ),
        pytest.param(NEW, Tally(5, 2, 0), TRAINED, 10.0, Phase.OPEN, id="in practice"),
        pytest.param(NEW, Tally(5, 3, 2), TRAINED, 10.0, Phase.OPEN, id="practice well done"),
        pytest.param(NEW, Tally(5, 3, 1), TRAINED, 10.0, Phase.SCREENED_OUT, id="and badly"),
        pytest.param({}, Tally(500), {"max_answers": 0}, 10.0, Phase.OPEN, id="no bound"),
        pytest.param(
            {"ended_at": 20.0},
            Tally(),
            {},
            90.0,
            Phase.ENDED,
            id="over",
        ),
    ],
)
def test_how_far_a_session_is(
    row: dict[str, object], tally: Tally, settings: dict[str, object], now: float, phase: Phase
) -> None:
    assert phase_of(visit(**row), tally, panel(**settings), 3, now) is phase


@given(st.integers(0, 50), st.integers(0, 50))
def test_what_was_answered_before_and_after_a_session_is_none_of_its_own(
    before: int, within: int
) -> None:
    row = visit(answers_before=before, gold_before=0, gold_right_before=0)
    assert given_in(row, Tally(before + within)).num_answers == within
    row.ended_at, row.num_answers = 1.0, within
    assert given_in(row, Tally(before + within + 7)).num_answers == within
