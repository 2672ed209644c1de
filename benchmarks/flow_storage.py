"""What flow is kept as: an ordinary video or a compact array, by bytes and by time to read back.

    .venv/bin/python -m benchmarks.flow_storage [--data DIR] [--short-side N] [--out FILE]

TV-L1 flow of real clips (25 pictures a second), as levels of 8 bits, is written
in each way and read back: 64 fields from the middle. Those without loss are equal; those with loss
stand at about equal error. Ways take turns, and CPU time is counted.
"""

import argparse
import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow import ipc

from benchmarks.report import machine, put_down
from kinetics_builder.video.flow.levels import BOUND, MOST, to_levels
from kinetics_builder.video.flow.tvl1 import TVL1
from models.clips.decode import decode_at

ROOT = Path(__file__).parent.parent
CLIPS = (
    *("arm_wrestling_demo.mp4", "basketball.mp4", "v_SoccerJuggling_g23_c01.avi"),
    *("flipping_a_pancake.mkv", "people_walking_by.mp4", "video4.mp4"),
)
RATE, READ = 25, 64
FIRST_SECONDS = 1.0
ROUNDS = 3

Fields = NDArray[np.uint8]
"""Levels, (T, H, W, 2)."""


@dataclass(frozen=True)
class Way:
    """A way to keep flow in one file."""

    name: str
    write: Callable[[Path, Fields], None]
    read: Callable[[Path, range, tuple[int, int]], Fields]
    """Fields of a range; (height, width) is known."""


def side_by_side(fields: Fields) -> Fields:
    """Return x and y as one picture a field, (T, H, 2W)."""
    return np.concatenate([fields[..., 0], fields[..., 1]], axis=2)


def apart(pages: Fields) -> Fields:
    """Return what `side_by_side` put together."""
    return np.stack(np.split(pages, 2, axis=2), axis=-1)


def video(name: str, codec: str, every: int = 16, **options: str) -> Way:
    """Return a grey video, x and y side by side, a key frame every so many pictures."""

    def write(path: Path, fields: Fields) -> None:
        pages = side_by_side(fields)
        _, height, width = pages.shape
        pages = np.pad(pages, ((0, 0), (0, height % 2), (0, width % 2)), mode="edge")
        with av.open(path, "w", format="matroska") as container:
            stream = container.add_stream(codec, rate=RATE, options={"g": str(every), **options})
            stream.height, stream.width = pages.shape[1:]
            stream.pix_fmt, stream.codec_context.thread_count = "gray", 1
            for number, page in enumerate(pages):
                frame = av.VideoFrame.from_ndarray(page, format="gray")
                frame.pts, frame.time_base = number, Fraction(1, RATE)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())

    def read(path: Path, wanted: range, size: tuple[int, int]) -> Fields:
        height, width = size
        pages = []
        with av.open(path) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            base = stream.time_base or Fraction(1, RATE)
            container.seek(round(Fraction(wanted.start, RATE) / base), stream=stream)
            for frame in container.decode(stream):
                place = round((frame.pts or 0) * base * RATE)
                if place >= wanted.stop:
                    break
                if place >= wanted.start:
                    plane = frame.planes[0]
                    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
                    pages.append(rows[:height, : 2 * width])
        return apart(np.stack(pages))

    return Way(name, write, read)


def pictures(name: str, suffix: str, *options: int) -> Way:
    """Return pictures, one a field, one after another in an array file."""

    def write(path: Path, fields: Fields) -> None:
        pages = side_by_side(fields)
        _write_arrow(path, [cv2.imencode(suffix, page, options)[1].tobytes() for page in pages])

    def read(path: Path, wanted: range, size: tuple[int, int]) -> Fields:
        kept = _read_arrow(path, wanted)
        pages = [cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE) for data in kept]
        return apart(np.stack(pages))

    return Way(name, write, read)


def array(name: str, codec: str | None, level: int | None, *, differences: bool) -> Way:
    """Return an Arrow file, a record a field, its planes as they are or as differences."""

    def write(path: Path, fields: Fields) -> None:
        planes = np.moveaxis(fields, -1, 1)
        if differences:
            planes = np.diff(planes, axis=-1, prepend=np.zeros_like(planes[..., :1]))
        _write_arrow(path, [plane.tobytes() for plane in planes], codec, level)

    def read(path: Path, wanted: range, size: tuple[int, int]) -> Fields:
        kept = [
            np.frombuffer(data, np.uint8).reshape(2, *size) for data in _read_arrow(path, wanted)
        ]
        planes = np.stack(kept)
        if differences:
            planes = np.cumsum(planes, axis=-1, dtype=np.uint8)
        return np.moveaxis(planes, 1, -1)

    return Way(name, write, read)


def _write_arrow(
    path: Path, records: Sequence[bytes], codec: str | None = None, level: int | None = None
) -> None:
    schema = pyarrow.schema([("field", pyarrow.binary())])
    packed = codec and pyarrow.Codec(codec, compression_level=level)
    options = ipc.IpcWriteOptions(compression=packed)
    with ipc.new_file(path, schema, options=options) as file:
        for record in records:
            file.write_batch(pyarrow.record_batch([pyarrow.array([record])], schema=schema))


def _read_arrow(path: Path, wanted: range) -> list[memoryview]:
    options = ipc.IpcReadOptions(use_threads=False)
    with pyarrow.memory_map(str(path)) as source, ipc.open_file(source, options=options) as file:
        return [memoryview(file.get_batch(n).column(0)[0].as_buffer()) for n in wanted]


