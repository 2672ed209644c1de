"""What answering took, and what is to come at most."""

import pytest

from annotation_ui.owner.costing import Cost, Counted, cost_of
from kinetics_builder.crowd.standing import MIN_RECENT, Record, Standing


def standing(num_votes: int, seconds: float | None) -> Standing:
    recent = [] if seconds is None else [seconds] * MIN_RECENT
    return Standing(Record(num_votes=num_votes, recent_seconds=recent))


@pytest.mark.parametrize(
    ("counted", "standings", "expected"),
    [
        pytest.param(Counted(50, 10), [], None, id="nobody has answered"),
        pytest.param(Counted(50, 10), [standing(100, None)], None, id="nobody's pace is known"),
        pytest.param(Counted(5, 10), [standing(900, 4.0)], Cost(1.0, None, None), id="too early"),
        pytest.param(
            Counted(300, 100), [standing(900, 4.0)], Cost(1.0, 300, 1 / 3), id="as many as before"
        ),
        pytest.param(
            Counted(300, 0),
            [standing(600, 3.0), standing(300, 6.0), standing(900, None)],
            Cost(2.0, 0, 0.0),
            id="who was not timed is as fast as others",
        ),
    ],
)
def test_hours_follow_from_paces_and_what_is_to_come_from_what_was(
    counted: Counted, standings: list[Standing], expected: Cost | None
) -> None:
    assert cost_of(counted, standings) == expected
