"""How long `kbuild demo` takes, how much memory, and what it reaches.

    .venv/bin/python -m benchmarks.demo [--ava] [--small] [--seed N ...] [--against COMMIT]
        [--folder DIR] [--out FILE]

Several seeds, each another world, run one after another into one table. Another commit's demo runs
before ours, once, with the first seed, in an environment of its own. Memory is the sum of the
proportional set sizes of all processes of a command, so that shared pages count once; it is read
twice a second. The second run must have nothing to do.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.catalogue import check_out
from pipelines.demo.verdict import Bar

ROOT = Path(__file__).parent.parent
GIB = 2**30
Verdict = dict[str, Any]


@dataclass
class Measured:
    """One run of the command."""

    seconds: float
    cpu_seconds: float
    """User and system time of all its processes."""
    peak_bytes: int
    verdict: Verdict
    exit_code: int


Runs = Mapping[int, tuple[Measured, Measured]]
"""The first and the second run, by seed."""


def memory_of(process: psutil.Process) -> int:
    """Return the proportional set size of a process and all below it, in bytes."""
    total = 0
    for member in [process, *process.children(recursive=True)]:
        try:
            total += member.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total


def watch(process: psutil.Process, peak: list[int]) -> None:
    """Keep the largest memory seen until the process ends."""
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        peak[0] = max(peak[0], memory_of(process))
        time.sleep(0.5)


def cpu_seconds() -> float:
    """Return the processor time of all children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def load() -> float:
    """Return how many processes wanted a core in the last minute."""
    return os.getloadavg()[0]


def run(folder: Path, options: list[str], root: Path = ROOT) -> Measured:
    """Run the command once; a command that ends without a verdict ends this one, too.

    `root` has the files of the build whose command it is, and its environment.
    """
    begun, worked, peak = time.monotonic(), cpu_seconds(), [0]
    python = sys.executable if root == ROOT else str(root / ".venv" / "bin" / "python")
    command = [python, "-m", "pipelines.cli", "demo", str(folder), "--json", *options]
    told = {"stdout": subprocess.PIPE, "text": True, "cwd": root}
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(root)}, **told)
    watcher = threading.Thread(target=watch, args=(psutil.Process(process.pid), peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    seconds, worked = time.monotonic() - begun, cpu_seconds() - worked
    if not output.strip():
        sys.exit(f"{' '.join(command)} ended with {process.returncode}, and said nothing.")
    return Measured(seconds, worked, peak[0], json.loads(output), process.returncode)


def measure_before(commit: str, seed: int, options: list[str]) -> Measured:
    """Run the command of another commit once."""
    with tempfile.TemporaryDirectory() as name:
        root = check_out(commit, Path(name))
        subprocess.run(["make", "--silent", "install"], cwd=root, check=True)
        compiled = [sys.executable, "-m", "compileall", "-q", "-j", "0", str(root / ".venv")]
        subprocess.run(compiled, check=False)  # a few files of others are no Python of today
        return run(root / "measured", ["--seed", str(seed), *options], root)


def twice(folder: Path, seed: int, options: list[str]) -> tuple[Measured, Measured]:
    """Run the command, and again when there is nothing left to do."""
    options = ["--seed", str(seed), *options]
    return run(folder, options), run(folder, options)


def before_lines(commit: str, before: Measured, runs: Runs) -> list[str]:
    """Return how an older commit's demo compares, which ran with the first seed."""
    seed, (ours, _) = next(iter(runs.items()))
    return [
        "",
        f"The demo of {commit}, seed {seed}, run before these: {before.seconds:.0f} s, "
        f"{before.cpu_seconds:.0f} s of processor time, {before.peak_bytes / GIB:.2f} GiB. Ours "
        f"took {ours.seconds / before.seconds:.2f} of its time and "
        f"{ours.cpu_seconds / before.cpu_seconds:.2f} of its processor time.",
    ]


def write_page(runs: Runs, words: str, busy: float) -> str:
    """Return the results as a page of Markdown, a column for each seed."""
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / GIB
    seeds = [str(seed) for seed in runs]
    named = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(seeds)}"
    lines = [
        f"# {words}, {named}",
        "",
        f"{platform.processor() or platform.machine()}, {cores} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, no GPU used, load {busy:.1f} at the start. "
        "Written by `python -m benchmarks.demo`.",
        "",
        *_head(["what"], seeds),
        *(_row(name, [told(*both) for both in runs.values()]) for name, told in RUN_ROWS),
    ]
    verdicts = [first.verdict for first, _ in runs.values()]
    parts = dict.fromkeys(part for one in verdicts for part in one["part_seconds"])
    lines += [
        _row(
            f"of the first run, {part}", [f"{one['part_seconds'][part]:.0f} s" for one in verdicts]
        )
        for part in parts
    ]
    is_ava = "actor" in verdicts[0]
    lines += (ava_lines if is_ava else clip_lines)(verdicts)
    lines += ["", *_head(["bar", "asked"], seeds), *bar_lines(verdicts)]
    for seed, verdict in zip(seeds, verdicts, strict=True) if is_ava else ():
        lines += ava_tables(seed, verdict)
    return "\n".join(lines) + "\n"


RUN_ROWS: tuple[tuple[str, Callable[[Measured, Measured], str]], ...] = (
    ("first run", lambda one, _: f"{one.seconds:.0f} s"),
    ("its processor time", lambda one, _: f"{one.cpu_seconds:.0f} s"),
    ("second run", lambda _, two: f"{two.seconds:.1f} s"),
    ("peak memory of all processes", lambda one, _: f"{one.peak_bytes / GIB:.2f} GiB"),
)


def _head(names: Sequence[str], seeds: Sequence[str]) -> list[str]:
    cells = [*names, *(f"seed {seed}" for seed in seeds)]
    return [_row(cells[0], cells[1:]), "|" + "---|" * len(cells)]


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([name, *cells])} |"


