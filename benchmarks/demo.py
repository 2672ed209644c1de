"""How long `kbuild demo` takes, how much memory, and what it reaches.

    .venv/bin/python benchmarks/demo.py [--ava] [--small] [--seed N] [--folder DIR] [--out FILE]

Memory is the sum of the proportional set sizes of all its processes, so that shared pages
count once; it is read twice a second. The second run must have nothing to do.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parent.parent
GIB = 2**30


@dataclass
class Measured:
    """One run of the command."""

    seconds: float
    cpu_seconds: float
    """User and system time of all its processes."""
    peak_bytes: int
    verdict: dict[str, Any]
    exit_code: int


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


def run(folder: Path, options: list[str]) -> Measured:
    """Run the command once."""
    begun, worked, peak = time.monotonic(), cpu_seconds(), [0]
    command = [sys.executable, "-m", "pipelines.cli", "demo", str(folder), "--json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    watcher = threading.Thread(target=watch, args=(psutil.Process(process.pid), peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    seconds, worked = time.monotonic() - begun, cpu_seconds() - worked
    return Measured(seconds, worked, peak[0], json.loads(output), process.returncode)


def table(first: Measured, second: Measured, title: str) -> str:
    """Return the results as a page of Markdown."""
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / GIB
    lines = [
        f"# {title}",
        "",
        f"{platform.processor() or platform.machine()}, {cores} cores, {memory:.0f} GiB, "
        f"Python {platform.python_version()}, no GPU used. Written by `benchmarks/demo.py`.",
        "",
        "| what | measured |",
        "|---|---|",
        f"| first run | {first.seconds:.0f} s, {first.cpu_seconds:.0f} s of processor time |",
        f"| second run | {second.seconds:.1f} s |",
        f"| peak memory of all processes | {first.peak_bytes / GIB:.2f} GiB |",
    ]
    lines += ava_lines(first.verdict) if "actor" in first.verdict else clip_lines(first.verdict)
    lines += ["", "| bar | least | reached |", "|---|---|---|"]
    lines += [
        f"| {bar['name']} | {bar['least']:.3g} | {_number(bar['reached'])} |"
        for bar in first.verdict["bars"]
    ]
    return "\n".join(lines) + "\n"


def _number(reached: float | None) -> str:
    return "not measured" if reached is None else f"{reached:.4g}"


def clip_lines(verdict: dict[str, Any]) -> list[str]:
    """Return what the demo of Kinetics reached."""
    lines = [
        f"| precision of the released clips | {verdict['precision']:.3f} |",
        f"| recall of the usable clips | {verdict['recall']:.3f} |",
        f"| votes per accepted clip | {verdict['votes_per_accepted_clip']:.2f} |",
    ]
    for network in verdict["networks"]:
        name, swapped = network["network"], network["reversed_swapped"]
        lines += [
            f"| {name}: top-1 on {network['num_clips']} held-out clips | {network['top1']:.3f} |",
            f"| {name}: top-1, frames shuffled | {network['shuffled_top1']:.3f} |",
            f"| {name}: reversed clips that swap | "
            f"{'not measured' if swapped is None else format(swapped, '.3f')} |",
        ]
    return lines


def ava_lines(verdict: dict[str, Any]) -> list[str]:
    """Return what the demo of AVA reached, step by step."""
    actor = verdict["actor"]
    lines = [
        f"| answers for each of {verdict['num_people']} persons at key frames | "
        f"{verdict['answers_a_person']:.2f} |",
        f"| {actor['network']}: frame-mAP over {actor['num_actions']} actions, 95 % over films | "
        f"{actor['mean_ap']:.3f} ({actor['low']:.3f} to {actor['high']:.3f}) |",
        f"| the prior's | {actor['prior']:.3f} |",
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
    parser.add_argument("--seed", default="0")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp()) / "demo"
    chosen = {"--ava": given.ava, "--small": given.small}
    options = ["--seed", given.seed, *(name for name, is_given in chosen.items() if is_given)]
    first, second = run(folder, options), run(folder, options)
    name = "-".join(["demo", *(name[2:] for name, is_given in chosen.items() if is_given)])
    words = f"The {'small ' if given.small else ''}demo{' of AVA' if given.ava else ''}"
    text = table(first, second, f"{words}, seed {given.seed}")
    (given.out or ROOT / "benchmarks" / "results" / f"{name}.md").write_text(text)
    print(text)
    sys.exit(first.exit_code)


if __name__ == "__main__":
    main()
