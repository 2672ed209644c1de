"""Stills show what a film shows at their moments, and shots begin where it cuts."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval, number_at
from kinetics_builder.video.cutting.stills import Still, read_stills
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.finding.shots import ShotFinder
from kinetics_builder.video.reading.probe import probe

WHOLE = Interval(0.0, 8.0)


@pytest.fixture
def seen(read_number) -> Callable[..., list[tuple[float, float, int]]]:
    """Return the moment, the time shown and the number of each still of a file."""

    def see(path: Path, moments: list[float], stretch: Interval = WHOLE):
        stills = read_stills(path, stretch, moments, ShotFinder())
        return [(s.time_seconds, round(s.shown_seconds, 3), read_number(s.rgb_HWC)) for s in stills]

    return see


def test_a_still_is_the_picture_of_its_moment(counting: Path, seen) -> None:
    assert seen(counting, [2.0, 3.0, 6.98]) == [(2.0, 2.0, 50), (3.0, 3.0, 75), (6.98, 6.96, 174)]


def test_a_picture_is_shown_until_the_next_one(tmp_path: Path, make_video, seen) -> None:
    uneven = make_video(tmp_path / "uneven.mkv", [0, 900, 2100, 2500, 3990, 4010, 6500])
    assert seen(uneven, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) == [
        (1.0, 0.9, 1),
        (2.0, 0.9, 1),
        (3.0, 2.5, 3),
        (4.0, 3.99, 4),
        (5.0, 4.01, 5),
        (6.0, 4.01, 5),
    ]


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "ts"])
def test_a_late_start_is_second_0(tmp_path: Path, make_video, times, seen, suffix: str) -> None:
    late = make_video(tmp_path / f"late.{suffix}", times(150, start_ms=8330))
    assert [number for *_, number in seen(late, [2.0, 3.0, 4.5])] == [50, 75, 112]


def test_a_stretch_in_the_middle_gives_the_same_stills(tmp_path: Path, make_video, times) -> None:
    path = make_video(tmp_path / "long.mkv", times(1000))
    moments = [30.0, 31.0, 32.0]
    whole = list(read_stills(path, Interval(0.0, 40.0), moments, ShotFinder()))
    part = list(read_stills(path, Interval(28.5, 33.5), moments, ShotFinder()))
    assert [s.shown_seconds for s in whole] == [s.shown_seconds for s in part] == moments
    for one, other in zip(whole, part, strict=True):
        assert np.array_equal(one.rgb_HWC, other.rgb_HWC)


def test_stills_are_upright_and_no_larger_than_asked(counting: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.mp4"
    options = ["-display_rotation", "90", "-i", str(counting), "-c", "copy", str(turned)]
    run_ffmpeg(options, timeout_seconds=60)
    assert probe(turned).rotation_degrees == 90

    def sizes(path: Path, short_side: int) -> set[tuple[int, ...]]:
        stills = read_stills(path, WHOLE, [2.0], ShotFinder(), short_side=short_side)
        return {still.rgb_HWC.shape for still in stills}

    assert sizes(counting, 0) == sizes(counting, 480) == {(64, 96, 3)}
    assert sizes(turned, 0) == {(96, 64, 3)}
    assert sizes(turned, 32) == {(48, 32, 3)}
    [upright] = read_stills(counting, WHOLE, [2.0], ShotFinder())
    [found] = read_stills(turned, WHOLE, [2.0], ShotFinder())
    difference = np.abs(np.rot90(upright.rgb_HWC).astype(int) - found.rgb_HWC)
    assert difference.mean() < 2


def test_stills_have_square_pixels(counting: Path, tmp_path: Path) -> None:
    wide = tmp_path / "wide.mkv"
    options = ["-i", str(counting), "-c", "copy", "-aspect", "3:1", str(wide)]
    run_ffmpeg(options, timeout_seconds=60)
    [still] = read_stills(wide, WHOLE, [2.0], ShotFinder())
    assert still.rgb_HWC.shape == (64, 192, 3)


def test_a_film_that_ends_early_shows_its_last_picture(counting: Path, seen) -> None:
    assert seen(counting, [7.5, 9.0], Interval(0.0, 12.0)) == [(7.5, 7.48, 187), (9.0, 7.96, 199)]


def test_a_damaged_film_still_gives_every_moment(shared: Path) -> None:
    path = shared / "videos" / "odd" / "corrupted.mp4"
    moments = [0.5, 1.0, 1.5]
    stills = list(read_stills(path, Interval(0.0, 2.0), moments, ShotFinder()))
    assert [s.time_seconds for s in stills] == moments


def test_what_is_no_film_fails_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "words.mp4").write_text("no film")
    with pytest.raises(ItemFailed) as failed:
        list(read_stills(tmp_path / "words.mp4", WHOLE, [1.0], ShotFinder()))
    assert failed.value.reason is Reason.BROKEN


def scene(number: int, seed: int) -> Iterator[np.ndarray]:
    """Yield `number` pictures of one place, over which the camera pans and somebody walks."""
    rng = np.random.default_rng(seed)
    place = np.kron(rng.integers(40, 216, (12, 60, 3), dtype=np.uint8), np.ones((12, 8, 1)))
    for i in range(number):
        picture = place[:, i : i + 160].astype(np.uint8).copy()
        left = (5 + 2 * i) % 140
        picture[60:130, left : left + 16] = (220, 30, 30)
        yield picture


def film(path: Path, scenes: list[tuple[int, int]], step_ms: list[int]) -> Path:
    return write(path, [picture for one in scenes for picture in scene(*one)], step_ms)


def write(path: Path, pictures: list[np.ndarray], step_ms: list[int]) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 160, 144, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        moment = 0
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = moment, stream.codec_context.time_base
            moment += step_ms[number % len(step_ms)]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def shots_of(path: Path, **options) -> list[float]:
    finder = ShotFinder(**options)
    stretch = Interval(0.0, probe(path).duration_seconds)
    list(read_stills(path, stretch, [], finder))
    shots = finder.shots(stretch)
    assert shots[0].start == stretch.start and shots[-1].end == stretch.end
    assert all(a.end == b.start for a, b in pairwise(shots))
    return [round(shot.start, 3) for shot in shots]


def test_shots_begin_at_cuts_and_not_where_the_camera_pans(tmp_path: Path) -> None:
    path = film(tmp_path / "cut.mkv", [(50, 1), (75, 2), (40, 3)], [40])
    assert shots_of(path) == [0.0, 2.0, 5.0]


def test_cuts_of_uneven_pictures_have_their_own_times(tmp_path: Path) -> None:
    path = film(tmp_path / "uneven.mkv", [(40, 1), (40, 2), (40, 3)], [20, 60, 100, 20])
    assert shots_of(path) == [0.0, 2.0, 4.0]


def test_a_cut_too_soon_after_another_is_none(tmp_path: Path) -> None:
    path = film(tmp_path / "flash.mkv", [(50, 1), (8, 2), (50, 3)], [40])
    assert shots_of(path) == [0.0, 2.0]
    assert shots_of(path, min_shot_seconds=0.2) == [0.0, 2.0, 2.32]


def test_a_moment_at_a_cut_is_of_the_new_shot() -> None:
    shots = [Interval(900.0, 904.0), Interval(904.0, 910.0)]
    assert [number_at(shots, moment) for moment in (902.0, 903.99, 904.0, 909.0)] == [0, 0, 1, 1]


def test_a_still_knows_its_own_time(counting: Path) -> None:
    [still] = read_stills(counting, WHOLE, [2.01], ShotFinder())
    assert isinstance(still, Still) and still.time_seconds == 2.01
    assert still.shown_seconds == pytest.approx(2.0)


def fast_pan(number: int, seed: int) -> Iterator[np.ndarray]:
    """Yield pictures of which each differs much from the one before, and a cut four times that."""
    tiles = np.random.default_rng(seed).integers(0, 256, (18, 30, 3), dtype=np.uint8)
    place = np.kron(tiles, np.ones((8, 8, 1), dtype=np.uint8))
    for i in range(number):
        yield place[:, 2 * i : 2 * i + 160]


@pytest.mark.parametrize("held", [1, 2, 3, 4, 6])
def test_pictures_that_are_held_are_no_shots(tmp_path: Path, held: int) -> None:
    """Drawn films show a picture two or three times, and slow cameras more often."""
    pictures = [one for seed in (1, 2) for one in fast_pan(30, seed) for _ in range(held)]
    path = write(tmp_path / "held.mkv", pictures, [40])
    assert shots_of(path) == [0.0, round(30 * held * 0.04, 3)]


def test_two_stills_are_two_shots(tmp_path: Path) -> None:
    pictures = [next(iter(scene(1, seed))) for seed in (1, 2) for _ in range(50)]
    assert shots_of(write(tmp_path / "stills.mkv", pictures, [40])) == [0.0, 2.0]
