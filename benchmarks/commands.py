"""How long a person waits for commands that have nothing to do but to answer.

    .venv/bin/python -m benchmarks.commands DEMO [--turns N] [--out FILE]

DEMO is the folder of a finished `kbuild demo`. Each command runs in a process of its own, as
from a shell; the commands take turns, so that whatever else the machine does meets all alike.
The training is one of two steps, made once before; what is timed is the same command again.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, insert, select

from benchmarks.report import machine
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    Candidate,
    Clip,
    ClipFile,
    ClipPlace,
    Decision,
    Label,
    Media,
    Method,
    Standing,
    Task,
    TaskSlot,
    Verdict,
    Video,
    Vote,
    Worker,
)
from kinetics_builder.workspace import Workspace

RESULTS = Path(__file__).parent / "results" / "commands.md"
KBUILD = Path(sys.executable).with_name("kbuild")
NUM_CLIPS = 100_000
HELP, STATUS, TRAIN = "--help", "status", "train-baseline, trained before"
LARGE = f"status, {NUM_CLIPS:,} decided clips"
BARS_SECONDS = {HELP: 0.3, STATUS: 1.0, LARGE: 1.0, TRAIN: 5.0}


class Wait(NamedTuple):
    """What a command takes: seconds by the clock, and of a processor."""

    seconds: float
    cpu_seconds: float


def run(folder: Path, *arguments: str) -> Wait:
    """Return what a command takes."""
    begun, before = time.perf_counter(), _cpu_of_children()
    subprocess.run([KBUILD, "-C", folder, *arguments], check=True, stdout=subprocess.DEVNULL)
    return Wait(time.perf_counter() - begun, _cpu_of_children() - before)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def fill(workspace: Workspace) -> None:
    """Write the rows of `NUM_CLIPS` clips that are cut and decided by three votes each."""
    picture = {"width": 64, "height": 48, "frames_per_second": 25.0, "bytes": 1}
    columns: dict[type, dict[str, object]] = {
        Video: {"source": "test", "url": "/"},
        Media: picture | {"duration_seconds": 60.0, "has_audio": False, "codec": "h264"},
        Candidate: {"score": 1.0, "matched": "", "variant": ""},
        Clip: {"start_seconds": 0.0, "end_seconds": 10.0, "method": Method.MOTION, "rank": 0},
        ClipFile: picture | {"duration_seconds": 10.0, "num_frames": 250},
        ClipPlace: {"standing": Standing.KEPT},
        Decision: {"num_yes": 3, "num_no": 0, "num_unsure": 0, "num_bad": 0}
        | {"num_set_aside": 0, "lasts_whole_clip": True},
        TaskSlot: {},
    }

    def changing(number: int) -> dict[str, object]:
        is_yes = number % 3 > 0
        return {
            **{"id": number, "video_id": number, "clip_id": number, "label_id": number % 400 + 1},
            **{"file": f"{number}.mp4", "sha256": f"{number:064x}", "title": f"title {number}"},
            **{"score": number * 7919 % 1000 / 1000, "task_id": number // 20 + 1},
            **{"position": number % 20, "slot_id": number},
            "verdict": Verdict.ACCEPTED if is_yes else Verdict.REJECTED,
            "answer": Answer.YES if is_yes else Answer.NO,
        }

    with writing(workspace.engine) as session:
        few = range(1, 401)
        session.execute(insert(Label), [{"id": n, "name": f"label {n}"} for n in few])
        people = [{"id": n, "name": f"worker {n}", "code_hash": f"{n:064x}"} for n in few]
        session.execute(insert(Worker), people)
        tasks = [{"round": 0, "is_finished": True} for _ in range(NUM_CLIPS // 20 + 1)]
        session.execute(insert(Task), tasks)
        numbers = range(1, NUM_CLIPS + 1)
        for table_, same in columns.items():
            known = table_.__table__.columns.keys()  # type: ignore[attr-defined]
            rows = [same | {k: v for k, v in changing(n).items() if k in known} for n in numbers]
            if table_ is Video:
                rows = [row | {"video_id": f"video{row['id']:07}"} for row in rows]
            session.execute(insert(table_), rows)
        for turn in range(3):
            keys = ("clip_id", "label_id", "slot_id", "answer")
            votes = [{k: changing(n)[k] for k in keys} for n in numbers]
            for number, vote in enumerate(votes):
                vote["worker_id"] = (number + turn) % 400 + 1
            session.execute(insert(Vote), votes)


def table(demo: Path, waits: dict[str, list[Wait]], load: float) -> str:
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
        "| `kbuild …` | turns | median | longest | bar | CPU seconds, median |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, found in waits.items():
        seconds = [wait.seconds for wait in found]
        cpu = statistics.median(wait.cpu_seconds for wait in found)
        median, longest = statistics.median(seconds), max(seconds)
        lines.append(
            f"| {name} | {len(seconds)} | {median:.2f} | {longest:.2f} | {BARS_SECONDS[name]:g} "
            f"| {cpu:.2f} |"
        )
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
        large = Workspace.create(Path(out) / "large")
        fill(large)
        run(given.demo, *training)
        waits: dict[str, list[Wait]] = {name: [] for name in commands}
        for _ in range(given.turns):
            for name, arguments in commands.items():
                waits[name].append(run(given.demo, *arguments))
            waits.setdefault(LARGE, []).append(run(large.root, "status"))
    text = table(given.demo, waits, load)
    given.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
