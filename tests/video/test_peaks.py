from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.peaks import Grid, best_peaks

seconds = st.floats(0.5, 40).map(lambda x: round(x, 3))
curves = st.lists(st.tuples(st.floats(0, 90), st.floats(0, 1)), min_size=1, max_size=40).map(sorted)


def peaks_of(curve: list[tuple[float, float]], grid: Grid, **options) -> list:
    return best_peaks([time for time, _ in curve], [score for _, score in curve], grid, **options)


@pytest.mark.parametrize(
    ("scores", "starts"),
    [
        pytest.param([0, 0, 0, 3, 0, 2, 2, 2, 0, 0], [5], id="a lasting action beats a flash"),
        pytest.param([1] * 10, [0], id="the earliest of equals wins"),
        pytest.param([0, 0, 0, 0, 0, 0, 0, 3, 3, 3], [7], id="the end of the video is reached"),
    ],
)
def test_the_window_with_the_highest_mean_wins(scores: list[float], starts: list[int]) -> None:
    grid = Grid(window_seconds=3, duration_seconds=10)
    found = best_peaks(range(10), scores, grid, num_peaks=1)
    assert [peak.window.start for peak in found] == starts


def test_the_second_peak_keeps_its_distance() -> None:
    scores = [0, 9, 9, 8, 0, 0, 0, 1, 1, 0]
    grid = Grid(window_seconds=2, duration_seconds=10)
    found = best_peaks(range(10), scores, grid, num_peaks=2, min_distance_seconds=4)
    assert [peak.window for peak in found] == [Interval(1, 3), Interval(7, 9)]
    assert [peak.score for peak in found] == [9, 1]


def test_a_short_video_is_one_window() -> None:
    grid = Grid(window_seconds=10, duration_seconds=6.4)
    assert best_peaks([0, 3, 6], [0, 1, 0], grid)[0].window == Interval(0, 6.4)


def test_a_window_without_frames_is_not_taken() -> None:
    grid = Grid(window_seconds=2, duration_seconds=10)
    found = best_peaks([0.0, 0.5], [0, 0], grid, num_peaks=5, min_distance_seconds=1)
    assert [peak.window.start for peak in found] == [0]


@given(curves, seconds, seconds, seconds)
@settings(max_examples=40, deadline=None)
def test_windows_stay_inside_the_video_and_apart(
    curve: list[tuple[float, float]], window: float, duration: float, distance: float
) -> None:
    grid = Grid(window_seconds=window, duration_seconds=duration)
    found = peaks_of(curve, grid, num_peaks=4, min_distance_seconds=distance)
    for peak in found:
        assert 0 <= peak.window.start < peak.window.end <= duration
        assert peak.window.start == int(peak.window.start)
    for one, other in combinations(found, 2):
        assert abs(one.window.start - other.window.start) >= distance - 1e-5


@given(curves, seconds)
@settings(max_examples=40, deadline=None)
def test_peaks_come_best_first_and_none_is_better(
    curve: list[tuple[float, float]], duration: float
) -> None:
    grid = Grid(window_seconds=4, duration_seconds=duration)
    found = peaks_of(curve, grid, num_peaks=50, min_distance_seconds=1)
    scores = [peak.score for peak in found]
    assert scores == sorted(scores, reverse=True)
    assert peaks_of(curve, grid, num_peaks=1, min_distance_seconds=1) == found[:1]


@given(seconds, seconds)
@settings(max_examples=40, deadline=None)
def test_tiles_lie_side_by_side(window: float, duration: float) -> None:
    tiles = Grid(window_seconds=window, duration_seconds=duration).tiles()
    assert tiles[0].start == 0
    assert all(tile.end <= duration for tile in tiles)
    assert all(b.start >= a.start + window - 1e-5 for a, b in pairwise(tiles))
