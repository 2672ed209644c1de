"""Pictures that a file has lost are counted, and the others keep their times."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from kinetics_builder.errors import ItemFailed
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.reading.frames import FrameReader
from kinetics_builder.video.reading.holes import lost_moments
from kinetics_builder.video.reading.timeline import read_timeline

TS_BYTES = 188
EVERY = range(0, 8000, 40)
WINDOW = Interval(2, 6)


def positions(path: Path) -> list[int]:
    """Return where each picture begins in the file, in order of decoding."""
    with av.open(str(path)) as container:
        return [packet.pos for packet in container.demux(video=0) if packet.size]


def without(path: Path, begin: int, end: int) -> Path:
    data = path.read_bytes()
    path.write_bytes(data[:begin] + data[end:])
    return path


def blanked(path: Path, begin: int, end: int) -> Path:
    data = bytearray(path.read_bytes())
    data[begin:end] = bytes(end - begin)
    path.write_bytes(data)
    return path


def test_a_lost_stretch_is_found_where_the_steps_are_too_long() -> None:
    moments = [0.0, 1, 2, 3, 8, 9, 10]
    assert lost_moments(moments, behind=[4], heard=[]) == [4, 5, 6, 7]
    assert lost_moments(moments, behind=[], heard=[]) == []
    assert lost_moments(moments, behind=[], heard=[0, 1, 2, 3, 8, 9, 10]) == [4, 5, 6, 7]
    assert lost_moments(moments, behind=[], heard=[*range(11)]) == []
    assert lost_moments([], behind=[0], heard=[]) == []
    reordered = [0.0, 3, 1, 2, 6, 4, 5, 15, 13, 14, 18, 16, 17]
    assert lost_moments(reordered, behind=[7], heard=[]) == [*range(7, 13)]


@pytest.mark.few("with sound-lost-H.264, B-frames", "silent-zeros-H.265", "with sound-zeros-H.264")
@pytest.mark.parametrize(
    ("codec", "options"),
    [
        pytest.param("libx264", {"bf": "0"}, id="H.264"),
        pytest.param("libx264", {"bf": "2"}, id="H.264, B-frames"),
        pytest.param("libx265", {"x265-params": "log-level=0"}, id="H.265"),
    ],
)
@pytest.mark.parametrize("damage", [without, blanked], ids=["lost", "zeros"])
@pytest.mark.parametrize("sounds", [[], [(0, 8000)]], ids=["silent", "with sound"])
def test_packets_lost_from_a_transport_stream_are_told(
    tmp_path: Path, film, part, seen, codec: str, options, damage: Callable, sounds
) -> None:
    path = film(tmp_path / "v.ts", [part(EVERY)], codec=codec, options=options, sounds_ms=sounds)
    begins = positions(path)
    damage(path, begins[91] + 3 * TS_BYTES * bool(sounds), begins[96])
    made = cut_clip(path, tmp_path / "clip.mp4", WINDOW)
    num_lost = 100 - made.num_frames
    assert 3 <= num_lost <= 10  # decoders differ in what they leave out that refers to the lost
    assert num_lost <= made.num_damaged_frames <= num_lost + 3
    assert made.duration_seconds == pytest.approx(4, abs=0.01)
    late = [number for time, number in seen(tmp_path / "clip.mp4") if time >= 3]
    assert late == list(range(125, 150))
    assert cut_clip(path, tmp_path / "c.mp4", Interval(5, 7)).num_damaged_frames == 0


def test_a_picture_of_which_a_part_is_lost_counts_once(tmp_path: Path, film, part) -> None:
    path = tmp_path / "v.ts"
    noise = np.random.default_rng(0).integers(0, 255, (8, 64, 96, 3), dtype=np.uint8)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "5", "bf": "0", "g": "25"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for index in range(100):
            frame = av.VideoFrame.from_ndarray(noise[index % 8], format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    begin = positions(path)[60] + 10 * TS_BYTES
    without(path, begin, begin + TS_BYTES)
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(1, 4))
    assert (made.num_frames, made.num_damaged_frames) == (75, 1)
    reader = FrameReader(path)
    assert len(list(reader)) == 100
    assert reader.num_errors == 1


@pytest.mark.parametrize(
    ("name", "codec", "pictures"),
    [
        pytest.param("v.mkv", "libx264", range(91, 96), id="Matroska"),
        pytest.param("v.mkv", "libvpx", range(91, 96), id="Matroska, VP8"),
        pytest.param("v.flv", "libx264", range(91, 96), id="FLV"),
    ],
)
def test_what_cannot_be_read_in_the_middle_is_told(
    tmp_path: Path, film, part, seen, name: str, codec: str, pictures: range
) -> None:
    options = {"g": "25"} if codec == "libx264" else {"g": "25", "deadline": "realtime"}
    path = film(tmp_path / name, [part(EVERY)], codec=codec, options=options, sounds_ms=[(0, 8000)])
    begins = positions(path)
    blanked(path, begins[pictures[0]] + 2, begins[pictures[-1]] - 2)
    num_lost = 200 - len(list(FrameReader(path)))
    assert num_lost
    line = read_timeline(path)
    assert len(line.lost) == num_lost
    assert 3.6 <= min(line.lost) <= max(line.lost) < 5
    if num_lost > 10:
        with pytest.raises(ItemFailed, match=r"of 10\d frames in .* are damaged"):
            cut_clip(path, tmp_path / "clip.mp4", WINDOW)
    else:
        made = cut_clip(path, tmp_path / "clip.mp4", WINDOW)
        assert made.num_damaged_frames >= num_lost
        assert made.duration_seconds == pytest.approx(4, abs=0.01)


@pytest.mark.few(".mp4", ".ts")
@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".flv", ".mp4"])
@pytest.mark.parametrize(
    ("sounds", "num_lost"),
    [
        pytest.param([(0, 8000)], 0, id="heard through: the picture is held"),
        pytest.param([(0, 4000), (4240, 8000)], 5, id="as silent: a hole"),
        pytest.param([], 0, id="no sound at all: held"),
        pytest.param([(0, 2000), (6000, 8000)], 5, id="silent for longer"),
        pytest.param([(0, 2000), (3000, 8000)], 0, id="silent elsewhere"),
    ],
)
def test_a_picture_that_is_held_is_told_from_one_that_is_lost(
    tmp_path: Path, film, part, suffix: str, sounds, num_lost: int
) -> None:
    times = [*range(0, 4000, 40), *range(4200, 8000, 40)]
    path = film(tmp_path / f"v{suffix}", [part(times)], sounds_ms=sounds)
    made = cut_clip(path, tmp_path / "clip.mp4", WINDOW)
    assert (made.num_frames, made.num_damaged_frames) == (95, num_lost)
    assert made.duration_seconds == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_segments_that_count_their_packets_anew_lose_nothing(
    tmp_path: Path, film, part, seen, codec: str
) -> None:
    pieces = []
    for first in range(0, 200, 50):
        times = range(40 * first, 40 * (first + 50), 40)
        path = tmp_path / f"{first}.ts"
        options = {"g": "25"} if codec == "libx264" else {"x265-params": "log-level=0"}
        film(path, [part(times, first=first)], codec=codec, options=options)
        pieces.append(path.read_bytes())
    path = tmp_path / "v.ts"
    path.write_bytes(b"".join(pieces))
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(0, 8))
    assert (made.num_frames, made.num_damaged_frames) == (200, 0)
    assert [number for _, number in seen(tmp_path / "clip.mp4")] == list(range(200))
