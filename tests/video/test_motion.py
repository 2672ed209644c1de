import numpy as np
import pytest

from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.curves import Curve, mean_inside, moving_windows
from kinetics_builder.video.finding.motion import motion_energy
from kinetics_builder.video.reading.frames import Frame

TILES = [Interval(start, start + 2) for start in range(0, 12, 2)]


def film(levels: list[float]) -> list[Frame]:
    return [
        Frame(float(i), np.full((4, 6, 3), level, dtype=np.uint8)) for i, level in enumerate(levels)
    ]


def test_energy_is_the_share_of_the_grey_scale_that_changed() -> None:
    curve = motion_energy(film([0, 51, 51, 0]))
    assert curve.times_seconds == [0, 1, 2, 3]
    assert np.allclose(curve.values, [0.2, 0.2, 0, 0.2], atol=1e-4)


def test_the_noise_of_a_still_is_no_movement() -> None:
    assert motion_energy(film([100, 102, 99, 101])).values == [0, 0, 0, 0]


def test_a_single_frame_does_not_move() -> None:
    assert motion_energy(film([7])) == Curve([0.0], [0.0])


def test_windows_are_spread_over_what_moves() -> None:
    curve = Curve([float(i) for i in range(12)], [0.1] * 10 + [0.0] * 2)
    found = moving_windows(curve, TILES, num_windows=2)
    assert [window.start for window, _ in found] == [2, 6]
    assert [round(energy, 6) for _, energy in found] == [0.1, 0.1]


def test_fewer_moving_windows_than_asked_are_all_taken() -> None:
    curve = Curve([float(i) for i in range(12)], [0.0] * 4 + [0.1] * 2 + [0.0] * 6)
    assert [w for w, _ in moving_windows(curve, TILES, num_windows=3)] == [Interval(4, 6)]


def test_nothing_moves_nothing_is_found() -> None:
    assert moving_windows(Curve([0.0, 1.0], [0.0, 0.001]), TILES, num_windows=2) == []


def test_a_window_without_frames_has_mean_0() -> None:
    assert mean_inside(Curve([0.0], [1.0]), Interval(5, 6)) == 0


def test_a_window_in_which_a_picture_is_held_moves_less() -> None:
    times = [0.5 * i for i in range(20)] + [90 + 0.5 * i for i in range(20)]
    curve = Curve(times, [0.1] * 40)
    assert mean_inside(curve, Interval(0, 10)) == pytest.approx(0.1)
    assert mean_inside(curve, Interval(40, 50)) == 0
    assert mean_inside(curve, Interval(81, 91)) == pytest.approx(0.01)
