"""How fast a film's key frames are taken, beside ffmpeg called once for each.

    python benchmarks/ava.py [--minutes 15] [--contexts-every 10]

Draws a film and takes its key frames as `kbuild ava keyframes` does: stills, and loops of the 3 s
around them, from decoding it once, with the shots found on the way, and the files on the disk.
The peer is one `ffmpeg -ss` a key frame, for the still alone, and for the still with the 3 s
around it as a clip. Writes results/ava.md.
"""

import argparse
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from kinetics_builder.ava.key_frames import key_frame_times
from kinetics_builder.ava.settings import KeyFramesConfig
from kinetics_builder.files import FileMark
from kinetics_builder.intervals import Interval
from kinetics_builder.storage.settings import StorageConfig
from kinetics_builder.storage.storage import Storage
from kinetics_builder.video.ffmpeg import find_ffmpeg
from pipelines.ava.annotated import AnnotatedFilm
from pipelines.ava.keyframes import keyframes

RESULTS = Path(__file__).parent / "results" / "ava.md"
SIZE = "640x360"
CONTEXT_SECONDS = 3.0


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg without a word."""
    command = [find_ffmpeg(), "-nostdin", "-loglevel", "error", "-y", *arguments]
    subprocess.run(command, check=True)


def draw(path: Path, minutes: float) -> None:
    """Write a film that moves everywhere, with a cut every 8 s and a key frame every 10 s."""
    source = f"testsrc2=size={SIZE}:rate=25:duration={minutes * 60}"
    turning = "hue=h='90*floor(t/8)',noise=alls=6:allf=t"
    ffmpeg(
        *("-f", "lavfi", "-i", f"{source},{turning}", "-c:v", "libx264", "-preset", "veryfast"),
        *("-crf", "23", "-g", "250", "-pix_fmt", "yuv420p", str(path)),
    )


class Spent(NamedTuple):
    """What a way took."""

    seconds: float
    """By the clock on the wall."""
    cpu_seconds: float
    """Of this process and of those it waited for."""

    def times(self, factor: float) -> "Spent":
        """Return so many times as much."""
        return Spent(self.seconds * factor, self.cpu_seconds * factor)


def timed(work: Callable[[], object]) -> Spent:
    """Return what a call takes."""
    wall, cpu = time.perf_counter(), _cpu_seconds()
    work()
    return Spent(time.perf_counter() - wall, _cpu_seconds() - cpu)


def _cpu_seconds() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def take_stills(film: Path, folder: Path, minutes: float) -> int:
    """Take the stills as the stage does; return how many shots were found."""
    stretch = Interval(0.0, minutes * 60)
    item = AnnotatedFilm(1, "film", film.name, FileMark.of(film), stretch, stretch.length)
    made = keyframes(
        item,
        storage=Storage(folder, StorageConfig()),
        folder=folder / "stills",
        config=KeyFramesConfig(),
    )
    return len(made.shots)


def call_for_each(film: Path, folder: Path, times: Sequence[float], *, contexts: bool) -> None:
    """Call ffmpeg once a key frame."""
    for moment in times:
        start = max(0.0, moment - CONTEXT_SECONDS / 2)
        name = folder / f"{moment:04.0f}"
        if contexts:
            ffmpeg(
                *("-ss", f"{start}", "-i", str(film), "-t", f"{CONTEXT_SECONDS}"),
                *("-c:v", "libx264", "-preset", "veryfast", f"{name}.mp4"),
                *("-ss", f"{moment - start}", "-frames:v", "1", "-q:v", "2", f"{name}.jpg"),
            )
        else:
            ffmpeg(
                "-ss", f"{moment}", "-i", str(film), "-frames:v", "1", "-q:v", "2", f"{name}.jpg"
            )


def rows(minutes: float, every: int) -> tuple[int, int, list[tuple[str, Spent]]]:
    """Return how many key frames and shots there are, and the seconds of each way."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film = folder / "film.mp4"
        draw(film, minutes)
        times = key_frame_times(Interval(0.0, minutes * 60))
        shots: list[int] = []
        (folder / "stills").mkdir()
        ours = timed(lambda: shots.append(take_stills(film, folder, minutes)))
        stills = timed(lambda: call_for_each(film, folder, times, contexts=False))
        some = times[::every]
        contexts = timed(lambda: call_for_each(film, folder, some, contexts=True))
    return (
        len(times),
        shots[0],
        [
            ("`kbuild ava keyframes`: stills, loops and shots", ours),
            ("one `ffmpeg -ss` a key frame: stills", stills),
            (
                f"one `ffmpeg -ss` a key frame: stills and contexts (measured on {len(some)})",
                contexts.times(len(times) / len(some)),
            ),
        ],
    )


def main() -> None:
    """Measure, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--contexts-every", type=int, default=10)
    told = parser.parse_args()
    num_frames, num_shots, found = rows(told.minutes, told.contexts_every)
    ours = found[0][1]
    load = os.getloadavg()[0]
    lines = [
        "# Stills at the key frames of a film",
        "",
        f"`python benchmarks/ava.py --minutes {told.minutes:g}`: a drawn film of {SIZE} at 25",
        f"pictures a second, {num_frames} key frames, {num_shots} shots found. All in one run,",
        f"one after another, on {platform.machine()} with {os.cpu_count()} cores, Python",
        f"{platform.python_version()}, load {load:.1f} at the end: other work slows",
        "all ways down, and the ratio is what counts.",
        "",
        "| way | seconds | of CPU | times as long | times the CPU |",
        "|---|---|---|---|---|",
        *(
            f"| {way} | {spent.seconds:.0f} | {spent.cpu_seconds:.0f} "
            f"| {spent.seconds / ours.seconds:.1f} | {spent.cpu_seconds / ours.cpu_seconds:.1f} |"
            for way, spent in found
        ),
    ]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
