"""Files that players show and simple readers get wrong, made here: probe, frames and cut agree."""

import subprocess
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from kinetics_builder.errors import ItemFailed
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.ffmpeg import find_ffmpeg
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.probe import probe


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


@pytest.mark.few(".ts")
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


@pytest.mark.few("with sound")
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


@pytest.mark.few(".mp4", ".ts")
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


@pytest.mark.few("MPEG-TS, H.264, B-frames", "bare H.265", "MP4")
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
@pytest.mark.parametrize("gop", ["12", pytest.param("500", marks=pytest.mark.long)])
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


def not_coded(packet: av.Packet, index: int) -> av.Packet:
    """Return the MPEG-4 packet by which an encoder says: the picture before once more."""
    seconds = "1" * (index // 25 - (index - 1) // 25)
    bits = f"01{seconds}01{index % 25:05b}10"  # P, seconds, marker, 25ths, marker, not coded
    bits += "0" + "1" * (-len(bits + "0") % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8)
    empty = av.Packet(b"\x00\x00\x01\xb6" + data)
    empty.pts, empty.dts, empty.time_base = packet.pts, packet.dts, packet.time_base
    empty.stream, empty.duration = packet.stream, packet.duration
    return empty


@pytest.mark.parametrize("suffix", [".avi", ".mp4", ".mkv"])
def test_a_picture_that_is_shown_once_more_is_no_lost_one(
    tmp_path: Path, picture, seen, suffix: str
) -> None:
    path, shown = tmp_path / f"v{suffix}", [i - (i % 3 == 2) for i in range(100)]
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=25, options={"bf": "0", "g": "12"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.bit_rate = 4_000_000
        for index, packet in enumerate(pictures_of(stream, shown, picture)):
            output.mux(not_coded(packet, index) if index % 3 == 2 else packet)
    own = [number for number in range(100) if number % 3 != 2]
    assert seen(path) == [(number / 25, number) for number in own]
    assert probe(path).num_frames == len(own)
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(1, 3))
    assert (made.num_damaged_frames, made.duration_seconds) == (0, pytest.approx(2, abs=0.01))
    found = seen(tmp_path / "clip.mp4")
    assert [number for _, number in found] == [number for number in own if 25 <= number < 75]


@pytest.mark.parametrize("seconds", [0, 1, 3])
def test_a_still_at_the_end_lasts_until_its_last_repeat(tmp_path: Path, seconds: int) -> None:
    path = tmp_path / "v.ogv"
    film = f"testsrc=size=64x48:rate=25:duration=2,tpad=stop_mode=clone:stop_duration={seconds}"
    command = [str(find_ffmpeg()), "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", film]
    subprocess.run([*command, "-c:v", "libtheora", "-q:v", "7", str(path)], check=True)
    assert probe(path).duration_seconds == pytest.approx(2 + seconds, abs=0.001)
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(1, 10))
    assert made.duration_seconds == pytest.approx(1 + seconds, abs=0.001)
    assert made.num_damaged_frames == 0


@pytest.mark.parametrize("bf", ["0", "2"])
def test_behind_a_hole_an_avi_keeps_its_times(tmp_path: Path, picture, seen, bf: str) -> None:
    path = tmp_path / "v.avi"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=25, options={"bf": bf, "g": "25"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.bit_rate = 2_000_000
        for packet in pictures_of(stream, range(200), picture):
            output.mux(packet)
    data = bytearray(path.read_bytes())
    hole = len(data) // 2
    data[hole : hole + 3000] = bytes(3000)
    path.write_bytes(data)
    assert probe(path).duration_seconds == pytest.approx(8, abs=0.01)
    found = seen(path)
    assert 100 < len(found) < 190
    late = [(time, number) for time, number in found if time >= 6]
    assert late == [(number / 25, number) for number in range(150, 200)]
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(6, 8))
    assert made.num_damaged_frames == 0
    assert [number for _, number in seen(tmp_path / "clip.mp4")] == list(range(150, 200))
    with pytest.raises(ItemFailed, match="of 100 frames in"):
        cut_clip(path, tmp_path / "clip.mp4", Interval(2, 6))


