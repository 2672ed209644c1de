"""Which moments of a film are annotated."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.ava.key_frames import annotated_stretch, key_frame_times, still_name
from kinetics_builder.ava.settings import FilmsConfig
from kinetics_builder.intervals import Interval


@pytest.mark.parametrize(
    ("duration", "first", "last", "number"),
    [
        pytest.param(5400.0, 902.0, 1798.0, 897, id="a film has the paper's 897 key frames"),
        pytest.param(1799.9995, 902.0, 1798.0, 897, id="stamps in milliseconds end a tick early"),
        pytest.param(1700.0, 2.0, 1698.0, 1697, id="a shorter one is annotated whole"),
        pytest.param(9.5, 2.0, 8.0, 7, id="the last context ends with the film"),
        pytest.param(3.6, 2.0, 2.0, 1, id="one key frame"),
    ],
)
def test_key_frames_have_their_context(duration, first, last, number) -> None:
    times = key_frame_times(annotated_stretch(duration, FilmsConfig()))
    assert (times[0], times[-1], len(times)) == (first, last, number)


def test_a_film_shorter_than_its_context_has_none() -> None:
    assert key_frame_times(Interval(0.0, 3.2)) == []


@given(
    st.floats(0, 5000),
    st.floats(0.5, 500),
    st.sampled_from([0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0]),
    st.sampled_from([0.5, 1.0, 3.0]),
)
def test_every_multiple_inside_is_a_key_frame_and_no_other(start, length, every, context) -> None:
    stretch = Interval(start, start + length)
    times = key_frame_times(stretch, every_seconds=every, context_seconds=context)
    step = Fraction(repr(every))
    numbers = [Fraction(time).limit_denominator(10**6) / step for time in times]
    assert all(number.denominator == 1 for number in numbers)
    assert [int(n) for n in numbers] == list(
        range(int(numbers[0]), int(numbers[0]) + len(numbers)) if numbers else []
    )
    slack = 0.0011
    for time in times:
        assert stretch.start - slack <= time - context / 2
        assert time + context / 2 <= stretch.end + slack
    if times:
        assert times[0] - every - context / 2 < stretch.start
        assert times[-1] + every + context / 2 > stretch.end
    else:
        assert length < context + every


@given(st.integers(0, 10**10), st.integers(0, 10**10))
def test_two_moments_have_two_names(a, b) -> None:
    assert (still_name(a / 1e6) == still_name(b / 1e6)) == (a == b)
