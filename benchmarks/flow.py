"""How TV-L1 flow scales over cores, and how fast stored flow is read back beside computing it.

    .venv/bin/python -m benchmarks.flow [--clips N] [--pairs N] [--out FILE]

A made clip, many times over, is a release of which one and two processes compute the flow in turn,
by `kbuild flow`'s own function. On a busy machine the wall clock says little: the CPU seconds of
both say what two processes lose to one another, and stand beside it.
"""

import argparse
import hashlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from benchmarks.report import machine, put_down
from benchmarks.views import HEIGHT, RATE, WIDTH, draw
from kinetics_builder.formats.manifest import ManifestRow, write_manifest
from models.clips.flow import FlowFrames, read_flow
from models.clips.release import read_release
from models.spec import Sampling
from pipelines.flow.asking import Asked
from pipelines.flow.run import compute_flow
from pipelines.running.engines.children import ChildPool
from pipelines.running.reports import SilentReporter

ROOT = Path(__file__).parent.parent
READ = 64
BAR_CORES, BAR_READING = 1.8, 3.0


@dataclass(frozen=True)
class Took:
    """One computing of the whole release."""

    seconds: float
    cpu_seconds: float
    """Of the processes that compute."""


def make_release(folder: Path, num_clips: int, seconds: float) -> Path:
    """Write a release of one clip's first seconds, many times over."""
    (folder / "clips").mkdir(parents=True)
    draw(folder / "clips" / "0.mp4", 16)
    data = (folder / "clips" / "0.mp4").read_bytes()
    for number in range(1, num_clips):
        (folder / "clips" / f"{number}.mp4").write_bytes(data)
    rows = [
        ManifestRow(
            label="made",
            youtube_id=str(number),
            time_start=0,
            time_end=10,
            split="test",
            file=f"clips/{number}.mp4",
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            duration_seconds=seconds,
            width=WIDTH,
            height=HEIGHT,
            frames_per_second=float(RATE),
            num_frames=round(seconds * RATE),
            whole_clip=True,
            licence="none",
        )
        for number in range(num_clips)
    ]
    write_manifest(folder / "clips.csv", rows)
    (folder / "classes.txt").write_text("made\n")
    return folder


def computed(release: Path, asked: Asked, num_workers: int, warm: Path) -> Took:
    """Compute the flow of a release anew by so many processes, which are begun before."""
    pool = ChildPool(num_workers, 3600, 2 << 30)
    keeping = _Kept(pool)
    for folder in (warm, release):
        shutil.rmtree(folder / "flow", ignore_errors=True)
    compute_flow(warm, asked, SilentReporter(), keeping)
    before, begun = _cpu_seconds(), time.perf_counter()
    compute_flow(release, asked, SilentReporter(), keeping)
    took = Took(time.perf_counter() - begun, _cpu_seconds() - before)
    pool.stop()
    return took


class _Kept:
    """A pool that is not stopped when a release is done."""

    def __init__(self, pool: ChildPool) -> None:
        self.submit, self.finished, self.num_open = pool.submit, pool.finished, pool.num_open
        self.capacity = pool.capacity

    def stop(self) -> None:
        """Go on."""


def _cpu_seconds() -> float:
    children = psutil.Process().children(recursive=True)
    return sum(sum(child.cpu_times()[:2]) for child in children)


def reading_seconds(release: Path, short_side: int, num_fields: int) -> float:
    """Return the CPU seconds that a field takes to be read back."""
    sampling = Sampling(
        num_frames=READ,
        step_seconds=1 / RATE,
        crop_size=short_side,
        short_side=short_side,
        modality="flow",
    )
    data = read_release(release)
    source, times = FlowFrames(read_flow(data, sampling), short_side), np.arange(num_fields) / RATE
    source.frames(data.rows[0], times)

    def read() -> None:
        for row in data.rows:
            source.frames(row, times)

    return _seconds_of(read) / (len(data.rows) * num_fields)


def _seconds_of(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> None:
    """Write and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=4)
    parser.add_argument("--fields", type=int, default=8, help="Of each clip.")
    parser.add_argument("--short-side", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/flow.md")
    told = parser.parse_args()
    load, asked = os.getloadavg()[0], Asked(short_side=told.short_side)
    with tempfile.TemporaryDirectory() as folder:
        warm = make_release(Path(folder) / "warm", 2, 2 / RATE)
        release = make_release(Path(folder) / "release", told.clips, (told.fields + 1) / RATE)
        pairs = [
            tuple(computed(release, asked, number, warm) for number in (1, 2))
            for _ in range(told.pairs)
        ]
        reading = reading_seconds(release, told.short_side, told.fields)
    num_fields = told.clips * told.fields
    computing = statistics.median(one.cpu_seconds for one, _ in pairs) / num_fields
    lines = [
        "# Optical flow",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores, load {load:.1f} at the start. "
        f"`python -m benchmarks.flow --clips {told.clips} --fields {told.fields} --short-side "
        f"{told.short_side} --pairs {told.pairs}`. {told.clips} clips of {told.fields} fields, "
        f"short side {told.short_side} pixels; one and two processes "
        f"took turns, {told.pairs} times; medians, "
        "and from the lowest to the highest. A load above the number of cores makes the wall "
        "clock's ratio that of shares of the machine, not of cores: the CPU's says what two "
        "processes lose to one another (2 is nothing).",
        "",
        "| what | measured | bar |",
        "|---|---:|---:|",
        f"| two processes over one, by wall clock | {_spread(_wall(pairs))} | {BAR_CORES:g} |",
        f"| two processes over one, by CPU seconds | {_spread(_cpu(pairs))} | {BAR_CORES:g} |",
        f"| computing a field, CPU ms | {1000 * computing:.0f} | |",
        f"| reading a field back, CPU ms | {1000 * reading:.2f} | |",
        f"| reading over computing | {computing / reading:,.0f} | {BAR_READING:g} |",
        "",
    ]
    put_down(lines, told.out)


def _wall(pairs: list[tuple[Took, ...]]) -> list[float]:
    return [one.seconds / two.seconds for one, two in pairs]


def _cpu(pairs: list[tuple[Took, ...]]) -> list[float]:
    return [2 * one.cpu_seconds / two.cpu_seconds for one, two in pairs]


def _spread(ratios: list[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


if __name__ == "__main__":
    main()
