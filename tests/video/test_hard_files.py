"""Files that players show and simple readers get wrong, made here: probe, frames and cut agree."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from kinetics_builder.intervals import Interval
from kinetics_builder.video.cut import cut_clip
from kinetics_builder.video.frames import iterate_frames
from kinetics_builder.video.probe import probe


@pytest.fixture
def seen(read_number) -> Callable[[Path], list[tuple[float, int]]]:
    """The time and the number of each frame of a file."""
    return lambda path: [
        (round(frame.time_seconds, 3), read_number(frame.rgb_HWC)) for frame in iterate_frames(path)
    ]


def loudness(path: Path) -> list[float]:
    """Return how loud each tenth of a second is."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        rate = frames[0].sample_rate
        begin = round(frames[0].time * rate)
        heard = np.concatenate([frame.to_ndarray()[0] for frame in frames])[max(0, -begin) :]
    tenths = heard[: len(heard) // (rate // 10) * (rate // 10)].reshape(-1, rate // 10)
    return [float(np.abs(tenth).mean()) for tenth in tenths]


def is_heard(path: Path) -> str:
    """Return one letter for each half of a second: # for a tone, . for silence."""
    found = loudness(path)
    return "".join(
        "#" if np.median(found[i : i + 5]) > 0.05 else "." for i in range(0, len(found), 5)
    )


EVERY = range(0, 4000, 40)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"size": (128, 96)}, id="larger"),
        pytest.param({"size": (64, 96)}, id="upright after lying"),
        pytest.param({"pix_fmt": "yuv444p"}, id="another pixel format"),
        pytest.param({"pix_fmt": "yuv420p10le"}, id="ten bits"),
        pytest.param({"matrix": 1}, id="other colours"),
    ],
)
@pytest.mark.parametrize("suffix", [".ts", ".mkv"])
def test_a_picture_that_changes_midway_loses_nothing(
    tmp_path: Path, film, part, seen, second: dict, suffix: str
) -> None:
    later = part([t + 4000 for t in EVERY], first=100, **second)
    path = film(tmp_path / f"v{suffix}", [part(EVERY), later])
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(0, 8))
    assert (made.num_frames, made.width, made.height) == (200, 96, 64)
    assert made.duration_seconds == pytest.approx(8, abs=0.001)
    found = seen(tmp_path / "clip.mp4")
    assert [time for time, _ in found] == [round(i / 25, 3) for i in range(200)]
    if "size" not in second or second["size"] == (128, 96):
        assert [number for _, number in found] == list(range(200))


def test_a_picture_of_another_shape_has_bars_and_is_not_stretched(
    tmp_path: Path, film, part
) -> None:
    path = film(tmp_path / "v.ts", [part(EVERY), part([4000, 4040], first=254, size=(64, 128))])
    cut_clip(path, tmp_path / "clip.mp4", Interval(3, 4.08))
    *_, last = iterate_frames(tmp_path / "clip.mp4")
    assert last.rgb_HWC.shape == (64, 96, 3)
    assert last.rgb_HWC[:, :28].max() < 20
    assert last.rgb_HWC[:, -28:].max() < 20
    assert last.rgb_HWC[24:40, 36:60].min() > 200


HELD = [*range(0, 6040, 40), *range(13000, 25000, 40)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(10, 20, [(0, 150), (3, 151), (3.04, 152)], id="held into the clip"),
        pytest.param(7, 12, [(0, 150)], id="held through all of the clip"),
        pytest.param(5.92, 10, [(0, 148), (0.04, 149), (0.08, 150)], id="held out of the clip"),
    ],
)
@pytest.mark.parametrize("sounds", [[(0, 25000)], []], ids=["with sound", "silent"])
def test_a_picture_that_is_held_keeps_its_time(
    tmp_path: Path, film, part, seen, start: float, end: float, expected, sounds
) -> None:
    path = film(tmp_path / "v.mkv", [part(HELD)], sounds_ms=sounds)
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(start, end))
    found = seen(tmp_path / "clip.mp4")
    assert [(t, n % 256) for t, n in expected] == found[: len(expected)]
    assert made.duration_seconds == pytest.approx(end - start, abs=0.001)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        for stream in container.streams:
            length = float(stream.duration * stream.time_base)
            assert length == pytest.approx(end - start, abs=0.1), stream.type


