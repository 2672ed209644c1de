import pickle
from pathlib import Path

import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.video.reading.probe import probe


def test_a_plain_video(counting: Path) -> None:
    info = probe(counting)
    assert (info.width, info.height, info.rotation_degrees) == (96, 64, 0)
    assert (info.codec, info.num_frames, info.has_audio) == ("h264", 200, True)
    assert info.duration_seconds == pytest.approx(8.0)
    assert info.frames_per_second == pytest.approx(25.0)
    assert not info.is_variable_rate


def test_a_late_start_is_no_part_of_the_length(tmp_path: Path, make_video, times) -> None:
    info = probe(make_video(tmp_path / "late.mkv", times(25, start_ms=5000)))
    assert info.start_seconds == pytest.approx(5.0)
    assert info.duration_seconds == pytest.approx(1.0)


def test_uneven_frames_are_seen(tmp_path: Path, make_video) -> None:
    info = probe(make_video(tmp_path / "uneven.mkv", [0, 40, 80, 400, 440, 1000]))
    assert info.is_variable_rate
    assert info.num_frames == 6


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("video_0.mov", (568, 320, 0), id="upright"),
        pytest.param("video_90.mov", (320, 568, 270), id="a quarter turn"),
        pytest.param("video_180.mov", (568, 320, 180), id="upside down"),
        pytest.param("testsrc2_odd_height_and_width_mpeg2.mp4", (121, 81, 0), id="odd sizes"),
        pytest.param("av1_video.mkv", (640, 360, 0), id="AV1"),
        pytest.param("h265_10bits.mp4", (200, 200, 0), id="HEVC 10 bit"),
    ],
)
def test_real_pictures_are_measured_upright(
    shared: Path, name: str, expected: tuple[int, int, int]
) -> None:
    info = probe(shared / "videos" / "odd" / name)
    assert (info.width, info.height, info.rotation_degrees) == expected


@pytest.mark.parametrize(
    ("name", "start", "duration", "is_variable"),
    [
        pytest.param("test_non_zero_start.mp4", 8.333, 0.4, False, id="late start"),
        pytest.param("goldeneye-vfr-drop3.mp4", 0, 10.01, True, id="every third frame dropped"),
        pytest.param("discard_first_keyframe.mp4", 0, 1.0, False, id="first key frame discarded"),
        pytest.param("unordered.mov", 0, 0.125, False, id="frames out of order"),
    ],
)
def test_real_times_are_measured(
    shared: Path, name: str, start: float, duration: float, is_variable: bool
) -> None:
    path = shared / "videos" / "odd" / name
    info = probe(path)
    assert info.start_seconds == pytest.approx(start, abs=0.01)
    assert info.duration_seconds == pytest.approx(duration, abs=0.01)
    assert info.is_variable_rate is is_variable


@pytest.mark.parametrize("name", ["nasa_13013.mp4.audio.mp3", "test.wav"])
def test_sound_alone_is_no_video(shared: Path, name: str) -> None:
    with pytest.raises(ItemFailed) as failed:
        probe(shared / "videos" / "odd" / name)
    assert failed.value.reason is Reason.NO_VIDEO


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("empty.mp4", b"", id="empty"),
        pytest.param("page.mp4", b"<html>Video unavailable</html>" * 50, id="a web page"),
        pytest.param("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nvideo.mp4\n", id="a playlist"),
        pytest.param("list.mp4", b"ffconcat version 1.0\nfile video.mp4\n", id="a concat script"),
    ],
)
def test_what_is_no_video_is_broken(
    tmp_path: Path, counting: Path, name: str, content: bytes
) -> None:
    (tmp_path / "video.mp4").write_bytes(counting.read_bytes())
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ItemFailed) as failed:
        probe(tmp_path / name)
    assert failed.value.reason is Reason.BROKEN
    assert pickle.loads(pickle.dumps(failed.value)).message == failed.value.message


def test_a_missing_file_is_broken(tmp_path: Path) -> None:
    with pytest.raises(ItemFailed, match="cannot be opened"):
        probe(tmp_path / "nowhere.mp4")


def test_the_header_is_not_believed(tmp_path: Path, make_video, times) -> None:
    whole = make_video(tmp_path / "whole.mkv", times(100))
    half = tmp_path / "half.mkv"
    half.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert 0.5 < probe(half).duration_seconds < 3.5
