"""Looking at parts of a video gives the pictures and moments that decoding all of it gives."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed
from kinetics_builder.intervals import Interval
from kinetics_builder.video.ffmpeg import run_ffmpeg
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.glimpses import Glimpses
from kinetics_builder.video.reading.plain import plain_timeline
from kinetics_builder.video.reading.timeline import read_timeline
from tests.video.conftest import even_times, number_of, numbered, write_video


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """250 numbered pictures, of which every twelfth is a key frame, with a tone."""
    path = tmp_path_factory.mktemp("glimpses") / "film.mp4"
    pictures = [numbered(n) for n in range(250)]
    return write_video(path, pictures, even_times(250, start_ms=80), with_audio=True)


@pytest.fixture(scope="module")
def glimpses(film: Path) -> Iterator[Glimpses]:
    with Glimpses.of(film, (96, 64)) as found:
        yield found


@pytest.fixture(scope="module")
def keys(film: Path) -> list[int]:
    """The numbers of the key frames, by the file's own word."""
    with av.open(str(film)) as container:
        return [
            round((packet.pts * packet.time_base - Fraction(80, 1000)) * 25)
            for packet in container.demux(video=0)
            if packet.size and packet.is_keyframe
        ]


def test_key_frames_are_those_of_the_video(glimpses: Glimpses, keys: list[int]) -> None:
    found = [(f.time_seconds, number_of(f.rgb_HWC)) for f in glimpses.key_frames(0.0)]
    assert [number for _, number in found] == keys and len(keys) > 20
    assert [round(time, 3) for time, _ in found] == [round(n * 0.04, 3) for _, n in found]


def test_key_frames_close_behind_others_are_left_out(glimpses: Glimpses, keys) -> None:
    found = [number_of(f.rgb_HWC) for f in glimpses.key_frames(1.0)]
    assert found[0] == 0 and set(found) < set(keys)
    assert all(b == min(key for key in keys if key >= a + 25) for a, b in pairwise(found))


@pytest.mark.parametrize("stretch", [(0.0, 1.0), (3.3, 6.1), (9.0, 99.0)])
def test_a_stretch_gives_moments_of_the_video(film, glimpses, stretch) -> None:
    every = {round(f.time_seconds, 3) for f in iterate_frames(film)}
    found = [f.time_seconds for f in glimpses.between(Interval(*stretch), 0.2)]
    assert {round(time, 3) for time in found} <= every
    assert all(stretch[0] <= time < stretch[1] for time in found)
    assert max(b - a for a, b in pairwise(found)) < 0.37
    assert len(found) >= (min(stretch[1], 10) - stretch[0]) * 4


@pytest.mark.parametrize("name", ["SOX5yA1l24A.mp4", "arm_wrestling_demo.mp4"])
def test_a_stretch_shows_what_the_video_shows_then(shared: Path, name: str) -> None:
    path, size = shared / "videos" / "actions" / name, (64, 64)
    every = {f.time_seconds: f.rgb_HWC for f in iterate_frames(path, size=size)}
    with Glimpses.of(path, size) as glimpses:
        found = glimpses.between(Interval(2.0, 8.0), 0.2)
    assert len(found) > 25
    for frame in found:
        wrong = np.abs(frame.rgb_HWC.astype(int) - every[frame.time_seconds]).mean()
        assert wrong < 8, frame.time_seconds


def test_where_all_pictures_are_made_from_two_others_all_are_decoded(tmp_path: Path) -> None:
    """Left out were nearly all of them: what is left is too little."""
    path = tmp_path / "bidirectional.mp4"
    graph = "testsrc2=size=96x64:rate=25:duration=12"
    options = ["-c:v", "libx264", "-g", "999", "-bf", "16", "-b_strategy", "0", "-threads", "1"]
    run_ffmpeg(["-filter_complex", graph, *options, "-y", str(path)], timeout_seconds=60)
    with Glimpses.of(path, (64, 64)) as glimpses:
        found = glimpses.between(Interval(3.0, 9.0), 0.2)
    assert len(found) == 30


def test_few_pictures_are_decoded(film: Path, keys: list[int]) -> None:
    with Glimpses.of(film, (96, 64)) as glimpses:
        glimpses.key_frames(0.0)
        assert glimpses.num_decoded == len(keys)
        glimpses.between(Interval(5.0, 6.0), 0.2)
        assert len(keys) < glimpses.num_decoded < len(keys) + 50


def test_plain_files_have_the_moments_that_reading_all_gives(shared: Path, film: Path) -> None:
    files = [film, *sorted((shared / "videos").rglob("*.*"))]
    num_plain = 0
    for path in files:
        try:
            line = read_timeline(path)
        except ItemFailed as failed:
            try:
                assert plain_timeline(path) is None
            except ItemFailed as found:
                assert (found.reason, found.message) == (failed.reason, failed.message)
            continue
        plain = plain_timeline(path)
        if plain is None:
            continue
        num_plain += 1
        assert line.is_plain and not line.follows_decoder, path.name
        assert plain.begin_seconds == line.begin_seconds and plain.first == line.first
        told = [[(p.shown, p.is_key, p.is_shown) for p in x.picture.packets] for x in (plain, line)]
        assert told[0] == told[1], path.name
    assert num_plain > 25


def test_avi_is_not_plain(shared: Path) -> None:
    assert plain_timeline(shared / "videos" / "odd" / "testsrc2_mpeg4.avi") is None
