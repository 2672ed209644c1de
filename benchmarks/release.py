"""How fast a large release is written and checked, beside a plain script of pandas.

    .venv/bin/python -m benchmarks.release [--clips N] [--out FILE]

A workspace of N accepted clips is made (`release_workspace.py`); each step is a process of its
own (`release_steps.py`). What the script of pandas writes and looks for stands in
`release_peer.py`; its lists are held to be byte by byte those of `kbuild release`, its table to
hold the same rows.
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
    "compare": "",
    "check": "releases check",
    "check_by_pandas": "check, pandas",
}
"""In their order, with their names in the table; one without a name only must not fail."""
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
        # Whoever comes first reads from the disk: both check again what both have read.
        found |= {step: measure(step, folder) for step in ("check", "check_by_pandas")}
    put_down(report(found, options.clips, load), options.out)


def report(found: dict[str, dict[str, float]], num_clips: int, load: float) -> list[str]:
    """Return the page of results."""
    ratios = {
        (step, what): found[f"{step}_by_pandas"][what] / found[step][what]
        for step in ("release", "check")
        for what in ("seconds", "cpu")
    }
    return [
        "# Releasing many clips",
        "",
        f"{machine('cpu')}, load {load:.1f} at the start. `python -m benchmarks.release`. "
        f"{num_clips:,} clips of {NUM_CLASSES} classes, each of a video of its own, with "
        f"{NUM_ANSWERS} answers and a file of some bytes that is linked; SQLite. The script of "
        "pandas writes the same lists, byte by byte, and the same table, but no `README.md`, "
        "datasheet and Croissant, and no mark of each line. Checks are the second of two in turns: "
        "neither has read the files for the other.",
        "",
        "| step | seconds | CPU seconds | peak MiB | bar |",
        "|---|---:|---:|---:|---|",
        *(
            f"| {title} | {found[step]['seconds']:.1f} | {found[step]['cpu']:.1f} | "
            f"{found[step]['bytes'] / MIB:.0f} | {BARS.get(step, '')} |"
            for step, title in STEPS.items()
            if title
        ),
        "",
        "How often the time of ours goes into that of the script of pandas (asked: 3 times): "
        f"release {ratios['release', 'seconds']:.2f} by seconds and "
        f"{ratios['release', 'cpu']:.2f} by CPU seconds, check {ratios['check', 'seconds']:.2f} "
        f"and {ratios['check', 'cpu']:.2f}.",
        "",
    ]


if __name__ == "__main__":
    main()
