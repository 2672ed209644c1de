"""What a title of a large catalogue costs: seconds, CPU and memory of each step.

    .venv/bin/python -m benchmarks.catalogue [--sizes N,N] [--before COMMIT] [--out FILE]

The catalogue is made up (`catalogue_steps.py`): titles of which four in five name one of twelve
classes, listed 200 at a time as a search lists them. Nothing is downloaded: the rows that
`download` and `score` would have left are written as they stand. Each step is a process of its
own, so that its memory is its own. `--before` also runs `match`, and `match` again, of an older
commit on the same titles, one after the other.
"""

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl

from benchmarks.report import MIB, machine

ROOT = Path(__file__).parent.parent
STEPS = ROOT / "benchmarks" / "catalogue_steps.py"
SIZES = "10000,100000,1000000"
MADE = ("rows of download and score", "their items", "items of cut")
"""Steps that stand for what was not done."""
ORDER = (
    "search rows",
    "match",
    "match again",
    *MADE[:2],
    "propose",
    MADE[2],
    "first look",
    "second run",
    "status",
)
SHOWN = ("search rows", "match", "propose", "second run", "status")
"""In the plot."""
MOST_BEFORE = 100_000
"""Titles that the older commit is given at most."""


@dataclass(frozen=True)
class Measured:
    """What one step cost."""

    step: str
    num_titles: int
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int
    is_before: bool = False

    @property
    def microseconds(self) -> float:
        """CPU a title."""
        return self.cpu_seconds / self.num_titles * 1e6

    def line(self) -> str:
        """Return the row of the table."""
        name = f"{self.step}, before" if self.is_before else self.step
        return (
            f"| {self.num_titles:,} | {name} | {self.wall_seconds:.1f} | {self.cpu_seconds:.2f} "
            f"| {self.microseconds:.0f} | {self.peak_bytes / MIB:.0f} |"
        )


def measure(step: str, folder: Path, num_titles: int, build: Path) -> Measured:
    """Run a step in a process of its own, with the packages of `build`."""
    command = [sys.executable, "-P", str(STEPS), step, str(folder), str(num_titles)]
    begun = time.monotonic()
    before = _cpu_of_children()
    child = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(build)}, stdout=subprocess.PIPE, check=True
    )
    wall, cpu = time.monotonic() - begun, _cpu_of_children() - before
    found = Measured(step, num_titles, wall, cpu, int(child.stdout), build != ROOT)
    print(found.line(), flush=True)
    return found


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure_all(sizes: Sequence[int], before: Path | None) -> Iterator[Measured]:
    """Measure every step of catalogues of these sizes, smallest first."""
    for num_titles in sizes:
        with tempfile.TemporaryDirectory() as name:
            if before is not None and num_titles <= MOST_BEFORE:
                for step in ("search rows", "match", "match again"):
                    yield measure(step, Path(name) / "before", num_titles, before)
            for step in ORDER:
                yield measure(step, Path(name) / "now", num_titles, ROOT)


def check_out(commit: str, folder: Path) -> Path:
    """Write the files of a commit into a folder."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def ratio(found: Sequence[Measured]) -> list[str]:
    """Return how the older commit's seconds of CPU compare, by size and step."""
    cpu = {(one.step, one.num_titles, one.is_before): one.cpu_seconds for one in found}
    return [
        f"`{step}` of {num_titles:,} titles: {seconds / cpu[step, num_titles, False]:.1f} times "
        "the CPU before."
        for (step, num_titles, is_before), seconds in cpu.items()
        if is_before and step != "search rows"
    ]


def draw(found: Sequence[Measured], path: Path) -> None:
    """Plot the CPU a title, and the memory of each step, over the number of titles."""
    mpl.use("agg")
    from matplotlib import pyplot

    figure, (cost, memory) = pyplot.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for step in SHOWN:
        of_step = [one for one in found if one.step == step and not one.is_before]
        sizes = [one.num_titles for one in of_step]
        cost.plot(sizes, [one.microseconds for one in of_step], marker="o", label=step)
        memory.plot(sizes, [one.peak_bytes / MIB for one in of_step], marker="o", label=step)
    cost.set(xscale="log", yscale="log", xlabel="titles", ylabel="CPU, microseconds a title")
    memory.set(xscale="log", xlabel="titles", ylabel="peak memory, MiB", ylim=(0, None))
    cost.legend(frameon=False)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def main() -> None:
    """Write and print the table, and the plot beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=SIZES)
    parser.add_argument("--before", metavar="COMMIT")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/catalogue.md")
    told = parser.parse_args()
    load = os.getloadavg()[0]
    sizes = sorted(int(number) for number in told.sizes.split(","))
    with tempfile.TemporaryDirectory() as folder:
        before = None if told.before is None else check_out(told.before, Path(folder))
        found = list(measure_all(sizes, before))
    draw(found, told.out.with_suffix(".png"))
    lines = [
        "# A large catalogue",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores, Python {platform.python_version()}, SQLite, "
        f"load {load:.1f} at the start. `python -m benchmarks.catalogue --sizes {told.sizes}"
        f"{f' --before {told.before}' if told.before else ''}`. Titles are made up, twelve classes "
        "of which four in five name one. Each step is a process of its own, its start included: "
        "nothing is downloaded, and what "
        f"{', '.join(MADE)} stand for is written as it stands. `first look` lists their items "
        "once; `second run` is match, download, score, propose and cut with nothing to do.",
        "",
        "| titles | step | seconds | CPU seconds | CPU µs a title | peak MiB |",
        "|---:|---|---:|---:|---:|---:|",
        *(one.line() for one in found),
        "",
        *(f"{line}\n" for line in ratio(found)),
        f"![CPU a title and memory, by the number of titles]({told.out.stem}.png)",
        "",
    ]
    told.out.write_text("\n".join(lines), encoding="utf-8")
    print(told.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
