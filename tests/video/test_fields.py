"""Interlaced H.264 whose fields are coded apart: two of them are one picture."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.reading.frames import iterate_frames
from kinetics_builder.video.reading.probe import probe

NUM_PICTURES, SIZE = 100, (96, 64)
START_CODE = b"\x00\x00\x00\x01"


def number(value: int) -> str:
    """Return a number as bits in Exp-Golomb's code (ITU-T H.264, 9.1)."""
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def unit(head: int, bits: str) -> bytes:
    """Return bits as a unit of H.264, in which no start code can be taken for one."""
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    body = bytearray()
    for byte in int(bits, 2).to_bytes(len(bits) // 8):
        if byte <= 3 and body[-2:] == b"\x00\x00":
            body.append(3)
        body.append(byte)
    return START_CODE + bytes([head]) + bytes(body)


def parameters() -> bytes:
    width, height = SIZE[0] // 16 - 1, SIZE[1] // 32 - 1
    sequence = f"{77:08b}{0:08b}{30:08b}" + "".join(map(number, (0, 4, 0, 4, 1)))
    sequence += "0" + number(width) + number(height) + "00100"
    picture = number(0) * 2 + "00" + number(0) * 3 + "000" + number(0) * 3 + "100"
    return unit(0x67, sequence) + unit(0x68, picture)


def field(index: int, planes: list[NDArray[np.uint8]], *, is_bottom: bool) -> bytes:
    """Return every other line of a picture, coded without loss and without prediction."""
    is_first = index == 0 and not is_bottom
    bits = number(0) + number(7) + number(0) + f"{index:08b}" + "1" + str(int(is_bottom))
    bits += number(0) if is_first else ""
    bits += f"{2 * index + is_bottom:08b}" + ("00" if is_first else "0") + number(0) + number(1)
    for row in range(SIZE[1] // 32):
        for column in range(SIZE[0] // 16):
            bits += number(25)
            bits += "0" * (-len(bits) % 8)
            for side, plane in zip((16, 8, 8), planes, strict=True):
                lines = plane[is_bottom::2][row * side :][:side, column * side :][:, :side]
                bits += "".join(f"{sample:08b}" for sample in lines.clip(1, 254).ravel())
    return START_CODE + b"\x09\xf0" + unit(0x65 if is_first else 0x61, bits)


@pytest.fixture(scope="module")
def fields(picture) -> list[bytes]:
    """The top and the bottom field of each picture."""
    return list(coded_fields(picture))


def coded_fields(picture) -> Iterator[bytes]:
    width, height = SIZE
    for index in range(NUM_PICTURES):
        frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
        packed = frame.reformat(format="yuv420p").to_ndarray().ravel()
        luma, blue, red = np.split(packed, [width * height, width * height * 5 // 4])
        small = (height // 2, width // 2)
        planes = [luma.reshape(height, width), blue.reshape(small), red.reshape(small)]
        for is_bottom in (False, True):
            coded = field(index, planes, is_bottom=is_bottom)
            is_first = not (index or is_bottom)
            yield coded[:6] + parameters() + coded[6:] if is_first else coded


@pytest.mark.parametrize(
    ("container", "name"),
    [
        ("mpegts", "v.ts"),
        ("mp4", "v.mp4"),
        ("matroska", "v.mkv"),
        ("h264", "v.h264"),
        ("flv", "v.flv"),
    ],
)
@pytest.mark.parametrize("num_together", [1, 2], ids=["a packet a field", "a packet a picture"])
def test_two_fields_are_one_picture(
    tmp_path: Path, read_number, fields: list[bytes], container: str, name: str, num_together: int
) -> None:
    path, bare = tmp_path / name, tmp_path / "bare.264"
    bare.write_bytes(b"".join(fields))
    with av.open(str(path), "w", format=container) as output, av.open(str(bare)) as template:
        stream = output.add_stream_from_template(template.streams.video[0])
        for place in range(0, len(fields), num_together):
            packet = av.Packet(b"".join(fields[place : place + num_together]))
            packet.stream, packet.time_base = stream, Fraction(1, 50)
            packet.pts = packet.dts = place
            packet.duration, packet.is_keyframe = num_together, place == 0
            output.mux(packet)
    info = probe(path)
    assert (info.num_frames, info.duration_seconds) == (NUM_PICTURES, pytest.approx(4, abs=0.01))
    frames = list(iterate_frames(path))
    assert [read_number(frame.rgb_HWC) for frame in frames] == list(range(NUM_PICTURES))
    assert np.allclose([frame.time_seconds for frame in frames], np.arange(NUM_PICTURES) / 25)
    made = cut_clip(path, tmp_path / "clip.mp4", Interval(1, 3))
    assert (made.num_frames, made.num_damaged_frames) == (50, 0)
    clip = [read_number(frame.rgb_HWC) for frame in iterate_frames(tmp_path / "clip.mp4")]
    assert clip == list(range(25, 75))


@pytest.mark.parametrize("matrices", ["flat", "jvt"])
@pytest.mark.parametrize("suffix", [".ts", ".mp4"])
def test_interlaced_pictures_that_are_coded_whole_all_count(
    tmp_path: Path, picture, suffix: str, matrices: str
) -> None:
    path = tmp_path / f"v{suffix}"
    with av.open(str(path), "w") as output:
        options = {"x264-params": f"interlaced=1:cqm={matrices}"}
        stream = output.add_stream("libx264", rate=25, options=options)
        (stream.width, stream.height), stream.pix_fmt = SIZE, "yuv420p"
        for index in range(NUM_PICTURES):
            frame = av.VideoFrame.from_ndarray(picture(index), format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    info = probe(path)
    assert (info.num_frames, info.duration_seconds) == (NUM_PICTURES, pytest.approx(4, abs=0.01))
