"""What the 30 views of a test cost in decoding: once a clip, or once a moment.

    .venv/bin/python -m benchmarks.views [--out FILE]

A made clip of 10 seconds is looked at as SlowFast's papers do (10 moments, 3 crops of 256 pixels).
Both ways decode by the same code and give the same views; the build before asked for each moment
on its own.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from operator import getitem
from pathlib import Path

import av
import numpy as np
import torch

from benchmarks.report import machine, put_down
from kinetics_builder.formats.manifest import ManifestRow
from models.clips.decode import Frames, Times, decode_at
from models.clips.sampling import view_times
from models.clips.transforms import crops
from models.evaluation.views import ClipViews
from models.spec import NetworkSpec
from models.zoo import network_spec

ROOT = Path(__file__).parent.parent
NETWORKS = ("slowfast_r50_8x8", "slow_r50_8x8", "i3d_r50")
KEY_FRAMES = (16, 250)
SECONDS, RATE, HEIGHT, WIDTH = 10, 25, 256, 340
BAR = 5.0


def draw(path: Path, every: int) -> None:
    """Write a clip of moving noise with a key frame every so many pictures."""
    random = np.random.default_rng(0)
    wall = random.integers(0, 255, (HEIGHT, 2 * WIDTH, 3), np.uint8)
    wall = np.repeat(np.repeat(wall[::8, ::8], 8, 0), 8, 1)[:HEIGHT, : 2 * WIDTH]
    with av.open(path, "w") as container:
        options = {"crf": "23", "g": str(every), "preset": "veryfast"}
        stream = container.add_stream("libx264", rate=RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(SECONDS * RATE):
            left = number % WIDTH
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(wall[:, left : left + WIDTH]))
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


class One:
    """The clip, decoded when it is asked for."""

    def __init__(self, path: Path, short_side: int) -> None:
        self.path, self.short_side = path, short_side

    def frames(self, row: ManifestRow, times: Times) -> Frames:
        """Return the frames at `times`."""
        return decode_at(self.path, times, self.short_side)


def moment_by_moment(views: ClipViews) -> torch.Tensor:
    """Return the clip's views as the build before did."""
    (row,), spec = views.rows, views.spec
    return torch.stack(
        [
            crop
            for times in view_times(spec.view_sampling, row.duration_seconds, spec.views.num_clips)
            for crop in crops(
                views.source.frames(row, times),
                spec.views.crop_size or spec.sampling.crop_size,
                spec.views.num_crops,
            )
        ]
    )


def decoded(views: ClipViews, *, is_once: bool) -> None:
    """Decode what the views need, once or moment by moment."""
    (row,), spec = views.rows, views.spec
    moments = view_times(spec.view_sampling, row.duration_seconds, spec.views.num_clips)
    for times in [np.concatenate(moments)] if is_once else moments:
        views.source.frames(row, times)


def compared(before: Callable[[], object], now: Callable[[], object], num_pairs: int) -> str:
    """Return the milliseconds of both, and their ratio."""
    pairs = [(seconds_of(before), seconds_of(now)) for _ in range(num_pairs)]
    old, new = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = [a / b for a, b in pairs]
    spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
    return f"{old * 1000:.0f} | {new * 1000:.0f} | {spread}"


def seconds_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds that `work` takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def rows(folder: Path, num_pairs: int) -> Iterator[str]:
    """Yield the rows of the table."""
    for every in KEY_FRAMES:
        draw(path := folder / f"{every}.mp4", every)
        for name in NETWORKS:
            views = _views(network_spec(name), path)
            assert torch.equal(views[0], moment_by_moment(views)), "both ways give the same views"
            decoding = compared(
                partial(decoded, views, is_once=False),
                partial(decoded, views, is_once=True),
                num_pairs,
            )
            views_too = compared(
                partial(moment_by_moment, views), partial(getitem, views, 0), num_pairs
            )
            line = f"| {name} | {every} | {decoding} | {views_too} |"
            print(line, flush=True)
            yield line


def _views(spec: NetworkSpec, path: Path) -> ClipViews:
    row = ManifestRow(
        label="made",
        youtube_id=path.stem,
        time_start=0,
        time_end=SECONDS,
        split="test",
        file=path.name,
        bytes=path.stat().st_size,
        sha256="0" * 64,
        duration_seconds=float(SECONDS),
        width=WIDTH,
        height=HEIGHT,
        frames_per_second=float(RATE),
        num_frames=SECONDS * RATE,
        whole_clip=True,
        licence="none",
    )
    return ClipViews(rows=[row], spec=spec, source=One(path, spec.sampling.short_side))


def main() -> None:
    """Write and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/views.md")
    told = parser.parse_args()
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        found = list(rows(Path(folder), told.pairs))
    lines = [
        "# The views of a test",
        "",
        f"{machine('cpu')}, one thread, load {load:.1f} at the start: CPU milliseconds. "
        f"`python -m benchmarks.views`. A made clip of {SECONDS} s, {WIDTH}x{HEIGHT} at {RATE} a "
        "second; 10 moments, 3 crops. Before, each moment was decoded on its own; now the clip is "
        "decoded once. The views are decoded, cut out and put together: each picture lies in three "
        f"of them. Bar, of decoding: {BAR:g} times.",
        "",
        "| network | key frame every | decoding, before, ms | now | ratio "
        "| views, before, ms | now | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *found,
        "",
    ]
    put_down(lines, told.out)


if __name__ == "__main__":
    main()
