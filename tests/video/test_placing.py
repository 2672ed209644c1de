"""Where clips go: off the cuts where a shot is long enough."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.intervals import Interval, overlap_seconds
from kinetics_builder.video.finding.curves import Curve
from kinetics_builder.video.finding.estimates import estimated_peaks, is_inside, joined, left_out
from kinetics_builder.video.finding.peaks import Grid, best_peaks, every_peak
from kinetics_builder.video.finding.placing import (
    Cuts,
    Placed,
    Places,
    beside_cuts,
    cuts_inside,
    place,
)

GRID = Grid(duration_seconds=60)
BEST = [0.1] * 20 + [0.9] * 10 + [0.1] * 30
"""Second by second: best from 20 to 30 s."""


def placed(cuts: list[float], what: Cuts = Cuts.SHIFT, scores=BEST, num_peaks=1) -> list[Placed]:
    peaks = every_peak([float(t) for t in range(60)], scores, GRID)
    far = Places(num_peaks=num_peaks, min_distance_seconds=10, cuts=cuts, what=what)
    return place(peaks, far)


def test_a_clip_moves_off_a_cut_into_the_shot_that_shows_more_of_it() -> None:
    assert placed([23]) == [Placed(Interval(23, 33), 0.66, (), True)]
    assert placed([28]) == [Placed(Interval(17, 27), 0.66, (), True)]


def test_a_cut_beside_a_clip_moves_nothing() -> None:
    assert placed([20, 30.3]) == [Placed(Interval(20, 30), 0.9, (), False)]


def test_where_shots_are_short_the_clip_stays_with_its_cuts_noted_or_is_dropped() -> None:
    short = [18.0, 22.0, 26.0, 32.0]
    assert placed(short) == [Placed(Interval(20, 30), 0.9, (22.0, 26.0), False)]
    assert placed(short, Cuts.DROP) == []
    assert placed(short, Cuts.KEEP) == placed(short)


def test_drop_moves_what_can_be_moved_and_keep_moves_nothing() -> None:
    assert placed([23], Cuts.DROP) == placed([23])
    assert placed([23], Cuts.KEEP) == [Placed(Interval(20, 30), 0.9, (23,), False)]


times = st.lists(st.floats(0, 60).map(lambda t: round(t, 1)), max_size=8, unique=True).map(sorted)
curves = st.lists(st.floats(0, 1).map(lambda p: round(p, 3)), min_size=60, max_size=60)


@given(curves, times, st.integers(1, 4))
def test_clips_lie_apart_and_across_cuts_only_where_nothing_else_is_left(scores, cuts, num) -> None:
    found = placed(cuts, scores=scores, num_peaks=num)
    starts = [p.window.start for p in found]
    assert len(found) == len(best_peaks(list(range(60)), scores, GRID, num_peaks=num)) or cuts
    assert all(abs(a - b) >= 10 for i, a in enumerate(starts) for b in starts[:i])
    for n, p in enumerate(found):
        assert p.cuts == cuts_inside(p.window, cuts)
        free = [w for w in beside_cuts(p.window, GRID, cuts)]
        others = [q.window for m, q in enumerate(found) if m < n]
        apart = [w for w in free if all(abs(w.start - o.start) >= 10 for o in others)]
        assert not p.cuts or not apart


@given(curves, st.integers(1, 4))
def test_without_cuts_the_best_windows_are_taken(scores, num_peaks) -> None:
    best = best_peaks(list(range(60)), scores, GRID, num_peaks=num_peaks)
    assert [p[:2] for p in placed([], scores=scores, num_peaks=num_peaks)] == best


@given(st.lists(st.tuples(st.floats(0, 60), st.floats(0, 1)), min_size=1, max_size=30))
def test_an_estimate_is_the_mean_of_the_straight_lines(points) -> None:
    known = dict(sorted(points))
    curve = Curve(list(known), list(known.values()))
    moments = np.arange(0, 60, 0.001) + 0.0005
    values = np.interp(moments, *curve)
    for peak in estimated_peaks(curve, GRID)[::10]:
        start, end = (round(t * 1000) for t in peak.window)
        assert abs(values[start:end].mean() - peak.score) < 2e-3


stretches = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 9)).map(lambda p: Interval(p[0], sum(p)))
)


@given(stretches, stretches.filter(bool))
def test_what_is_left_out_and_what_was_looked_at_make_the_whole(looked, windows) -> None:
    window = windows[0]
    parts = left_out(window, looked)
    assert is_inside(window, joined([*parts, *looked, window]))
    assert all(not overlap_seconds(part, other) for part in parts for other in looked)
    assert is_inside(window, joined([*parts, *looked]))
