"""What cutting costs, in seconds of CPU: beside ffmpeg, and beside an older commit.

    .venv/bin/python -m benchmarks.cutting [--against COMMIT] [--rounds N] [--out FILE]

The film lasts two minutes, 640 x 360 at 25 frames a second: real recordings of
`../shared/data/videos` one behind the other, with sound. The small videos are those that the demo
draws. All sides take turns, round by round; a ratio is the median of the rounds' ratios. Times of
children are counted however they end: they are left to this process, which waits for them.
"""

import argparse
import ctypes
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.catalogue import check_out
from benchmarks.report import machine
from kinetics_builder.video.ffmpeg import find_ffmpeg, run_ffmpeg
from pipelines.demo.publish import file_of, make_file
from pipelines.demo.uploads import Kind
from pipelines.demo.world import build_world

ROOT = Path(__file__).parent.parent
STEPS = ROOT / "benchmarks" / "cutting_steps.py"
VIDEOS = Path(os.environ.get("KBUILD_SHARED", ROOT.parent / "shared" / "data")) / "videos"
RECORDINGS = (
    ("duplicates/test_video_30s.mp4", 0, 30),
    ("actions/people_walking_by.mp4", 20, 40),
    ("actions/video4.mp4", 0, 22),
    ("actions/video5.mp4", 0, 18),
    ("actions/basketball.mp4", 0, 10),
)
SOUND = "odd/test.wav"
FILM_SETTINGS = "[cut]\n[run]\nworkers = 1\n"
SMALL_SETTINGS = '[cut]\npreset = "ultrafast"\n[run]\nworkers = 2\n'
CLIPS = [(12.0 * number, 12.0 * number + 10.0) for number in range(10)]
ALONE = [(50.0, 60.0)]
PR_SET_CHILD_SUBREAPER = 36
Windows = Mapping[Path, Sequence[tuple[float, float]]]


@dataclass(frozen=True)
class Task:
    """What is cut, and what it is called."""

    name: str
    windows: Windows
    settings: str

    @property
    def num_clips(self) -> int:
        """Return how many clips there are."""
        return sum(map(len, self.windows.values()))


@dataclass(frozen=True)
class Measured:
    """What one way of cutting cost, round by round."""

    task: Task
    how: str
    cpu_seconds: Sequence[float]

    def line(self, ours: "Measured") -> str:
        """Return the row of the table."""
        mine = statistics.median(self.cpu_seconds)
        ratios = [a / b for a, b in zip(self.cpu_seconds, ours.cpu_seconds, strict=True)]
        shown = "" if self is ours else _range(ratios)
        return (
            f"| {self.task.name} | {self.how} | {mine:.2f} "
            f"| {1000 * mine / self.task.num_clips:.0f} | {shown} |"
        )