@pytest.mark.parametrize(
    ("sounds", "start", "expected"),
    [
        pytest.param([(0, 2000)], 0, "####....", id="ends before the clip does"),
        pytest.param([(0, 1000)], 2, "........", id="ends before the clip begins"),
        pytest.param([(2000, 8000)], 0, "....####", id="begins within the clip"),
        pytest.param([(7000, 8000)], 1, "........", id="begins after the clip"),
        pytest.param([(0, 1000), (3000, 8000)], 0, "##....##", id="pauses"),
    ],
)
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_where_nothing_is_heard_the_clip_is_silent(
    tmp_path: Path, film, part, sounds, start: float, expected: str, suffix: str
) -> None:
    path = film(tmp_path / f"v{suffix}", [part(range(0, 8000, 40))], sounds_ms=sounds)
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(start, start + 4))
    assert (made.num_frames, made.duration_seconds) == (100, pytest.approx(4, abs=0.001))
    assert is_heard(tmp_path / "clip.mp4")[:8] == expected


def write_streams(path: Path, streams: Sequence[dict], picture) -> Path:
    """Write several streams of pictures, each 25 a second, with what is said about them."""
    with av.open(str(path), "w") as output:
        added = []
        for what in streams:
            stream = output.add_stream(what.get("codec", "libx264"), rate=25)
            stream.width, stream.height = what["size"]
            stream.pix_fmt = what.get("pix_fmt", "yuv420p")
            stream.disposition = what["disposition"]
            added.append((stream, what))
        packets = []
        for stream, what in added:
            for index, number in enumerate(what["numbers"]):
                frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
                frame = frame.reformat(*what["size"], stream.pix_fmt)
                frame.pts, frame.time_base = index, Fraction(1, 25)
                packets += stream.encode(frame)
            packets += stream.encode(None)
        for packet in sorted(packets, key=lambda p: p.dts * p.time_base):
            output.mux(packet)
    return path


MOVING = {"size": (96, 64), "numbers": range(100), "disposition": Disposition.default}
NONE = Disposition(0)


@pytest.mark.parametrize(
    ("suffix", "streams"),
    [
        pytest.param(
            ".mkv",
            [
                {"size": (64, 64), "numbers": [255], "codec": "mjpeg", "pix_fmt": "yuvj420p"}
                | {"disposition": Disposition.default},
                MOVING,
            ],
            id="a cover that claims to be the film",
        ),
        pytest.param(
            ".mkv",
            [
                {"size": (64, 64), "numbers": [255], "codec": "mjpeg", "pix_fmt": "yuvj420p"}
                | {"disposition": Disposition.default},
                MOVING | {"disposition": NONE},
            ],
            id="a cover marked as the default",
        ),
        pytest.param(
            ".mkv",
            [MOVING | {"size": (64, 64), "disposition": NONE, "numbers": [255] * 100}, MOVING],
            id="the second is the default",
        ),
        pytest.param(
            ".mp4",
            [MOVING | {"size": (64, 64), "disposition": NONE, "numbers": [255] * 100}, MOVING],
            id="the second is the default, MP4",
        ),
        pytest.param(
            ".mkv",
            [MOVING, MOVING | {"size": (64, 64), "numbers": [255] * 100}],
            id="both are defaults",
        ),
        pytest.param(
            ".mp4",
            [
                {"size": (64, 64), "numbers": [255], "codec": "mjpeg", "pix_fmt": "yuvj420p"}
                | {"disposition": Disposition.attached_pic},
                MOVING,
            ],
            id="cover art",
        ),
    ],
)
def test_the_moving_picture_is_meant(
    tmp_path: Path, picture, seen, suffix: str, streams: list[dict]
) -> None:
    path = write_streams(tmp_path / f"v{suffix}", streams, picture)
    info = probe(path)
    assert (info.width, info.height, info.num_frames) == (96, 64, 100)
    assert [number for _, number in seen(path)] == list(range(100))
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(1, 3))
    assert (made.width, made.height, made.num_frames) == (96, 64, 50)
    assert [number for _, number in seen(tmp_path / "clip.mp4")] == list(range(25, 75))


