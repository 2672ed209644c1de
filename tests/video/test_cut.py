import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from kinetics_builder.config import CutConfig
from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.intervals import Interval
from kinetics_builder.video import ffmpeg
from kinetics_builder.video.cutting import cut
from kinetics_builder.video.cutting import reel as video_reel
from kinetics_builder.video.cutting.canvas import Canvas
from kinetics_builder.video.cutting.clip_file import read_back
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.cutting.reel import Reel
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.probe import probe
from kinetics_builder.video.reading.showing import Showing, shown_pictures


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


CUT = """
import sys
from pathlib import Path
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.clip_file import read_back
from kinetics_builder.video.cutting.cut import cut_clip
cut_clip(Path(sys.argv[1]), Path(sys.argv[2]), Interval(0.1, 1.5))
"""


@pytest.mark.parametrize(
    ("name", "codec", "size", "pix_fmt"),
    [
        pytest.param("v.mp4", "libx264", (102, 70), "yuv420p", id="no multiple of 4"),
        pytest.param("v.mkv", "mjpeg", (101, 71), "yuvj444p", id="odd, other colours"),
    ],
)
def test_what_lay_in_memory_before_has_no_say(
    tmp_path: Path, name: str, codec: str, size: tuple[int, int], pix_fmt: str
) -> None:
    source = tmp_path / name
    noise = np.random.default_rng(0)
    with av.open(str(source), "w") as output:
        stream = output.add_stream(codec, rate=25)
        (stream.width, stream.height), stream.pix_fmt = size, pix_fmt
        sound = output.add_stream("aac", rate=22050, layout="stereo")
        for _ in range(40):
            picture = noise.integers(0, 255, (*size[::-1], 3), dtype=np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            output.mux(stream.encode(frame.reformat(*size, pix_fmt)))
        output.mux(stream.encode(None))
        samples = noise.normal(0, 0.1, (2, 35280)).astype(np.float32)
        tone = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        tone.sample_rate, tone.pts = 22050, 0
        output.mux([*sound.encode(tone), *sound.encode(None)])
    made = []
    for filling in ("1", "170"):  # glibc fills what it gives away with it
        target = tmp_path / f"{filling}.mp4"
        command = [sys.executable, "-c", CUT, str(source), str(target)]
        subprocess.run(command, check=True, env=os.environ | {"MALLOC_PERTURB_": filling})
        made.append(target.read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("keep", [True, False])
def test_sound_is_kept_if_asked(tmp_path: Path, counting: Path, keep: bool) -> None:
    cut_clip(counting, tmp_path / "c.mp4", Interval(1, 3), settings=CutConfig(keep_audio=keep))
    assert probe(tmp_path / "c.mp4").has_audio is keep


def test_sound_coded_in_a_hurry_sounds_as_the_other(tmp_path: Path, counting: Path) -> None:
    heard = []
    for preset in ("ultrafast", "superfast"):
        made = tmp_path / f"{preset}.mp4"
        cut_clip(counting, made, Interval(1, 3), settings=CutConfig(preset=preset))
        with av.open(str(made)) as clip:
            heard.append(np.concatenate([one.to_ndarray() for one in clip.decode(audio=0)], 1))
    hasty, usual = heard
    assert hasty.shape == usual.shape and not np.array_equal(hasty, usual)
    assert hasty.std() == pytest.approx(usual.std(), rel=0.1)


def test_the_short_side_is_set(tmp_path: Path, counting: Path) -> None:
    made = cut_clip(counting, tmp_path / "c.mp4", Interval(0, 1), settings=CutConfig(short_side=32))
    assert (made.width, made.height) == (48, 32)


def test_key_frames_come_as_often_as_is_asked(tmp_path: Path, counting: Path) -> None:
    target = tmp_path / "c.mp4"
    for asked, expected in ((0, [0]), (4, [0, 4, 8, 12, 16, 20, 24])):
        cut_clip(counting, target, Interval(0, 1), settings=CutConfig(keyframe_interval=asked))
        with av.open(str(target)) as container:
            is_key = [entry.is_keyframe for entry in container.streams.video[0].index_entries]
        assert [place for place, found in enumerate(is_key) if found] == expected


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


def test_a_clip_of_which_much_is_lost_is_a_failure(tmp_path: Path, film, part) -> None:
    whole = film(tmp_path / "whole.mp4", [part(range(0, 8000, 40))], options={"g": "25"})
    content = bytearray(whole.read_bytes())
    start, end = content.index(b"mdat") + 4, content.index(b"moov") - 4
    start += (end - start) // 2
    content[start:end] = bytes(end - start)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(content)
    with pytest.raises(ItemFailed, match=r"of \d+ frames in \[2, 8\) s \d+ are damaged") as failed:
        cut_clip(broken, tmp_path / "clip.mp4", Interval(2, 8))
    assert failed.value.reason is Reason.BROKEN
    assert not (tmp_path / "clip.mp4").exists()
    assert cut_clip(broken, tmp_path / "clip.mp4", Interval(0, 2)).num_damaged_frames == 0


def test_a_few_lost_frames_are_counted(shared: Path, tmp_path: Path) -> None:
    source = shared / "videos" / "odd" / "corrupted.mp4"
    made = cut_clip(source, tmp_path / "clip.mp4", Interval(0, probe(source).duration_seconds))
    assert 1 <= made.num_damaged_frames <= 5


@pytest.mark.parametrize(
    ("lost", "message"),
    [
        pytest.param({"num_frames": 12}, "12 frames for 50", id="frames"),
        pytest.param({"duration_seconds": 1.0}, r"1\.00 s for 2\.00 s", id="length"),
        pytest.param({"width": 32}, "32x64 pixels for 96x64", id="size"),
        pytest.param({"has_sound": False}, "no sound", id="sound"),
    ],
)
def test_what_was_written_is_held_against_what_was_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, counting: Path, lost: dict, message: str
) -> None:
    monkeypatch.setattr(cut, "read_back", lambda path: replace(read_back(path), **lost))
    with pytest.raises(ItemFailed, match=f"the clip that was written has {message}"):
        cut_clip(counting, tmp_path / "clip.mp4", Interval(0, 2))
    assert list(tmp_path.iterdir()) == []


def test_a_pixels_shape_is_kept(tmp_path: Path) -> None:
    source = tmp_path / "wide.mkv"
    with av.open(str(source), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(16, 11)
        for _ in range(25):
            grey = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 90, np.uint8), format="rgb24")
            output.mux(stream.encode(grey))
        output.mux(stream.encode(None))
    cut_clip(source, tmp_path / "clip.mp4", Interval(0, 1))
    with av.open(str(tmp_path / "clip.mp4")) as clip:
        assert clip.streams.video[0].sample_aspect_ratio == Fraction(16, 11)


