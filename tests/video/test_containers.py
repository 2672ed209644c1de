"""Every file whose name counts as a video's can be opened; what cannot is not listed."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed, Reason
from kinetics_builder.formats.media import VIDEO_SUFFIXES
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.probe import probe
from pipelines.sources import folder

H264, MPEG2, MPEG4 = "libx264", "mpeg2video", "mpeg4"
MADE = {
    **dict.fromkeys((".mp4", ".m4v", ".f4v", ".3gp", ".3g2"), (None, H264)),
    **dict.fromkeys((".mov", ".qt"), ("mov", H264)),
    **dict.fromkeys((".avi", ".divx"), ("avi", MPEG4)),
    **dict.fromkeys((".ts", ".m2ts", ".mts"), ("mpegts", H264)),
    **dict.fromkeys((".mpg", ".mpeg"), ("mpeg", MPEG2)),
    **dict.fromkeys((".asf", ".wmv"), ("asf", "wmv2")),
    **dict.fromkeys((".rm", ".rmvb"), ("rm", "rv10")),
    **dict.fromkeys((".264", ".h264"), ("h264", H264)),
    **dict.fromkeys((".265", ".h265", ".hevc"), ("hevc", "libx265")),
    ".vob": ("vob", MPEG2),
    ".dv": ("dv", "dvvideo"),
    ".flv": ("flv", H264),
    ".mkv": ("matroska", H264),
    ".webm": ("webm", "libvpx"),
    ".ogv": ("ogg", "libvpx"),
    ".mxf": ("mxf", MPEG2),
    ".y4m": ("yuv4mpegpipe", "rawvideo"),
    ".m1v": ("mpeg1video", "mpeg1video"),
    ".m2v": ("mpeg2video", MPEG2),
}
SIZES = {"rv10": (176, 144), "dvvideo": (720, 576)}
CALLED_MP4 = {
    "bare MPEG-4": ("m4v", MPEG4),
    "bare H.264": ("h264", H264),
    "bare H.265": ("hevc", "libx265"),
    "Matroska": ("matroska", H264),
    "AVI": ("avi", MPEG4),
    "MPEG-TS": ("mpegts", H264),
}


def make(path: Path, container: str | None, codec: str, picture) -> None:
    options = {"m2ts": {"mpegts_m2ts_mode": "1"}}.get(path.suffix[1:], {})
    with av.open(str(path), "w", format=container, container_options=options) as output:
        quiet = {"x265-params": "log-level=0"} if codec == "libx265" else {}
        stream = output.add_stream(codec, rate=25, options=quiet)
        stream.width, stream.height = SIZES.get(codec, (96, 64))
        stream.pix_fmt, stream.bit_rate = "yuv420p", 2_000_000
        for number in range(50):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            frame = frame.reformat(stream.width, stream.height, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))


@pytest.mark.parametrize("suffix", sorted(VIDEO_SUFFIXES))
def test_what_counts_as_a_video_is_opened(
    tmp_path: Path, picture, read_number, suffix: str
) -> None:
    path = tmp_path / f"v{suffix}"
    make(path, *MADE[suffix], picture)
    assert_whole(path, read_number)


@pytest.mark.parametrize("name", CALLED_MP4)
def test_a_name_is_not_believed(tmp_path: Path, picture, read_number, name: str) -> None:
    path = tmp_path / "v.mp4"
    make(path, *CALLED_MP4[name], picture)
    assert_whole(path, read_number)


def assert_whole(path: Path, read_number) -> None:
    assert [read_number(frame.rgb_HWC) for frame in iterate_frames(path)] == list(range(50))
    info = probe(path)
    assert (info.num_frames, info.duration_seconds) == (50, pytest.approx(2, abs=0.01))
    cut_clip(path, path.with_name("clip.mp4"), Interval(0.4, 1.2))
    clip = [read_number(frame.rgb_HWC) for frame in iterate_frames(path.with_name("clip.mp4"))]
    assert clip == list(range(10, 30))


def test_a_folder_lists_what_can_be_opened() -> None:
    assert folder.VIDEO_SUFFIXES is VIDEO_SUFFIXES


@pytest.mark.parametrize(
    ("codec", "pix_fmt"),
    [("libsvtav1", "yuv420p"), ("libvpx-vp9", "yuv420p"), ("mjpeg", "yuvj420p")],
)
def test_a_codec_that_no_transport_stream_names_is_told_with_a_remedy(
    tmp_path: Path, picture, codec: str, pix_fmt: str
) -> None:
    path = tmp_path / "v.ts"
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, pix_fmt
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            output.mux(stream.encode(frame.reformat(128, 96, pix_fmt)))
        output.mux(stream.encode(None))
    for use in (probe, lambda path: cut_clip(path, tmp_path / "clip.mp4", Interval(0, 1))):
        with pytest.raises(ItemFailed, match=r"unknown kind.* AV1 .*MP4 or Matroska") as failed:
            use(path)
        assert failed.value.reason is Reason.NO_VIDEO


def test_sound_alone_is_named_and_no_codec_is_guessed(tmp_path: Path) -> None:
    for suffix in (".ts", ".mp4"):
        path = tmp_path / f"sound{suffix}"
        with av.open(str(path), "w") as output:
            stream = output.add_stream("aac", rate=16000, layout="mono")
            samples = np.zeros((1, 1024), np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16000, 0
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        with pytest.raises(ItemFailed, match=r"streams: 1 of audio$"):
            probe(path)


@pytest.mark.parametrize(
    ("suffix", "name", "other"),
    [(".mp4", b"avc1", b"zzz1"), (".mkv", b"V_MPEG4/ISO/AVC", b"V_ZZZZZ/ISO/AVC")],
)
def test_an_unknown_codec_is_told_with_a_remedy(
    tmp_path: Path, picture, suffix: str, name: bytes, other: bytes
) -> None:
    path = tmp_path / f"v{suffix}"
    make(path, None, H264, picture)
    content = path.read_bytes()
    assert name in content
    path.write_bytes(content.replace(name, other))
    with pytest.raises(ItemFailed, match=r"codec is unknown .*libavcodec.* H.264 in MP4") as failed:
        probe(path)
    assert failed.value.reason is Reason.BROKEN
