"""How fast Kinetics CSVs are read, and that converting them takes no more memory for more rows.

    .venv/bin/python -m benchmarks.formats [--out FILE]

The inputs are made here, from a seed. Each figure comes from a process of its own; reading
alternates with `pandas.read_csv` of the same file.
"""

import argparse
import json
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Clip
from kinetics_builder.formats.registry import find_format

ROOT = Path(__file__).parent.parent
NUM_ROWS, REPEATS = 650_000, 5
SIZES = (100_000, NUM_ROWS, 2 * NUM_ROWS)
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
WRITTEN = ("kinetics", "kinetics-json", "resnets3d-json")
OPTIONS = Options(frames_per_second=25.0)


def make_csv(path: Path, num_rows: int) -> None:
    """Write a file like that of Kinetics-700's train split."""
    chance = random.Random(0)
    labels = [f"doing number {number} (indoors)" for number in range(700)]
    with path.open("w", encoding="utf-8") as file:
        file.write("label,youtube_id,time_start,time_end,split\n")
        for _ in range(num_rows):
            start, video = chance.randrange(600), "".join(chance.choices(LETTERS, k=11))
            file.write(f"{chance.choice(labels)},{video},{start},{start + 10},train\n")


def clips(path: Path) -> Iterator[Clip]:
    """Yield the clips as commands read them, through the door of all formats."""
    read = find_format("kinetics").read
    assert read is not None
    return read(path, OPTIONS, Problems(path))


def ours(path: Path) -> int:
    """Return how many clips a list of all of them has."""
    return len(list(clips(path)))


def streamed(path: Path) -> int:
    """Return how many clips pass by, none of them kept."""
    return sum(1 for _ in clips(path))


def pandas(path: Path) -> int:
    """Return how many rows pandas reads."""
    from pandas import read_csv

    return len(read_csv(path))


def converting(name: str) -> Callable[[Path], int]:
    """Return what converts a Kinetics CSV as a stream."""
    write = find_format(name).write
    assert write is not None

    def convert(path: Path) -> int:
        target = path.with_suffix(".out")
        write(target, clips(path), OPTIONS, Problems(target))
        return target.stat().st_size

    return convert


def child(kind: str, path: Path) -> None:
    """Print the seconds and the peak bytes of one measurement."""
    readers = {"ours": ours, "streamed": streamed, "pandas": pandas}
    measured: Callable[[Path], int] = readers.get(kind) or converting(kind)
    if kind == "pandas":
        import pandas as _  # noqa: F401 its import is not what is timed
    begun = time.perf_counter()
    assert measured(path) > 0
    seconds = time.perf_counter() - begun
    status = Path("/proc/self/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    print(json.dumps([seconds, int(peak.split()[1]) / 1024]))


def measure(kind: str, path: Path) -> tuple[float, float]:
    """Return seconds and peak MiB of a process that does it."""
    command = [sys.executable, "-m", "benchmarks.formats", "--child", kind, str(path)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    seconds, peak = json.loads(done.stdout)
    return seconds, peak


def reading_rows(path: Path) -> list[str]:
    """Return the lines of the table of reading."""
    measure("pandas", path)  # so that the file, just written, lies in memory for both
    pairs = [(measure("ours", path), measure("pandas", path)) for _ in range(REPEATS)]
    our_seconds = [one[0] for one, _ in pairs]
    ratios = [their[0] / one[0] for one, their in pairs]
    return [
        "| rows | ours, s (lowest to highest) | ours, peak MiB | pandas, s | pandas, peak MiB "
        "| pandas / ours (lowest to highest) |",
        "|---:|---:|---:|---:|---:|---:|",
        f"| {NUM_ROWS:,} | {statistics.median(our_seconds):.2f} ({min(our_seconds):.2f} to "
        f"{max(our_seconds):.2f}) | {max(one[1] for one, _ in pairs):.0f} | "
        f"{statistics.median(their[0] for _, their in pairs):.2f} | "
        f"{max(their[1] for _, their in pairs):.0f} | {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}) |",
        "",
        "As a stream, without keeping the clips, it is "
        f"{statistics.median(measure('streamed', path)[0] for _ in range(REPEATS)):.2f} s: the "
        "rest is Python's garbage collector, which looks through a growing list again and again.",
    ]


def converting_rows(files: dict[int, Path]) -> list[str]:
    """Return the lines of the table of converting."""
    found = ["| to | rows | s | peak MiB |", "|---|---:|---:|---:|"]
    for name in WRITTEN:
        for num_rows, path in files.items():
            seconds, peak = measure(name, path)
            found.append(f"| {name} | {num_rows:,} | {seconds:.2f} | {peak:.0f} |")
    return found


def main() -> None:
    """Measure, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/formats.md")
    parser.add_argument("--child", nargs=2)
    given = parser.parse_args()
    if given.child:
        child(given.child[0], Path(given.child[1]))
        return
    from benchmarks.report import machine

    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder, f"{size}.csv") for size in SIZES}
        for size, path in files.items():
            make_csv(path, size)
        lines = [
            "# Reading and converting lists of clips",
            "",
            f"{machine('cpu')}, one thread, Python {platform.python_version()}.",
            "`python -m benchmarks.formats`. A synthetic Kinetics CSV; peaks are those of the "
            "whole process.",
            "",
            f"Reading into a list of all records, {REPEATS} times by turns with "
            "`pandas.read_csv` (medians). The bar is 1.5 s and 400 MiB.",
            "",
            *reading_rows(files[NUM_ROWS]),
            "",
            "Converting as a stream. The JSON formats have one place for a key: to tell of every "
            "clip that is lost, their keys are sorted on disk, 100,000 at a time.",
            "",
            *converting_rows(files),
            "",
        ]
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text("\n".join(lines))
    print(given.out.read_text())


if __name__ == "__main__":
    main()
