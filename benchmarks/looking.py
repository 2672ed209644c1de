"""What it costs to look at a large workspace, and to find that nothing is to be done.

    .venv/bin/python -m benchmarks.looking [--sizes N,N] [--out FILE]

The workspaces are made up (`large_workspace.py`), with a file for each video and each clip. Each
command is a process of its own, its start included.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.large_workspace import NUM_CLASSES, NUM_QUERIES, fill, make_files
from kinetics_builder.workspace import Workspace
from pipelines.running.runner import run_stage
from pipelines.stages import MODULES, build_stage

ROOT = Path(__file__).parent.parent
KBUILD = str(Path(sys.executable).with_name("kbuild"))
SIZES = "10000,100000,1000000"
BARS = {"status": 2.0, "status, first collect": 2.0, "second run": 20.0}
"""Seconds at the largest size."""


@dataclass(frozen=True)
class Measured:
    """What one command cost."""

    what: str
    num_videos: int
    wall_seconds: float
    cpu_seconds: float

    def line(self) -> str:
        """Return the row of the table."""
        bar = f"{BARS[self.what]:g}" if self.what in BARS else ""
        return (
            f"| {self.num_videos:,} | {self.what} | {self.wall_seconds:.2f} "
            f"| {self.cpu_seconds:.2f} | {bar} |"
        )


def measure(what: str, num_videos: int, command: Sequence[str]) -> Measured:
    """Run a command in a process of its own."""
    begun = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, command
    wall, cpu = time.monotonic() - begun, used.ru_utime + used.ru_stime
    found = Measured(what, num_videos, wall, cpu)
    print(found.line(), flush=True)
    return found


def measure_all(sizes: Sequence[int]) -> Iterator[Measured]:
    """Measure every command at these sizes, smallest first."""
    for num_videos in sizes:
        with tempfile.TemporaryDirectory() as name:
            begun, whole = Path(name) / "begun", Path(name) / "whole"
            fill(Workspace.create(begun), num_videos, is_begun=True)
            yield measure("status, first collect", num_videos, [KBUILD, "-C", str(begun), "status"])
            fill(workspace := Workspace.create(whole), num_videos)
            make_files(workspace, num_videos)
            for options in ("", " --classes", " --queries"):
                command = [KBUILD, "-C", str(whole), "status", *options.split()]
                yield measure(f"status{options}", num_videos, command)
            again = [sys.executable, "-m", "benchmarks.looking", "--again", str(whole)]
            yield measure("second run", num_videos, again)


def run_again(folder: Path) -> None:
    """Run all stages up to `deduplicate`, which have nothing to do."""
    workspace = Workspace.open(folder)
    for name in MODULES:
        report = run_stage(workspace, build_stage(name, workspace))
        assert not report.num_new, report


def main() -> None:
    """Write and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/looking.md")
    parser.add_argument("--again", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.again is not None:
        run_again(told.again)
        return
    from benchmarks.report import machine  # imports torch, which no command here needs

    load = os.getloadavg()[0]
    found = list(measure_all(sorted(int(number) for number in told.sizes.split(","))))
    lines = [
        "# Looking at a large workspace",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite, "
        f"load {load:.1f} at the start: where that is more than nothing, the seconds of CPU say "
        f"what a command takes. `python -m benchmarks.looking --sizes {told.sizes}`. "
        f"{NUM_CLASSES} classes with {NUM_QUERIES} queries each; of ten videos seven have come, "
        "and have a clip: two files. `first collect` has matched the titles and fetched nothing. "
        "`second run` is every stage from search to deduplicate with nothing to do: each of the "
        "files is looked at.",
        "",
        "| videos | `kbuild …` | seconds | CPU seconds | bar at 10^6 |",
        "|---:|---|---:|---:|---:|",
        *(one.line() for one in found),
        "",
    ]
    told.out.write_text("\n".join(lines), encoding="utf-8")
    print(told.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
