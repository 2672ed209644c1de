"""What the experiments on drawn releases come to, and how long they take.

    .venv/bin/python -m benchmarks.experiments [NAME ...] [--full] [--folder DIR] [--out FILE]

Each is `kbuild experiment NAME` without releases, in a folder of its own: nothing is shared. With
--folder, what is there is gone on from, and the times are of what was missing.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import machine, put_down

ROOT = Path(__file__).parent.parent
NAMES = ("transfer", "data-size", "slowfast-ablation", "omnisource")


@dataclass(frozen=True)
class Measured:
    """One experiment."""

    name: str
    seconds: float
    cpu_seconds: float
    """User and system time of all its processes."""
    found: dict[str, Any]


def cpu_seconds() -> float:
    """Return the processor time of all children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(name: str, folder: Path, is_full: bool) -> Measured:
    """Run one experiment; a cell that fails is told in the table."""
    begun, worked = time.monotonic(), cpu_seconds()
    command = [sys.executable, "-m", "pipelines.cli", "experiment", name, "--json"]
    command += ["--out", str(folder), *(["--full"] if is_full else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    if not done.stdout:
        raise SystemExit(f"{name} ended with {done.returncode}")
    seconds, worked = time.monotonic() - begun, cpu_seconds() - worked
    return Measured(name, seconds, worked, json.loads(done.stdout))


def lines(one: Measured) -> Iterator[str]:
    """Yield the section of one experiment."""
    found = one.found
    yield from (f"## {one.name}", "", f"{found['setting']}", "")
    yield f"{one.seconds:.0f} s, {one.cpu_seconds:.0f} s of processor time."
    yield from (
        "",
        "| what | top-1 | 95 % | seeds x clips | M multiply-adds |",
        "|---|---:|---|---|---:|",
    )
    for row in found["rows"]:
        low, high = row["interval"] or (float("nan"),) * 2
        top1 = "failed" if row["top1"] is None else f"{row['top1']:.3f}"
        yield (
            f"| {row['row']} | {top1} | {low:.3f} to {high:.3f} | {row['num_seeds']} x "
            f"{row['num_clips']} | {row['multiply_adds'] / 1e6:.1f} |"
        )
    yield from ("", "| here | claim | difference | found in |", "|---|---|---|---|")
    for each in found["directions"]:
        yield (f"| {each['verdict']} | {each['claim']} | {each['figures']} | {each['source']} |")
    yield ""


def main() -> None:
    """Run them, print and write the page of results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", default=NAMES, help=", ".join(NAMES))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/experiments.md")
    told = parser.parse_args()
    load, cores = os.getloadavg()[0], os.cpu_count()
    with tempfile.TemporaryDirectory() as temporary:
        folder = told.folder or Path(temporary)
        measured = [run(name, folder / name, told.full) for name in told.names]
    page = [
        "# Experiments",
        "",
        f"{machine('cpu')}, {cores} cores, Python {platform.python_version()}, load {load:.1f} at "
        "the start. Written by `python -m benchmarks.experiments"
        f"{' --full' if told.full else ''}`.",
        "",
    ]
    put_down([*page, *(line for one in measured for line in lines(one))], told.out)


if __name__ == "__main__":
    main()
