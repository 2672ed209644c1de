"""Videos made on the spot, each frame of which shows its own number."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from kinetics_builder.video.reading.frames import iterate_frames

WIDTH, HEIGHT, NUM_BITS = 96, 64, 8
CLOCK = Fraction(1, 1000)


def numbered(number: int) -> NDArray[np.uint8]:
    """Return a picture with `number` as a row of black and white bars, the lowest bit left."""
    picture = np.full((HEIGHT, WIDTH, 3), 60, dtype=np.uint8)
    for bit in range(NUM_BITS):
        left = bit * WIDTH // NUM_BITS
        picture[16:48, left : left + WIDTH // NUM_BITS] = 255 * (number >> bit & 1)
    return picture


def number_of(picture: NDArray[np.uint8]) -> int:
    """Return the number that a picture shows, whatever its size."""
    height, width = picture.shape[:2]
    row = picture[height // 2 - 2 : height // 2 + 2].mean((0, 2))
    middles = [int((bit + 0.5) * width / NUM_BITS) for bit in range(NUM_BITS)]
    return sum(1 << bit for bit, x in enumerate(middles) if row[x] > 128)


def write_video(
    path: Path,
    pictures: Iterable[NDArray[np.uint8]],
    times_ms: Sequence[int],
    *,
    codec: str = "libx264",
    with_audio: bool = False,
) -> Path:
    """Write pictures shown at `times_ms` (and a tone, if asked) to a file."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options={"crf": "10", "g": "12"})
        first, *others = pictures
        stream.height, stream.width = first.shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = CLOCK
        sound = container.add_stream("aac", rate=16000) if with_audio else None
        for time, picture in zip(times_ms, [first, *others], strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time, CLOCK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            container.mux(_tone(sound, times_ms[-1]))
    return path


def _tone(stream, length_ms: int) -> list[av.Packet]:
    packets = []
    for index in range(16 * length_ms // 1024):
        moments = np.arange(index * 1024, (index + 1) * 1024) / 16000
        wave = (8000 * np.sin(2 * np.pi * 440 * moments)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 16000, index * 1024
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def even_times(num_frames: int, *, start_ms: int = 0, step_ms: int = 40) -> list[int]:
    """Return times a fixed step apart."""
    return [start_ms + step_ms * i for i in range(num_frames)]


MakeVideo = Callable[..., Path]


@pytest.fixture(scope="session")
def make_video() -> MakeVideo:
    """Write a video whose frames show 0, 1, 2 ... at the given times."""

    def make(path: Path, times_ms: Sequence[int], **options) -> Path:
        pictures = (numbered(number) for number in range(len(times_ms)))
        return write_video(path, pictures, times_ms, **options)

    return make


@pytest.fixture(scope="session")
def counting(tmp_path_factory: pytest.TempPathFactory, make_video: MakeVideo) -> Path:
    """Eight seconds at 25 frames a second, with a tone."""
    path = tmp_path_factory.mktemp("counting") / "counting.mp4"
    return make_video(path, even_times(200), with_audio=True)


@pytest.fixture(scope="session")
def read_number() -> Callable[[NDArray[np.uint8]], int]:
    """Tell the number a frame shows."""
    return number_of


@pytest.fixture
def seen(read_number) -> Callable[[Path], list[tuple[float, int]]]:
    """The time and the number of each frame of a file."""
    return lambda path: [
        (round(frame.time_seconds, 3), read_number(frame.rgb_HWC)) for frame in iterate_frames(path)
    ]


@pytest.fixture(scope="session")
def times() -> Callable[..., list[int]]:
    """Times a fixed step apart."""
    return even_times


@dataclass(frozen=True)
class Part:
    """A stretch of a film whose pictures have one size, one format and one colour space."""

    times_ms: Sequence[int]
    first: int = 0
    """Number that the first picture shows."""
    size: tuple[int, int] = (WIDTH, HEIGHT)
    pix_fmt: str = "yuv420p"
    matrix: int = 2
    """Colour matrix that is noted (ITU-T H.273): 1 is BT.709, 6 BT.601, 2 unspecified."""


def _part_packets(part: Part, codec: str, options: dict[str, str]) -> Iterator[av.Packet]:
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height = part.size
    encoder.pix_fmt, encoder.time_base = part.pix_fmt, CLOCK
    encoder.framerate = Fraction(25)
    encoder.options = {"crf": "10", "g": "12", "bf": "0"} | options
    encoder.colorspace = part.matrix
    for number, time in enumerate(part.times_ms, part.first):
        frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
        frame = frame.reformat(*part.size, part.pix_fmt, dst_colorspace=part.matrix)
        frame.pts, frame.time_base = time, CLOCK
        yield from encoder.encode(frame)
    yield from encoder.encode(None)


def write_film(
    path: Path,
    parts: Sequence[Part],
    *,
    codec: str = "libx264",
    container: str | None = None,
    options: dict[str, str] | None = None,
    sounds_ms: Sequence[tuple[int, int]] = (),
) -> Path:
    """Write the parts of a film one after another, and a tone in each of the stretches given."""
    with av.open(str(path), "w", format=container) as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height = parts[0].size
        stream.pix_fmt = parts[0].pix_fmt
        stream.time_base = CLOCK
        sound = output.add_stream("aac", rate=16000, layout="mono") if sounds_ms else None
        packets = [p for part in parts for p in _part_packets(part, codec, options or {})]
        for packet in packets:
            packet.stream, packet.time_base = stream, CLOCK
        if sound is not None:
            packets += [packet for begin, end in sounds_ms for packet in _beep(sound, begin, end)]
            packets += sound.encode(None)
        for packet in sorted(packets, key=lambda p: p.dts * p.time_base):
            output.mux(packet)
    return path


def _beep(stream, begin_ms: int, end_ms: int) -> Iterator[av.Packet]:
    for index in range(16 * (end_ms - begin_ms) // 1024):
        moments = np.arange(index * 1024, (index + 1) * 1024) / 16000
        wave = (0.3 * np.sin(2 * np.pi * 440 * moments)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16000, 16 * begin_ms + index * 1024
        frame.time_base = Fraction(1, 16000)
        yield from stream.encode(frame)


@pytest.fixture(scope="session")
def film() -> Callable[..., Path]:
    """Write a film of `part`s, with a tone where asked."""
    return write_film


@pytest.fixture(scope="session")
def part() -> type[Part]:
    """A stretch of a film."""
    return Part


@pytest.fixture(scope="session")
def picture() -> Callable[[int], NDArray[np.uint8]]:
    """Draw a number."""
    return numbered
