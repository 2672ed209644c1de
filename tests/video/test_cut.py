from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video import ffmpeg
from kinetics_builder.video.cut import cut_clip
from kinetics_builder.video.frames import iterate_frames
from kinetics_builder.video.probe import probe


@pytest.fixture
def numbers_in(read_number):
    return lambda path: [read_number(frame.rgb_HWC) for frame in iterate_frames(path)]


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        pytest.param(0, 2, 0, 49, id="from the start"),
        pytest.param(2, 5, 50, 124, id="the end is not inside"),
        pytest.param(3.01, 3.5, 76, 87, id="between two frames"),
        pytest.param(6, 30, 150, 199, id="past the end"),
    ],
)
def test_the_clip_holds_just_the_frames_of_its_window(
    tmp_path: Path, counting: Path, numbers_in, start: float, end: float, first: int, last: int
) -> None:
    made = cut_clip(counting, tmp_path / "clip.mp4", Interval(start, end))
    assert numbers_in(tmp_path / "clip.mp4") == list(range(first, last + 1))
    assert made.num_frames == last - first + 1
    assert made.duration_seconds == pytest.approx(min(end, 8) - start, abs=0.001)
    assert (made.width, made.height) == (96, 64)


def test_a_late_start_moves_nothing(tmp_path: Path, make_video, times, numbers_in) -> None:
    late = make_video(tmp_path / "late.mkv", times(100, start_ms=7000))
    cut_clip(late, tmp_path / "clip.mp4", Interval(1, 2))
    assert numbers_in(tmp_path / "clip.mp4") == list(range(25, 50))


def test_a_clip_far_inside_is_found_by_a_seek(
    tmp_path: Path, make_video, times, numbers_in
) -> None:
    long = make_video(tmp_path / "long.mp4", times(240, step_ms=200))
    cut_clip(long, tmp_path / "clip.mp4", Interval(40, 42))
    assert numbers_in(tmp_path / "clip.mp4") == list(range(200, 210))


def test_a_seek_minds_a_late_start(tmp_path: Path, make_video, times, numbers_in) -> None:
    late = make_video(tmp_path / "late.mkv", times(240, step_ms=200, start_ms=9000))
    cut_clip(late, tmp_path / "clip.mp4", Interval(40, 42))
    assert numbers_in(tmp_path / "clip.mp4") == list(range(200, 210))


def test_uneven_frames_keep_their_times(tmp_path: Path, make_video, numbers_in) -> None:
    moments = [0, 40, 500, 520, 560, 1200, 1300, 1310, 1900, 2000]
    uneven = make_video(tmp_path / "uneven.mkv", moments)
    cut_clip(uneven, tmp_path / "clip.mp4", Interval(0.5, 1.9))
    assert numbers_in(tmp_path / "clip.mp4") == [2, 3, 4, 5, 6, 7]
    kept = [frame.time_seconds for frame in iterate_frames(tmp_path / "clip.mp4")]
    assert np.allclose(kept, [0, 0.02, 0.06, 0.7, 0.8, 0.81], atol=0.002)


def test_equal_input_gives_equal_bytes(tmp_path: Path, counting: Path) -> None:
    one = cut_clip(counting, tmp_path / "one.mp4", Interval(1, 3))
    other = cut_clip(counting, tmp_path / "other.mp4", Interval(1, 3))
    assert one == other
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "other.mp4").read_bytes()
    assert one.bytes == (tmp_path / "one.mp4").stat().st_size


@pytest.mark.parametrize("keep", [True, False])
def test_sound_is_kept_if_asked(tmp_path: Path, counting: Path, keep: bool) -> None:
    cut_clip(counting, tmp_path / "c.mp4", Interval(1, 3), settings=CutConfig(keep_audio=keep))
    assert probe(tmp_path / "c.mp4").has_audio is keep


def test_the_short_side_is_set(tmp_path: Path, counting: Path) -> None:
    made = cut_clip(counting, tmp_path / "c.mp4", Interval(0, 1), settings=CutConfig(short_side=32))
    assert (made.width, made.height) == (48, 32)


def test_nothing_is_left_when_the_window_is_empty(tmp_path: Path, counting: Path) -> None:
    with pytest.raises(ItemFailed, match=r"no frame.*\[20, 30\) s") as failed:
        cut_clip(counting, tmp_path / "clip.mp4", Interval(20, 30))
    assert failed.value.reason is Reason.BROKEN
    assert list(tmp_path.iterdir()) == []


def test_too_slow_is_stopped(tmp_path: Path, counting: Path) -> None:
    with pytest.raises(ItemFailed) as failed:
        cut_clip(
            counting,
            tmp_path / "c.mp4",
            Interval(0, 8),
            settings=CutConfig(timeout_seconds=0.001),
        )
    assert failed.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(
    ("name", "size"),
    [
        pytest.param("video_90.mov", (320, 568), id="turned"),
        pytest.param("nasa_13013_rotated.mp4", (270, 480), id="turned the other way"),
        pytest.param("testsrc2_odd_height_and_width_mpeg2.mp4", (120, 80), id="odd sizes"),
        pytest.param("h265_10bits.mp4", (200, 200), id="HEVC 10 bit"),
        pytest.param("corrupted.mp4", (1280, 720), id="damaged in the middle"),
        pytest.param("unordered.mov", (50, 50), id="frames out of order"),
        pytest.param("test_non_zero_start.mp4", (200, 112), id="late start"),
    ],
)
def test_odd_files_make_plain_clips(
    shared: Path, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    source = shared / "videos" / "odd" / name
    made = cut_clip(source, tmp_path / "clip.mp4", Interval(0, 0.5))
    info = probe(tmp_path / "clip.mp4")
    assert (made.width, made.height) == size == (info.width, info.height)
    assert (info.codec, info.rotation_degrees, info.start_seconds) == ("h264", 0, 0)
    one, other = (
        next(iterate_frames(path, size=(32, 32))) for path in (source, tmp_path / "clip.mp4")
    )
    assert np.abs(one.rgb_HWC.astype(int) - other.rgb_HWC).mean() < 8


def test_a_missing_ffmpeg_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise RuntimeError

    monkeypatch.setattr(ffmpeg.shutil, "which", lambda name, path: None)
    monkeypatch.setattr(ffmpeg.imageio_ffmpeg, "get_ffmpeg_exe", missing)
    with pytest.raises(ffmpeg.FfmpegMissing, match="apt install ffmpeg"):
        ffmpeg.find_ffmpeg.__wrapped__()


def test_no_playlist_is_read(tmp_path: Path, counting: Path) -> None:
    (tmp_path / "in.mp4").write_bytes(counting.read_bytes())
    (tmp_path / "list.mp4").write_text("ffconcat version 1.0\nfile in.mp4\n")
    with pytest.raises(ItemFailed, match="broken"):
        cut_clip(tmp_path / "list.mp4", tmp_path / "clip.mp4", Interval(0, 1))
