"""What is decoded once and held are the pictures and moments that decoding all gives."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed
from kinetics_builder.intervals import Interval
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.reading import held
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.held import HeldPictures
from tests.video.conftest import even_times, number_of, numbered, write_video

ALL = Interval(0.0, 1e9)
SIZE = (96, 64)


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """150 numbered pictures that begin late, with a tone."""
    path = tmp_path_factory.mktemp("held") / "film.mp4"
    pictures, times = [numbered(n) for n in range(150)], even_times(150, start_ms=80)
    return write_video(path, pictures, times, codec="mpeg4", with_audio=True)


@pytest.mark.parametrize("most_bytes", [0, 1 << 30])
def test_pictures_are_those_of_the_video(film: Path, monkeypatch, most_bytes: int) -> None:
    monkeypatch.setattr(held, "MOST_BYTES", most_bytes)
    every = {round(f.time_seconds, 3): f.rgb_HWC for f in iterate_frames(film)}
    found = HeldPictures.of(film, SIZE, 0.2)
    assert found is not None
    frames = found.between(ALL)
    assert [f.time_seconds for f in frames] == found.times and found.times[0] == 0.0
    assert len(frames) == 30 and max(b - a for a, b in pairwise(found.times)) < 0.21
    for frame in frames:
        assert number_of(frame.rgb_HWC) == number_of(every[round(frame.time_seconds, 3)])


@pytest.mark.parametrize("name", ["SOX5yA1l24A.mp4", "arm_wrestling_demo.mp4"])
def test_without_pictures_between_others_little_is_another(shared: Path, name: str) -> None:
    path = shared / "videos" / "actions" / name
    every = {f.time_seconds: f.rgb_HWC for f in iterate_frames(path, size=SIZE)}
    found = HeldPictures.of(path, SIZE, 0.2)
    assert found is not None and len(found.times) > 40
    for frame in found.between(ALL):
        assert np.abs(frame.rgb_HWC.astype(int) - every[frame.time_seconds]).mean() < 8


def test_a_stretch_is_given_thinned(film: Path) -> None:
    found = HeldPictures.of(film, SIZE, 0.2)
    assert found is not None
    times = [f.time_seconds for f in found.between(Interval(1.0, 4.0), 1.0)]
    assert len(times) == 3 and all(n <= time < n + 0.2 for n, time in enumerate(times, 1))


@pytest.mark.parametrize("pattern", ["actions/*.*", "odd/*.*", "negatives/*.*"])
def test_real_files_give_their_moments_or_none(shared: Path, pattern: str) -> None:
    num_held = 0
    for path in sorted((shared / "videos").glob(pattern)):
        try:
            found = HeldPictures.of(path, (32, 32), 0.2)
        except ItemFailed as error:
            with pytest.raises(ItemFailed, match=str(error.reason)):
                list(iterate_frames(path))
            continue
        if found is None:
            continue
        num_held += 1
        every = [f.time_seconds for f in iterate_frames(path, size=(2, 2))]
        assert found.times[0] == every[0] == 0.0, path.name
        nearest = np.abs(np.subtract.outer(found.times, every)).min(axis=1)
        assert nearest.max() < 2e-3, path.name
        assert len(found.times) >= min(len(every), every[-1] * 5) / 2, path.name
    assert num_held >= 3


@pytest.mark.parametrize("suffix", [".avi", ".ts", ".h264"])
def test_what_does_not_say_when_it_is_shown_is_not_held(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    options = ["-f", "lavfi", "-i", "testsrc2=size=96x64:duration=1", "-c:v", "libx264"]
    run_ffmpeg([*options, str(path)], timeout_seconds=60)
    assert HeldPictures.of(path, SIZE, 0.2) is None


def test_a_time_that_jumps_is_not_held(tmp_path: Path) -> None:
    times = [40 * n + (60_000 if n >= 25 else 0) for n in range(50)]
    path = write_video(tmp_path / "film.mp4", [numbered(n) for n in range(50)], times)
    assert HeldPictures.of(path, SIZE, 0.2) is None
