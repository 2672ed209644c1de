"""Around a moment, a loop shows what the film shows, at the same times."""

from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.loops import Loop, LoopWriter
from kinetics_builder.video.cutting.stills import read_stills
from kinetics_builder.video.finding.shots import ShotFinder
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.probe import probe

WHOLE = Interval(0.0, 8.0)


def write_loops(
    path: Path, moments: list[float], length: float = 3.0, stretch: Interval = WHOLE
) -> list[Path]:
    """Return the loops around some moments of a film."""
    files = [path.with_name(f"{path.stem}-{moment:g}.loop.mp4") for moment in moments]
    half = length / 2
    loops = [
        Loop(Interval(moment - half, moment + half), file)
        for moment, file in zip(moments, files, strict=True)
    ]
    with LoopWriter(loops) as writer:
        list(read_stills(path, stretch, moments, ShotFinder(), loops=writer))
    return files


@pytest.fixture
def numbers(seen):
    """Return each picture's time and number in a loop, the time rounded to hundredths."""
    return lambda path: [(round(time, 2), number) for time, number in seen(path)]


def test_loops_show_the_same_pictures_at_the_same_times(counting: Path, numbers) -> None:
    for moment, file in zip((1.5, 2.5, 3.5), write_loops(counting, [1.5, 2.5, 3.5]), strict=True):
        begin = round(25 * (moment - 1.5))
        assert numbers(file) == [(round(n * 0.04, 2), (begin + n) % 256) for n in range(75)]
        info = probe(file)
        assert (info.codec, info.has_audio, info.duration_seconds) == ("h264", False, 3.0)
        assert (info.width, info.height) == (96, 64)


def test_a_picture_that_is_held_across_the_begin_is_shown_from_the_begin(
    tmp_path: Path, make_video, numbers
) -> None:
    uneven = make_video(tmp_path / "uneven.mkv", [0, 900, 2100, 2500, 3990, 4010, 6500])
    files = write_loops(uneven, [2.0, 3.0, 4.0, 5.0])
    assert [numbers(file) for file in files] == [
        [(0.0, 0), (0.4, 1), (1.6, 2), (2.0, 3)],
        [(0.0, 1), (0.6, 2), (1.0, 3), (2.49, 4), (2.51, 5)],
        [(0.0, 3), (1.49, 4), (1.51, 5)],
        [(0.0, 3), (0.49, 4), (0.51, 5), (3.0 - 0.001, 6)][:3],
    ]
    assert all(probe(file).duration_seconds == pytest.approx(3.0, abs=0.002) for file in files)


@pytest.mark.parametrize("every", [0.5, 1.0, 2.5, 4.0])
def test_loops_may_overlap_or_lie_apart(counting: Path, numbers, every: float) -> None:
    moments = [1.0 + every * n for n in range(round(5 // every) + 1)]
    for moment, file in zip(moments, write_loops(counting, moments, 2.0), strict=True):
        first = round(25 * (moment - 1.0))
        found = numbers(file)
        assert found[0][1] in (first - 1, first) and len(found) in (50, 51)
        assert found[25][1] in (first + 24, first + 25)


def test_a_film_that_ends_early_holds_its_last_picture(counting: Path, numbers) -> None:
    stretch = Interval(0.0, 12.0)
    ends, beyond = write_loops(counting, [7.5, 10.5], stretch=stretch)
    assert numbers(ends)[-1][1] == numbers(beyond)[0][1] == 199
    assert [probe(one).duration_seconds for one in (ends, beyond)] == [3.0, 3.0]


@pytest.mark.few(
    "goldeneye-vfr-drop3.mp4", "unordered.mov", "video_90.mov", "corrupted.mp4", "testsrc2_vp9.webm"
)
@pytest.mark.parametrize(
    "name",
    [
        "nasa_13013_rotated.mp4",
        "h265_10bits.mp4",
        "testsrc2_mpeg4.avi",
        "test_non_zero_start.mp4",
        "testsrc2_odd_height_and_width_mpeg2.mp4",
        "goldeneye-vfr-drop3.mp4",
        "video_90.mov",
        "video_180.mov",
        "corrupted.mp4",
        "unordered.mov",
        "testsrc2_vp9.webm",
        "av1_video.mkv",
    ],
)
def test_real_films_give_loops_that_agree_with_their_stills(
    tmp_path: Path, shared: Path, name: str
) -> None:
    path = tmp_path / name
    path.symlink_to(shared / "videos" / "odd" / name)
    end = probe(path).duration_seconds
    moment = end / 2
    half = min(moment, end - moment, 0.5)
    near = [moment + 0.06 * step for step in range(-3, 4) if 0 <= moment + 0.06 * step < end]
    stills = list(read_stills(path, Interval(0.0, end), near, ShotFinder(), short_side=100))
    [file] = write_loops(path, [moment], 2 * half, Interval(0.0, end))
    [found] = read_stills(file, Interval(0.0, 2 * half), [half], ShotFinder(), short_side=100)
    errors = [difference(still.rgb_HWC, found.rgb_HWC) for still in stills]
    assert errors[near.index(moment)] <= 1.05 * min(errors) < 12
    shown = [frame.time_seconds for frame in iterate_frames(path)]
    inside = [one - moment + half for one in shown if -half < one - moment < half]
    played = [frame.time_seconds for frame in iterate_frames(file)]
    assert played[-len(inside) :] == pytest.approx(inside, abs=0.0005)
    assert played[: -len(inside)] in ([], [0.0])


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean difference of pictures whose sizes differ by rounding."""
    assert all(abs(a - b) <= 2 for a, b in zip(one.shape, other.shape, strict=True))
    high, wide, _ = np.minimum(one.shape, other.shape)
    return float(np.abs(one[:high, :wide].astype(int) - other[:high, :wide]).mean())


def test_equal_films_give_equal_bytes(counting: Path, tmp_path: Path) -> None:
    first = [file.read_bytes() for file in write_loops(counting, [2.0, 3.0])]
    assert [file.read_bytes() for file in write_loops(counting, [2.0, 3.0])] == first