def _range(ratios: Sequence[float]) -> str:
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def draw_film(path: Path) -> Path:
    """Write the film of two minutes."""
    inputs, graph = [], []
    for number, (name, start, seconds) in enumerate(RECORDINGS):
        inputs += ["-ss", str(start), "-t", str(seconds), "-i", str(VIDEOS / name)]
        fit = "scale=640:360:force_original_aspect_ratio=decrease,pad=640:360:-1:-1,setsar=1"
        graph.append(f"[{number}:v]{fit},fps=25[v{number}];")
    joined = "".join(f"[v{number}]" for number in range(len(RECORDINGS)))
    graph.append(f"{joined}concat=n={len(RECORDINGS)}:v=1:a=0[v]")
    inputs += ["-stream_loop", "-1", "-i", str(VIDEOS / SOUND)]
    made = ["-map", "[v]", "-map", f"{len(RECORDINGS)}:a", "-t", "120", "-c:v", "libx264"]
    sound = ["-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "44100", "-ac", "2"]
    run_ffmpeg(
        [*inputs, "-filter_complex", "".join(graph), *made, *sound, "-y", str(path)],
        timeout_seconds=1800,
    )
    return path


def draw_small(folder: Path, count: int) -> list[Path]:
    """Draw the demo world's first honest videos."""
    honest = [one for one in build_world().uploads if one.kind == Kind.HONEST][:count]
    for upload in honest:
        make_file(folder, upload)
    return [file_of(folder, upload) for upload in honest]


def cpu_of(action: Callable[[], object]) -> float:
    """Return the CPU of all processes that an action starts, and that those start."""
    before = _children()
    action()
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def step(name: str, folder: Path, build: Path, told: str = "") -> dict[str, Any]:
    """Run a step with the packages of `build`, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-P", str(STEPS), name, str(folder)],
        env=os.environ | {"PYTHONPATH": str(build)},
        input=told,
        text=True,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def made(task: Task, folder: Path, build: Path) -> Path:
    """Return a fresh workspace with a task's clips to cut."""
    windows = {str(path): list(stretches) for path, stretches in task.windows.items()}
    step("make", folder, build, json.dumps({"settings": task.settings, "windows": windows}))
    return folder


def ffmpeg_clip_by_clip(task: Task, folder: Path, options: Sequence[str]) -> float:
    """Return the CPU of `ffmpeg -ss -t` a clip."""

    def cut() -> None:
        for path, stretches in task.windows.items():
            for start, end in stretches:
                seek = ["-ss", str(start), "-i", str(path), "-t", str(end - start)]
                target = folder / f"{path.stem}-{start}.mp4"
                subprocess.run([*_ffmpeg(), *seek, *options, "-y", str(target)], check=True)

    return cpu_of(cut)


def ffmpeg_in_one_pass(task: Task, folder: Path, options: Sequence[str]) -> float:
    """Return the CPU of one ffmpeg a video, which decodes it once for all its clips."""

    def cut() -> None:
        for path, stretches in task.windows.items():
            outputs: list[str] = []
            for start, end in stretches:
                window = ["-ss", str(start), "-t", str(end - start), *options]
                outputs += [*window, "-y", str(folder / f"{path.stem}-{start}.mp4")]
            subprocess.run([*_ffmpeg(), "-i", str(path), *outputs], check=True)

    return cpu_of(cut)


def _ffmpeg() -> list[str]:
    return [find_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error"]


PLAIN = ("-c:v", "libx264", "-crf", "20", "-preset", "veryfast", "-c:a", "aac")
AS_OURS = (*PLAIN, "-bf", "0", "-threads", "1", "-x264-params", "cpu-independent=1")


def measure(task: Task, rounds: int, before: Path | None, *, peers: bool) -> list[Measured]:
    """Cut a task in every way, the ways taking turns; ours comes first."""
    ways: dict[str, Callable[[Path], float]] = {
        "kbuild": lambda f: step("work", made(task, f, ROOT), ROOT)["cpu_seconds"],
    }
    if before is not None:
        ways["kbuild before"] = lambda f: step("work", made(task, f, before), before)["cpu_seconds"]
    if peers:
        ways["`ffmpeg -ss -t` a clip"] = lambda f: ffmpeg_clip_by_clip(task, f, PLAIN)
        ways["the same, with kbuild's encoder options"] = lambda f: ffmpeg_clip_by_clip(
            task, f, AS_OURS
        )
        ways["one ffmpeg for the video, ten outputs"] = lambda f: ffmpeg_in_one_pass(task, f, PLAIN)
    else:
        ways["whole stage"] = lambda f: _whole(task, f, ROOT)
        if before is not None:
            ways["whole stage before"] = lambda f: _whole(task, f, before)
    return _in_turns(task, ways, rounds)


def _whole(task: Task, folder: Path, build: Path) -> float:
    made(task, folder, build)
    return cpu_of(lambda: step("stage", folder, build))


def _in_turns(
    task: Task, ways: Mapping[str, Callable[[Path], float]], rounds: int
) -> list[Measured]:
    found: dict[str, list[float]] = {how: [] for how in ways}
    for number in range(rounds):
        for how in list(ways)[:: 1 if number % 2 else -1]:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name) / "made"
                if "ffmpeg" in how or "encoder" in how:
                    folder.mkdir()
                found[how].append(ways[how](folder))
            print(f"{task.name}: {how}: {found[how][-1]:.2f} s", flush=True)
    return [Measured(task, how, seconds) for how, seconds in found.items()]


def same_frames(tasks: Sequence[Task], before: Path) -> list[str]:
    """Return how many files are the same as the older commit's, and how many pictures are."""
    lines = []
    for task in tasks:
        with tempfile.TemporaryDirectory() as name:
            files = []
            for build, folder in ((ROOT, Path(name) / "now"), (before, Path(name) / "before")):
                made(task, folder, build)
                step("work", folder, build)
                files.append(step("files", folder, ROOT))
        now, then = files
        num_bytes = sum(now[file][0] == then.get(file, [""])[0] for file in now)
        num_pictures = sum(now[file][1] == then.get(file, ["", ""])[1] for file in now)
        lines.append(
            f"{task.name}: of {len(then)} files {num_pictures} hold the same pictures at the same "
            f"times, decoded and compared, and {num_bytes} the same bytes."
        )
    return lines


def tables(found: Sequence[Sequence[Measured]]) -> list[str]:
    """Return the table of all tasks; each way is divided by ours of the same kind."""
    lines = [
        "| what | how | CPU, s | CPU a clip, ms | times kbuild's CPU (lowest to highest) |",
        "|---|---|---:|---:|---|",
    ]
    for of_task in found:
        whole = next((one for one in of_task if one.how == "whole stage"), of_task[0])
        lines += [one.line(whole if one.how.startswith("whole") else of_task[0]) for one in of_task]
    return lines


def main() -> None:
    """Cut, compare, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", help="a commit whose rate is measured too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--videos", type=int, default=60, help="small videos")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "cutting.md")
    options = parser.parse_args()
    if not (VIDEOS / RECORDINGS[0][0]).is_file():
        sys.exit(f"There are no recordings in {VIDEOS}: name their folder by KBUILD_SHARED.")
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "before").mkdir()
        before = check_out(options.against, root / "before") if options.against else None
        film = draw_film(root / "film.mp4")
        small = draw_small(root, options.videos)
        tasks = [
            Task("ten clips of 10 s of a film", {film: CLIPS}, FILM_SETTINGS),
            Task("one clip of 10 s of it", {film: ALONE}, FILM_SETTINGS),
            Task(
                f"two clips of 4 s each of {options.videos} small videos",
                {path: [(2.0, 6.0), (10.0, 14.0)] for path in small},
                SMALL_SETTINGS,
            ),
        ]
        found = [
            measure(task, options.rounds, before, peers=task.windows != tasks[2].windows)
            for task in tasks
        ]
        same = same_frames(tasks, before) if before else []
    lines = [
        "# Cutting clips",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores, Python {platform.python_version()}. Written by",
        f"`python -m benchmarks.cutting`, {options.rounds} rounds"
        + (f", before: {options.against}." if options.against else "."),
        "",
        "kbuild's rows are what its children do for each clip: reading the video, decoding,",
        "encoding, reading back, hashing and taking the fingerprint; not the start of the process,",
        "which the whole stage has, with its database. ffmpeg's rows are whole processes, of the",
        "same quality",
        f"(`{' '.join(PLAIN)}`), without hash and fingerprint.",
        "",
        *tables(found),
        *(["", *(f"{line}  " for line in same)] if same else []),
        "",
    ]
    options.out.write_text("\n".join(lines))
    print(options.out.read_text())


if __name__ == "__main__":
    main()