def npz() -> Way:
    """Return numpy's archive."""

    def write(path: Path, fields: Fields) -> None:
        held = io.BytesIO()
        np.savez_compressed(held, flow=fields)
        path.write_bytes(held.getvalue())

    def read(path: Path, wanted: range, size: tuple[int, int]) -> Fields:
        with np.load(path) as file:
            found: Fields = file["flow"][wanted.start : wanted.stop]
            return found

    return Way("numpy .npz (zlib)", write, read)


WAYS = (
    npz(),
    array("Arrow, zstd 3", "zstd", 3, differences=False),
    array("Arrow, zstd 9", "zstd", 9, differences=False),
    array("Arrow, zstd 19", "zstd", 19, differences=False),
    array("Arrow, zstd 9, differences to the left", "zstd", 9, differences=True),
    pictures("PNG pages", ".png"),
    video("FFV1", "ffv1", 1, slices="4"),
    video("H.264, lossless", "libx264", preset="medium", qp="0"),
    video("H.264, crf 6", "libx264", preset="medium", crf="6"),
    pictures("JPEG pages, quality 99", ".jpg", cv2.IMWRITE_JPEG_QUALITY, 99),
    video("H.264, crf 12", "libx264", preset="medium", crf="12"),
    video("H.264, crf 12, fast decoding", "libx264", preset="medium", crf="12", tune="fastdecode"),
    pictures("JPEG pages, quality 95", ".jpg", cv2.IMWRITE_JPEG_QUALITY, 95),
    video("H.264, crf 18", "libx264", preset="medium", crf="18"),
)


@dataclass
class Found:
    """What came of a way, clip by clip."""

    bytes_a_field: list[float]
    mean_error: list[float]
    largest_error: list[float]
    read_ms: list[float]
    write_ms: list[float]


def flow_of(path: Path, num_fields: int, short_side: int) -> Fields:
    """Return the levels of so many fields of a clip."""
    times = FIRST_SECONDS + np.arange(num_fields + 1) / RATE
    frames = decode_at(path, times, short_side)
    return np.stack([to_levels(field) for field in TVL1().fields(frames)])


def seconds_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds that `work` takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def measure(clips: Sequence[Fields], folder: Path) -> dict[str, Found]:
    """Return what comes of each way."""
    found = {way.name: Found([], [], [], [], []) for way in WAYS}
    for fields in clips:
        first = (len(fields) - READ) // 2
        wanted, size = range(first, first + READ), (fields.shape[1], fields.shape[2])
        for way in WAYS:
            path, one = folder / "flow", found[way.name]
            writing = seconds_of(partial(way.write, path, fields))
            one.write_ms.append(1000 * writing / len(fields))
            back = way.read(path, wanted, size)
            error = np.abs(back.astype(int) - fields[first : first + READ]) * (2 * BOUND / MOST)
            one.bytes_a_field.append(path.stat().st_size / len(fields))
            one.mean_error.append(float(error.mean()))
            one.largest_error.append(float(error.max()))
            reading = partial(way.read, path, wanted, size)
            times = [seconds_of(reading) for _ in range(ROUNDS)]
            one.read_ms.append(1000 * statistics.median(times))
            path.unlink()
    return found


def line(name: str, one: Found) -> str:
    """Return the row of the table."""
    return (
        f"| {name} | {statistics.mean(one.bytes_a_field) / 1000:.1f} "
        f"| {statistics.mean(one.mean_error):.4f} | {max(one.largest_error):.2f} "
        f"| {statistics.mean(one.read_ms):.0f} | {statistics.mean(one.write_ms):.1f} |"
    )


def main() -> None:
    """Write and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--fields", type=int, default=100)
    parser.add_argument("--short-side", type=int, default=256)
    parser.add_argument("--clips", type=int, default=len(CLIPS))
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/flow_storage.md")
    told = parser.parse_args()
    load = os.getloadavg()[0]
    names = CLIPS[: told.clips]
    videos = told.data / "videos" / "actions"
    clips = [flow_of(videos / name, told.fields, told.short_side) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        found = measure(clips, Path(folder))
    sizes = ", ".join(f"{fields.shape[2]}x{fields.shape[1]}" for fields in clips)
    lines = [
        "# What flow is kept as",
        "",
        f"{machine('cpu')}, one thread, load {load:.1f} at the start: CPU milliseconds. "
        f"`python -m benchmarks.flow_storage --clips {told.clips} --fields {told.fields} "
        f"--short-side {told.short_side}`. TV-L1 flow of {len(clips)} real clips ({sizes}), "
        f"{told.fields} fields each, in 256 levels from -{BOUND:g} to {BOUND:g} pixels; {READ} "
        "fields from the middle are read back. Errors are against the levels, in pixels of motion "
        f"(a level is {2 * BOUND / MOST:.3f}). Videos are grey, x and y side by side, with a key "
        "frame every 16 pictures (FFV1: each).",
        "",
        "| kept as | kB a field | mean error | largest error | reading 64 fields, ms "
        "| writing a field, ms |",
        "|---|---:|---:|---:|---:|---:|",
        *(line(name, one) for name, one in found.items()),
        "",
    ]
    put_down(lines, told.out)


if __name__ == "__main__":
    main()