def _number(reached: float | None) -> str:
    return "not measured" if reached is None else f"{reached:.3f}"


def bar_lines(verdicts: Sequence[Verdict]) -> list[str]:
    """Return a row for each bar; what misses it is said to."""
    lines = []
    for bars in zip(*(verdict["bars"] for verdict in verdicts), strict=True):
        asked = f"at {'most' if bars[0]['is_less_better'] else 'least'} {bars[0]['least']:.3g}"
        lines.append(_row(bars[0]["name"], [asked, *map(_reached, bars)]))
    return lines


def _reached(bar: dict[str, Any]) -> str:
    return _number(bar["reached"]) + ("" if Bar(**bar).is_met else " (MISSED)")


def clip_lines(verdicts: Sequence[Verdict]) -> list[str]:
    """Return what the demo of Kinetics reached."""
    shares = (
        ("precision of the released clips", "precision"),
        ("recall of the usable clips", "recall"),
        ("votes per accepted clip", "votes_per_accepted_clip"),
    )
    lines = [_row(name, [_number(one[key]) for one in verdicts]) for name, key in shares]
    for scores in zip(*(verdict["networks"] for verdict in verdicts), strict=True):
        name, clips = scores[0]["network"], [str(score["num_clips"]) for score in scores]
        lines.append(_row(f"{name}: held-out clips", clips))
        for what, key in (
            ("top-1", "top1"),
            ("top-1, frames shuffled", "shuffled_top1"),
            ("reversed clips that swap", "reversed_swapped"),
        ):
            lines.append(_row(f"{name}: {what}", [_number(score[key]) for score in scores]))
    return lines


def ava_lines(verdicts: Sequence[Verdict]) -> list[str]:
    """Return what the demo of AVA reached in all."""
    actors = [verdict["actor"] for verdict in verdicts]
    answers = [f"{one['answers_a_person']:.2f} of {one['num_people']}" for one in verdicts]
    found = [f"{one['mean_ap']:.3f} ({one['low']:.3f} to {one['high']:.3f})" for one in actors]
    name, num_actions = actors[0]["network"], actors[0]["num_actions"]
    return [
        _row("answers for each person at key frames", answers),
        _row(f"{name}: frame-mAP over {num_actions} actions, 95 % over films", found),
        _row("the prior's", [_number(actor["prior"]) for actor in actors]),
    ]


def ava_tables(seed: str, verdict: Verdict) -> list[str]:
    """Return what the demo of AVA reached, step by step."""
    lines = [
        "",
        f"## Steps, seed {seed}",
        "",
        "| step | of | true | passed | right | precision | recall |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one['step']} | {one['unit']} | {one['num_true']} | {one['num_passed']} | "
        f"{one['num_right']} | {one['precision']:.3f} | {one['recall']:.3f} |"
        for one in verdict["steps"]
    ]
    lines += ["", "| kind of task | answers | set aside |", "|---|---|---|"]
    lines += [
        f"| {kind['kind']} | {kind['num_answers']} | {', '.join(kind['set_aside'])} |"
        for kind in verdict["kinds"]
    ]
    return lines


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ava", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--seed", type=int, nargs="+", default=[0])
    parser.add_argument("--against", metavar="COMMIT", help="whose demo is measured, too")
    parser.add_argument("--folder", type=Path, help="of the workspaces, one a seed")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp())
    chosen = [f"--{name}" for name in ("ava", "small") if getattr(given, name)]
    busy = load()
    before = given.against and measure_before(given.against, given.seed[0], chosen)
    runs = {seed: twice(folder / f"demo{seed}", seed, chosen) for seed in given.seed}
    words = f"The {'small ' if given.small else ''}demo{' of AVA' if given.ava else ''}"
    text = write_page(runs, words, busy)
    if before:
        text += "\n".join(before_lines(given.against, before, runs)) + "\n"
    name = "-".join(["demo", *(option[2:] for option in chosen)])
    (given.out or ROOT / "benchmarks" / "results" / f"{name}.md").write_text(text)
    print(text)
    sys.exit(max(first.exit_code for first, _ in runs.values()))


if __name__ == "__main__":
    main()