def pictures_of(stream, numbers: Sequence[int], picture) -> Iterator[av.Packet]:
    """Encode numbered pictures at 25 a second."""
    for index, number in enumerate(numbers):
        frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
        frame.pts, frame.time_base = index, Fraction(1, 25)
        yield from stream.encode(frame)
    yield from stream.encode(None)


NUMBERS = list(range(200))
EVEN = np.arange(200) / 25


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        (".avi", "libx264"),
        (".avi", "mpeg4"),
        (".ts", "libx264"),
        (".ts", "mpeg2video"),
        (".mpg", "mpeg2video"),
    ],
)
@pytest.mark.parametrize("bf", ["0", "2"])
def test_two_recordings_joined_run_on(
    tmp_path: Path, picture, seen, suffix: str, codec: str, bf: str
) -> None:
    parts = []
    for first in (0, 100):
        path = tmp_path / f"{first}{suffix}"
        with av.open(str(path), "w") as output:
            stream = output.add_stream(codec, rate=25, options={"bf": bf, "g": "12"})
            stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
            for packet in pictures_of(stream, range(first, first + 100), picture):
                output.mux(packet)
        parts.append(path.read_bytes())
    path = tmp_path / f"v{suffix}"
    path.write_bytes(b"".join(parts))
    info = probe(path)
    assert info.duration_seconds == pytest.approx(8, abs=0.05)
    assert info.frames_per_second == pytest.approx(25, abs=0.2)
    found = seen(path)
    assert [number for _, number in found] == NUMBERS
    assert np.allclose([time for time, _ in found], EVEN, atol=0.05)
    cut_clip(path, tmp_path / "clip.mp4", Interval(3, 6))
    assert [number for _, number in seen(tmp_path / "clip.mp4")] == NUMBERS[75:150]


def test_the_sound_of_joined_recordings_runs_on_with_them(tmp_path: Path, film, part) -> None:
    parts = [
        film(tmp_path / f"{i}.ts", [part(range(0, 4000, 40), first=100 * i)], sounds_ms=[sound])
        for i, sound in enumerate([(0, 4000), (2000, 4000)])
    ]
    path = tmp_path / "v.ts"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    cut_clip(path, tmp_path / "clip.mp4", Interval(2, 8))
    assert is_heard(tmp_path / "clip.mp4")[:12] == "####....####"


def times_of(path: Path) -> list[float]:
    return [frame.time_seconds for frame in iterate_frames(path)]


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".mp4"])
def test_a_jump_in_which_nothing_was_recorded_is_no_time(
    tmp_path: Path, film, part, seen, suffix: str
) -> None:
    jumps = [t + (1_000_000 if t >= 4000 else 0) for t in range(0, 8000, 40)]
    sounds = [(0, 4000), (1_004_000, 1_008_000)]
    path = film(tmp_path / f"v{suffix}", [part(jumps)], sounds_ms=sounds)
    assert probe(path).duration_seconds == pytest.approx(8, abs=0.1)
    assert [number for _, number in seen(path)] == NUMBERS
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(2, 6))
    assert made.num_frames == pytest.approx(100, abs=2)
    assert is_heard(tmp_path / "clip.mp4")[:8] == "########"


def test_a_picture_held_for_long_while_something_is_heard_is_held(
    tmp_path: Path, film, part
) -> None:
    held = [t + (100_000 if t >= 4000 else 0) for t in range(0, 8000, 40)]
    path = film(tmp_path / "v.mkv", [part(held)], sounds_ms=[(0, 108_000)])
    assert probe(path).duration_seconds == pytest.approx(108, abs=0.1)
    assert cut_clip(path, tmp_path / "clip.mp4", Interval(50, 60)).num_frames == 1