@pytest.mark.parametrize(
    ("name", "codec", "container", "options"),
    [
        pytest.param("v.ts", "libx264", None, {}, id="MPEG-TS, H.264"),
        pytest.param("v.ts", "libx264", None, {"bf": "2"}, id="MPEG-TS, H.264, B-frames"),
        pytest.param("v.ts", "mpeg2video", None, {"bf": "2"}, id="MPEG-TS, MPEG-2"),
        pytest.param("v.mpg", "mpeg1video", "mpeg", {"bf": "2"}, id="program stream, MPEG-1"),
        pytest.param("v.mpg", "mpeg2video", "mpeg", {}, id="program stream, MPEG-2"),
        pytest.param("v.mpg", "mpeg1video", "mpeg1video", {"bf": "2"}, id="bare MPEG-1"),
        pytest.param("v.mpg", "mpeg2video", "mpeg2video", {"bf": "2"}, id="bare MPEG-2"),
        pytest.param("v.mp4", "mpeg4", "m4v", {"bf": "2"}, id="bare MPEG-4 called .mp4"),
        pytest.param("v.mp4", "libx264", "h264", {"bf": "2"}, id="bare H.264 called .mp4"),
        pytest.param("v.mp4", "libx265", "hevc", {"x265-params": "log-level=0"}, id="bare H.265"),
        pytest.param("v.avi", "libx264", None, {"bf": "2"}, id="AVI, H.264, B-frames"),
        pytest.param("v.avi", "mpeg4", None, {"bf": "2"}, id="AVI, MPEG-4, B-frames"),
        pytest.param("v.avi", "mpeg4", None, {}, id="AVI, MPEG-4"),
        pytest.param("v.flv", "libx264", None, {"bf": "2"}, id="FLV"),
        pytest.param("v.wmv", "wmv2", "asf", {}, id="ASF"),
        pytest.param("v.mkv", "libx264", None, {"bf": "2"}, id="Matroska"),
        pytest.param("v.mp4", "libx264", None, {"bf": "2"}, id="MP4"),
        pytest.param("v.mxf", "mpeg2video", None, {}, id="MXF"),
        pytest.param("v.y4m", "rawvideo", "yuv4mpegpipe", {}, id="Y4M"),
        pytest.param("v.rm", "rv10", "rm", {}, id="RealMedia"),
    ],
)
@pytest.mark.parametrize("gop", ["12", "500"])
def test_a_clip_far_inside_holds_its_frames_in_every_container(
    tmp_path: Path, seen, picture, name: str, codec: str, container, options: dict, gop: str
) -> None:
    path = tmp_path / name
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=25, options={"g": gop, "bf": "0"} | options)
        stream.width, stream.height = (176, 144) if codec == "rv10" else (96, 64)
        stream.pix_fmt, stream.bit_rate = "yuv420p", 2_000_000
        for number in range(1000):
            frame = av.VideoFrame.from_ndarray(picture(number % 256), format="rgb24")
            output.mux(stream.encode(frame.reformat(stream.width, stream.height, "yuv420p")))
        output.mux(stream.encode(None))
    info = probe(path)
    assert (info.num_frames, info.frames_per_second) == (1000, pytest.approx(25, abs=0.01))
    assert info.duration_seconds == pytest.approx(40, abs=0.01)
    for start, end in [(0, 2), (12, 13), (26, 30), (38, 40)]:
        made = cut_clip(path, tmp_path / "clip.mp4", Interval(start, end))
        expected = [number % 256 for number in range(start * 25, end * 25)]
        assert [number for _, number in seen(tmp_path / "clip.mp4")] == expected
        assert made.duration_seconds == pytest.approx(end - start, abs=0.01)
        assert made.num_damaged_frames == 0


def spoilt(source: Path, target: Path, change: Callable[[int, av.Packet], None]) -> Path:
    """Copy the packets of a film and change what is said of each one's time."""
    with av.open(str(source)) as film, av.open(str(target), "w") as output:
        stream = output.add_stream_from_template(film.streams.video[0])
        for number, packet in enumerate(film.demux(video=0)):
            if packet.size:
                change(number, packet)
                packet.stream = stream
                output.mux(packet)
    return target


JOINED = [(i / 25, i) for i in range(200)]


@pytest.mark.parametrize("bf", ["0", "2"])
@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
@pytest.mark.parametrize("suffix", [".avi", ".ts", ".mpg"])
def test_two_recordings_joined_run_on(
    tmp_path: Path, film, part, seen, suffix: str, codec: str, bf: str
) -> None:
    if suffix == ".mpg":
        codec = "mpeg2video"
    parts = []
    for first in (0, 100):
        path = tmp_path / f"{first}{suffix}"
        with av.open(str(path), "w") as output:
            stream = output.add_stream(codec, rate=25, options={"bf": bf, "g": "12"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            for packet in pictures_of(stream, range(first, first + 100)):
                output.mux(packet)
        parts.append(path.read_bytes())
    path = tmp_path / f"v{suffix}"
    path.write_bytes(b"".join(parts))
    info = probe(path)
    assert info.duration_seconds == pytest.approx(8, abs=0.05)
    assert info.frames_per_second == pytest.approx(25, abs=0.2)
    found = seen(path)
    assert [n for _, n in found] == list(range(200))
    assert np.allclose([t for t, _ in found], np.arange(200) / 25, atol=0.05)
    cut_clip(path, tmp_path / "clip.mp4", Interval(3, 6))
    assert [n for _, n in seen(tmp_path / "clip.mp4")] == list(range(75, 150))
