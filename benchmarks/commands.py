"""How long a person waits for commands that have nothing to do but to answer.

    .venv/bin/python -m benchmarks.commands DEMO [--turns N] [--out FILE]

DEMO is the folder of a finished `kbuild demo`. Each command runs in a process of its own, as
from a shell; the commands take turns, so that whatever else the machine does meets all alike.
The training is one of two steps, made once before; what is timed is the same command again.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.report import machine
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Clip, Video
from kinetics_builder.workspace import Workspace

RESULTS = Path(__file__).parent / "results" / "commands.md"
KBUILD = Path(sys.executable).with_name("kbuild")
HELP, STATUS, TRAIN = "--help", "status", "train-baseline, trained before"
BARS_SECONDS = {HELP: 0.3, STATUS: 1.0, TRAIN: 5.0}


def run(folder: Path, *arguments: str) -> float:
    """Return the seconds that a command takes, by the clock."""
    begun = time.perf_counter()
    subprocess.run([KBUILD, "-C", folder, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def table(demo: Path, waits: dict[str, list[float]], load: float) -> str:
    """Return the results as a page of Markdown."""
    with reading(Workspace.open(demo).engine) as rows:
        num_videos = rows.scalar(select(func.count(Video.id)))
        num_clips = rows.scalar(select(func.count(Clip.id)))
    lines = [
        "# Commands with nothing to do",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores, Python {platform.python_version()}, load "
        f"{load:.1f} at the start. `python -m benchmarks.commands` on the demo: {num_videos:,} "
        f"videos, {num_clips:,} clips. Seconds by the clock, from the start of a process to its "
        "end.",
        "",
        "| `kbuild …` | turns | median | longest | bar |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, seconds in waits.items():
        median, longest = statistics.median(seconds), max(seconds)
        bar = BARS_SECONDS[name]
        lines.append(f"| {name} | {len(seconds)} | {median:.2f} | {longest:.2f} | {bar:g} |")
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as out:
        training = ("train-baseline", "--model", "i3d_tiny", "--steps", "2", "--out", f"{out}/run")
        commands = {HELP: ("--help",), STATUS: ("status",), TRAIN: training}
        run(given.demo, *training)
        waits: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(given.turns):
            for name, arguments in commands.items():
                waits[name].append(run(given.demo, *arguments))
    text = table(given.demo, waits, load)
    given.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
