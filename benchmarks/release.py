"""How fast a large release is written and checked, beside a plain script of pandas.

    .venv/bin/python -m benchmarks.release [--clips N] [--out FILE]

A workspace of N accepted clips is made (`release_workspace.py`); each step is a process of its own
(`release_steps.py`). The script of pandas writes the like: rows by split, the table, raw votes
under pseudonyms, terms, links to the clips' files, sums; and looks through it for changed files and
for what two splits share. It keeps everything in memory, writes no JSON with addresses, no
Croissant, no datasheet, and nothing that survives a kill.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.release_workspace import NUM_ANSWERS, NUM_CLASSES, fill
from benchmarks.report import MIB, machine, put_down
from kinetics_builder.workspace import Workspace

RESULTS = Path(__file__).parent / "results" / "release.md"
STEPS = {
    "curate": "curate, before",
    "release": "release",
    "release_by_pandas": "release, pandas",
    "check": "releases check",
    "check_by_pandas": "check, pandas",
}
BARS = {"release": "180 s, 2048 MiB", "check": "120 s"}


def measure(step: str, folder: Path) -> dict[str, float]:
    """Return what a step takes."""
    command = [sys.executable, "-m", "benchmarks.release_steps", step, str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=650_000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "workspace"
        fill(Workspace.create(folder), options.clips)
        load = os.getloadavg()[0]
        found = {step: measure(step, folder) for step in STEPS}
    put_down(report(found, options.clips, load), options.out)


def report(found: dict[str, dict[str, float]], num_clips: int, load: float) -> list[str]:
    """Return the page of results."""
    ratios = {
        step: found[f"{step}_by_pandas"]["cpu"] / found[step]["cpu"]
        for step in ("release", "check")
    }
    return [
        "# Releasing many clips",
        "",
        f"{machine('cpu')}, load {load:.1f} at the start. `python -m benchmarks.release`. "
        f"{num_clips:,} clips of {NUM_CLASSES} classes, each of a video of its own, with "
        f"{NUM_ANSWERS} answers and a file of some bytes that is linked; SQLite.",
        "",
        "| step | seconds | CPU seconds | peak MiB | bar |",
        "|---|---:|---:|---:|---|",
        *(
            f"| {title} | {found[step]['seconds']:.1f} | {found[step]['cpu']:.1f} | "
            f"{found[step]['bytes'] / MIB:.0f} | {BARS.get(step, '')} |"
            for step, title in STEPS.items()
        ),
        "",
        f"CPU time of the script of pandas by ours: release {ratios['release']:.2f}, check "
        f"{ratios['check']:.2f} (asked: 3).",
        "",
    ]


if __name__ == "__main__":
    main()