@pytest.mark.parametrize("matrix", [3, 8, 14], ids=["reserved", "YCgCo", "ICtCp"])
def test_colours_that_nothing_can_convert_are_no_fault(
    tmp_path: Path, film, part, numbers_in, matrix: int
) -> None:
    path = film(tmp_path / "v.mkv", [part(range(0, 2000, 40), matrix=2)])
    odd = tmp_path / "odd.mkv"
    with av.open(str(path)) as source, av.open(str(odd), "w") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.codec_context.colorspace = matrix
        for frame in source.decode(video=0):
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    cut_clip(odd, tmp_path / "clip.mp4", Interval(0, 2))
    assert numbers_in(odd) == numbers_in(tmp_path / "clip.mp4") == list(range(50))


@pytest.mark.parametrize("keep", [True, False])
def test_what_is_read_back_is_what_a_probe_finds(tmp_path: Path, make_video, keep: bool) -> None:
    moments = [0, 40, 500, 520, 560, 1200, 1300, 1310, 1900, 2000]
    uneven = make_video(tmp_path / "uneven.mkv", moments)
    made = tmp_path / "clip.mp4"
    cut_clip(uneven, made, Interval(0.5, 1.9), settings=CutConfig(keep_audio=keep))
    read, probed = read_back(made), probe(made)
    assert (read.num_frames, read.width, read.height) == (6, probed.width, probed.height)
    assert read.duration_seconds == pytest.approx(probed.duration_seconds, abs=1e-9)
    assert read.frames_per_second == pytest.approx(probed.frames_per_second)
    assert read.has_sound is probed.has_audio


SEVERAL = (
    pytest.param([(0, 2), (2, 4), (5, 6), (7.5, 8)], id="one behind the other"),
    pytest.param([(1, 3), (2, 4), (2, 3)], id="one inside the other"),
    pytest.param([(6, 8), (0.02, 1), (3, 3.5)], id="out of order"),
    pytest.param([(1, 1.01), (1.01, 1.03), (1.05, 1.06)], id="between two pictures"),
    pytest.param([(20, 30), (3, 4), (7, 30), (2, 3)], id="some past the end"),
)


@pytest.mark.few("mp4")
@pytest.mark.parametrize("suffix", ["mp4", "avi", "ts"])
@pytest.mark.parametrize("windows", SEVERAL)
def test_clips_from_one_reel_are_those_cut_alone(
    tmp_path: Path, make_video, times, suffix: str, windows: list[tuple[float, float]]
) -> None:
    path = make_video(tmp_path / f"film.{suffix}", times(200))

    def cut_from(source: Path | Reel, start: float, end: float) -> bytes | str:
        target = tmp_path / "clip.mp4"
        try:
            cut_clip(source, target, Interval(start, end))
        except ItemFailed as failed:
            return str(failed)
        return target.read_bytes()

    alone = [cut_from(path, *window) for window in windows]
    with Reel(path) as reel:
        assert [cut_from(reel, *window) for window in windows] == alone


def test_a_reel_decodes_what_lies_between_clips_once(
    tmp_path: Path, make_video, times, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And begins anew where it would wind through minutes that no clip needs."""
    begun: list[float] = []

    class Counted(Showing):
        def __iter__(self):
            begun.append(self.from_seconds)
            return super().__iter__()

    monkeypatch.setattr(video_reel, "Showing", Counted)
    long = make_video(tmp_path / "long.mp4", times(300, step_ms=200))
    with Reel(long) as reel:
        for start in (1, 4, 9, 45, 50):
            cut_clip(reel, tmp_path / "clip.mp4", Interval(start, start + 2))
    assert begun == [1, 45]


def test_pictures_that_fit_are_encoded_as_they_are(tmp_path: Path, counting: Path) -> None:
    """Those that carry more, or mean other colours, go through the scaler, as all others do."""
    frame = next(iter(shown_pictures(counting))).frame
    canvas = Canvas.for_first(frame, 0)
    plain = VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
    assert canvas.paint(plain) is plain
    for name, value in (("color_range", 2), ("colorspace", 1)):
        other = VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
        setattr(other, name, value)
        assert canvas.paint(other) is not other
    assert Canvas.for_first(frame, 32).paint(plain).height == 32