def chained(paths: Sequence[Path], target: Path) -> Path:
    """Put files one behind another; FLV has one header for all."""
    contents = [path.read_bytes() for path in paths]
    header = 13 if target.suffix == ".flv" else 0
    target.write_bytes(contents[0] + b"".join(content[header:] for content in contents[1:]))
    return target


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([range(0, 4000, 40), range(1000, 5000, 40)], id="back by 3 s"),
        pytest.param([range(0, 4000, 40), range(2960, 6960, 40)], id="back by 1 s"),
        pytest.param([range(0, 4000, 40), [504_000], range(4040, 8000, 40)], id="one wild stamp"),
        pytest.param([range(90_000, 94_000, 40), range(0, 4000, 40)], id="back before the start"),
    ],
)
@pytest.mark.parametrize("suffix", [".ts", ".flv"])
def test_times_that_are_wrong_are_put_in_order_for_all(
    tmp_path: Path, film, part, seen, pieces, suffix: str
) -> None:
    paths, first = [], 0
    for times in pieces:
        paths.append(film(tmp_path / f"{first}{suffix}", [part(times, first=first)]))
        first += len(times)
    path = chained(paths, tmp_path / f"v{suffix}")
    info, found = probe(path), seen(path)
    assert info.duration_seconds == pytest.approx(8, abs=0.1)
    assert [number for _, number in found] == NUMBERS
    moments = [time for time, _ in found]
    assert all(a < b for a, b in pairwise(moments))
    assert np.allclose(moments, EVEN, atol=0.09)
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(2, 6))
    assert made.num_frames == pytest.approx(100, abs=1)


ONE = 65536
TURNS = {
    "as stored": ((ONE, 0, 0, ONE), lambda p: p),
    "mirrored": ((-ONE, 0, 0, ONE), lambda p: p[:, ::-1]),
    "upside down": ((ONE, 0, 0, -ONE), lambda p: p[::-1]),
    "half a turn": ((-ONE, 0, 0, -ONE), lambda p: p[::-1, ::-1]),
    "a quarter to the right": ((0, ONE, -ONE, 0), lambda p: np.rot90(p, -1)),
    "a quarter to the left": ((0, -ONE, ONE, 0), lambda p: np.rot90(p)),
    "a quarter to the right, mirrored": ((0, ONE, ONE, 0), lambda p: p.swapaxes(0, 1)),
    "a quarter to the left, mirrored": (
        (0, -ONE, -ONE, 0),
        lambda p: p[::-1, ::-1].swapaxes(0, 1),
    ),
}


@pytest.mark.parametrize("name", TURNS)
def test_a_display_matrix_is_obeyed_also_where_it_mirrors(tmp_path: Path, name: str) -> None:
    (a, b, c, d), turned = TURNS[name]
    stored = np.zeros((64, 96, 3), np.uint8)
    stored[:32, :48], stored[32:, 48:] = (250, 0, 0), (0, 0, 250)
    stored[:16, 48:] = 250
    path = tmp_path / "v.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])
        for packet in pictures_of(stream, range(25), lambda number: stored):
            output.mux(packet)
    expected = turned(stored).astype(int)
    cut_clip(path, tmp_path / "clip.mp4", Interval(0, 1))
    for file in (path, tmp_path / "clip.mp4"):
        shown = next(iterate_frames(file)).rgb_HWC
        assert shown.shape == expected.shape
        assert np.abs(shown - expected).mean() < 12
    info = probe(path)
    assert (info.width, info.height) == expected.shape[1::-1]
    assert info.is_mirrored is (name != "as stored" and ("mirror" in name or name == "upside down"))


def test_metadata_in_any_encoding_are_no_fault(tmp_path: Path, film, part) -> None:
    path = tmp_path / "v.avi"
    with av.open(str(path), "w") as output:
        output.metadata["title"] = "naeive"
        stream = output.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        stream.metadata["title"] = "camera"
        picture = np.zeros((64, 96, 3), np.uint8)
        for packet in pictures_of(stream, range(25), lambda number: picture):
            output.mux(packet)
    content = path.read_bytes()
    assert b"naeive" in content
    path.write_bytes(content.replace(b"naeive", b"na\xefve\xff").replace(b"camera", b"c\xe1mera"))
    assert probe(path).num_frames == 25
    assert cut_clip(path, tmp_path / "clip.mp4", Interval(0, 1)).num_frames == 25
