"""How long the statistics of a full-size AVA take, against the bar of 10 s and 1 GiB.

    .venv/bin/python benchmarks/ava_statistics.py [--out FILE]

The rows are made here: 299 films of 897 key frames (train and validation of AVA v2.2), persons
who stay for some seconds, labels as long-tailed as AVA's. Each row of the table is the command
`kbuild ava statistics` in a process of its own, from its start to its end.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from report import machine

from kinetics_builder.ava.vocabulary import ava_vocabulary

ROOT = Path(__file__).parent.parent
NUM_VIDEOS, SECONDS = 299, range(902, 1799)
NUM_RUNS = 3
BAR = "10 s, 1,024 MiB"


def make(path: Path, *, has_empty: bool, seed: int = 0) -> int:
    """Write the rows, of which `has_empty` also lists key frames without a box; return how many."""
    random = np.random.default_rng(seed)
    chances = 1 / np.arange(1, len(ava_vocabulary()) + 1)
    cumulative = np.cumsum(chances / chances.sum())
    num_rows = 0
    with path.open("w") as file:
        for video in range(NUM_VIDEOS):
            crowd = random.poisson(2.3, len(SECONDS))
            labels = np.searchsorted(cumulative, random.random((len(SECONDS), 30, 3))) + 1
            corners = np.sort(random.random((len(SECONDS), 30, 2, 2)) / 2, axis=2)
            corners = (corners + np.array([[0], [0.5]])).round(3).clip(0.001, 0.999)
            for place, second in enumerate(SECONDS):
                lines = [
                    f"film{video:07d},{second:04d},{x1},{y1},{x2},{y2},{action},{person}\n"
                    for person in range(min(crowd[place], 30))
                    for (x1, y1), (x2, y2) in (corners[place, person].tolist(),)
                    for action in sorted(set(labels[place, person].tolist()))
                ]
                if not lines and has_empty:
                    lines = [f"film{video:07d},{second:04d}\n"]
                file.writelines(lines)
                num_rows += len(lines)
    return num_rows


@dataclass(frozen=True)
class Run:
    """What a command took."""

    seconds: float
    cpu_seconds: float
    peak_mib: float


def run(*arguments: str) -> Run:
    """Run `kbuild ava statistics`."""
    command = [sys.executable, "-m", "pipelines.cli", "ava", "statistics", *arguments]
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = ROOT / "benchmarks" / "results" / "ava_statistics.md"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()
    lines = [
        "# Statistics of a full-size AVA",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at "
        "the start; `python benchmarks/ava_statistics.py`.",
        f"The whole command, from its start to its end, the shortest of {NUM_RUNS} runs.",
        f"The bar is {BAR}.",
        "",
        "| rows | which | seconds | of them of the processor | peak MiB |",
        "|---:|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for has_empty, which in ((False, "a box each"), (True, "and key frames without a box")):
            path = Path(folder) / "rows.csv"
            num_rows = make(path, has_empty=has_empty)
            page = str(Path(folder) / "page.html")
            for more, what in (((), ""), (("--html", page), ", with the page")):
                took = min((run(str(path), *more) for _ in range(NUM_RUNS)), key=astuple)
                lines.append(
                    f"| {num_rows:,} | {which}{what} | {took.seconds:.1f} "
                    f"| {took.cpu_seconds:.1f} | {took.peak_mib:,.0f} |"
                )
    options.out.write_text("\n".join([*lines, ""]))
    print(options.out.read_text())


if __name__ == "__main__":
    main()
