"""One time for all packets of a file: pure functions, shaken."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.video.reading.clock import Clock, in_slots
from kinetics_builder.video.reading.stamps import decoding_times

STEP = 0.04


def placed(stamps: list[float | None], duration: float = STEP) -> list[float]:
    clock = Clock()
    times = []
    for stamp in stamps:
        offset = clock.place(0, stamp, duration)
        times.append((stamp if stamp is not None else float("nan")) + offset)
    return times


def run(first: float, count: int, step: float = STEP) -> list[float]:
    return [first + step * i for i in range(count)]


def test_good_stamps_stay_as_they_are() -> None:
    clock = Clock()
    assert [clock.place(0, t, STEP) for t in run(1234.5, 100)] == [0.0] * 100
    assert clock.offsets == [0.0]


@pytest.mark.parametrize("duration", [STEP, 0.0], ids=["with durations", "without"])
@pytest.mark.parametrize(
    "stamps",
    [
        pytest.param([*run(0, 50), *run(0, 50)], id="begins anew"),
        pytest.param([*run(0, 50), *run(0, 25), *run(0, 25)], id="begins anew twice"),
        pytest.param([*run(0, 50), *run(5000, 50)], id="jumps"),
        pytest.param([*run(0, 50), 9999.0, *run(51 * STEP, 49)], id="one wild stamp"),
        pytest.param([*run(7000, 50), *run(3, 50)], id="jumps back"),
    ],
)
def test_time_runs_on(stamps: list[float], duration: float) -> None:
    begin = stamps[0]
    assert placed(stamps, duration) == pytest.approx([begin + t for t in run(0, 100)], abs=1e-6)


def test_a_second_track_follows_the_first_over_a_seam() -> None:
    clock = Clock()
    found = []
    for track, stamp in [(0, 0.0), (1, 0.0), (0, 1.0), (1, 0.9), (0, 0.0), (1, 0.0), (0, 1.0)]:
        found.append(stamp + clock.place(track, stamp, 1.0))
    assert found == [0.0, 0.0, 1.0, 0.9, 2.0, 2.0, 3.0]


def test_a_picture_is_held_while_its_sound_goes_on() -> None:
    clock = Clock()
    clock.place(0, 0.0, STEP)
    for second in range(1000):
        assert clock.place(1, float(second), 1.0) == 0
    assert clock.place(0, 999.0, STEP) == 0


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200), st.floats(0, 2))
def test_whatever_is_said_time_never_runs_back_by_more_than_jitter(
    stamps: list[float], duration: float
) -> None:
    times = placed(list(stamps), duration)
    assert all(b >= a - 0.2501 for a, b in pairwise(times))


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 1000)), max_size=50),
    st.lists(st.one_of(st.none(), st.integers(0, 1000)), max_size=50),
)
def test_a_time_of_decoding_is_never_made_up(
    shown: list[int | None], decoded: list[int | None]
) -> None:
    told = [(0, pts, dts) for pts, dts in zip(shown, decoded, strict=False)]
    for (_, pts, dts), moment in zip(told, decoding_times(told, {0: 1.0}), strict=True):
        if dts is not None:
            assert moment == dts
        else:
            assert moment is None if pts is None else (moment is not None and moment <= pts)


@given(st.lists(st.floats(0, 1e4), max_size=100))
def test_slots_are_the_stamps_in_order(stamps: list[float]) -> None:
    assert in_slots(list(stamps), [STEP] * len(stamps)) == sorted(stamps)
