"""What a training clip costs to load, in CPU: beside torchcodec, decord2, PyAV and an older commit.

    .venv/bin/python -m benchmarks.loader [--against COMMIT] [--rounds N] [--out FILE]

Clips of 10 s, 340x256 pixels, are cut by `kbuild cut` under several settings out of a film of real
recordings of `../shared/data/videos`. Of each, 64 frames in a row from a moment drawn at random
become a random square of 224 pixels, as a network's training asks for it. All ways take turns,
round by round; a ratio is the median of the rounds' ratios. The squares are compared: a way that
gives others than ours is marked, and if most do, ours are taken to be wrong. torchcodec and
decord2 are installed into a folder of their own; torchcodec decodes by the FFmpeg that PyAV brings.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import av
import numpy as np

from benchmarks.catalogue import check_out
from benchmarks.cutting import RECORDINGS, VIDEOS
from benchmarks.report import machine, put_down
from kinetics_builder.config import CutConfig
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.cut import cut_clip
from kinetics_builder.video.ffmpeg import run_ffmpeg

ROOT = Path(__file__).parent.parent
STEPS = ROOT / "benchmarks" / "loader_steps.py"
PEERS = ("torchcodec==0.17.0", "decord2==3.4.0")
NAMES = {
    "kbuild": "kbuild",
    "before": "kbuild before",
    "torchcodec": "torchcodec, exact",
    "torchcodec-approximate": "torchcodec, approximate",
    "decord2": "decord2",
    "pyav": "PyAV, a loop",
}
SETTINGS = {
    "a key frame every 250": CutConfig(),
    "a key frame every 32": CutConfig(keyframe_interval=32),
    "a key frame every 16": CutConfig(keyframe_interval=16),
    "a key frame every 8": CutConfig(keyframe_interval=8),
}
COMPARED = ("a key frame every 250", "a key frame every 16")
"""As x264 does it, and as new workspaces say it: these the others load, too."""
WIDTH, HEIGHT, RATE, SECONDS = 340, 256, 25, 10
NUM_FRAMES, SIZE, SHORT_SIDES = 64, 224, (256, 320)
MOST_APART = 2.0
"""Grey levels, on average, that two ways may differ."""


@dataclass(frozen=True)
class Clips:
    """Clips of one setting."""

    name: str
    paths: Sequence[Path]
    cutting_seconds: float
    """Of CPU, a clip."""

    @property
    def num_bytes(self) -> int:
        """Return the mean size."""
        return sum(path.stat().st_size for path in self.paths) // len(self.paths)


@dataclass
class Way:
    """A loader, and where it lies."""

    name: str
    paths: Sequence[Path]
    libraries: Sequence[Path] = ()
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    """Of CPU a clip, round by round, by the clips' setting."""

    def run(self, plan: Mapping[str, object]) -> list[float]:
        """Return the seconds of each pass over a plan's samples."""
        told = {"PYTHONPATH": os.pathsep.join(map(str, self.paths))}
        if self.libraries:
            told["LD_LIBRARY_PATH"] = os.pathsep.join(map(str, self.libraries))
        which = "kbuild" if self.name == "before" else self.name
        done = subprocess.run(
            [sys.executable, "-P", str(STEPS), which],
            env=os.environ | told,
            input=json.dumps(plan),
            text=True,
            stdout=subprocess.PIPE,
            check=True,
        )
        found: list[float] = json.loads(done.stdout.splitlines()[-1])
        return found


def draw_film(path: Path) -> None:
    """Write the recordings one behind the other, as large as the clips and of good quality."""
    inputs, graph = [], []
    for number, (name, start, seconds) in enumerate(RECORDINGS):
        inputs += ["-ss", str(start), "-t", str(seconds), "-i", str(VIDEOS / name)]
        fit = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT}"
        graph.append(f"[{number}:v]{fit},setsar=1,fps={RATE}[v{number}];")
    joined = "".join(f"[v{number}]" for number in range(len(RECORDINGS)))
    graph.append(f"{joined}concat=n={len(RECORDINGS)}:v=1:a=0[v];[{len(RECORDINGS)}:a]anull[a]")
    sound = ["-stream_loop", "-1", "-i", str(VIDEOS / "odd/test.wav")]
    made = ["-map", "[v]", "-map", "[a]", "-t", "120", "-c:v", "libx264", "-crf", "12"]
    heard = ["-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "44100", "-ac", "2"]
    run_ffmpeg(
        [*inputs, *sound, "-filter_complex", "".join(graph), *made, *heard, "-y", str(path)],
        timeout_seconds=1800,
    )


def cut_all(film: Path, folder: Path, name: str, config: CutConfig, num_clips: int) -> Clips:
    """Cut the film's clips under one setting."""
    folder.mkdir()
    paths = [folder / f"{number}.mp4" for number in range(num_clips)]
    begun = os.times()
    for number, path in enumerate(paths):
        start = 1.0 + number * (118 - SECONDS) / num_clips
        cut_clip(film, path, Interval(start, start + SECONDS), settings=config)
    taken = os.times()
    cpu = taken.user + taken.system - begun.user - begun.system
    return Clips(name, paths, cpu / num_clips)


def samples(paths: Sequence[Path]) -> list[dict[str, object]]:
    """Return what is loaded: the same moments and squares, whichever the setting."""
    random, found = np.random.default_rng(0), []
    for path in paths:
        start = random.uniform(0, SECONDS - NUM_FRAMES / RATE)
        side = round(HEIGHT * SIZE / random.uniform(*SHORT_SIDES)) // 2 * 2
        top, left = (int(random.integers((end - side) // 2 + 1)) * 2 for end in (HEIGHT, WIDTH))
        found.append(
            {
                "file": str(path),
                "times": [start + number / RATE for number in range(NUM_FRAMES)],
                "short_side": HEIGHT,
                "square": {"top": top, "left": left, "side": side},
                "is_mirrored": bool(random.random() < 0.5),
            }
        )
    return found


def ways(root: Path, against: str | None) -> list[Way]:
    """Install the peers, and return all loaders; ours comes first."""
    peers, libraries = root / "peers", root / "libraries"
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(peers)]
    subprocess.run([*install, *PEERS], check=True)
    libraries.mkdir()
    brought = Path(av.__file__).parent.parent / "av.libs"
    for path in brought.glob("lib[as][vw]*-*.so.*"):
        stem, _, rest = path.name.partition("-")
        (libraries / f"{stem}.so.{rest.split('.')[2]}").symlink_to(path)
    found = [Way("kbuild", [ROOT])]
    if against:
        (root / "before").mkdir()
        found.append(Way("before", [check_out(against, root / "before")]))
    return [
        *found,
        Way("torchcodec", [peers], [libraries, brought]),
        Way("torchcodec-approximate", [peers], [libraries, brought]),
        Way("decord2", [peers]),
        Way("pyav", [peers]),
    ]


def measure(every: Sequence[Way], clips: Clips, root: Path, rounds: int) -> dict[str, float]:
    """Load all clips in all ways, which take turns; return how far each is from ours.

    In mean grey levels.
    """
    plan = {"samples": samples(clips.paths), "size": SIZE, "passes": 2}
    made = {}
    for number in range(rounds):
        for way in every[:: -1 if number % 2 else 1]:
            target = str(root / f"{way.name}.npy") if number == 0 else ""
            passes = way.run({**plan, "target": target})
            way.milliseconds.setdefault(clips.name, []).append(
                1000 * statistics.mean(passes) / len(clips.paths)
            )
            print(f"{clips.name}: {way.name}: {way.milliseconds[clips.name][-1]:.1f}", flush=True)
            if target:
                made[way.name] = np.load(target).astype(np.int16)
    apart = {
        name: float(np.abs(squares - made["kbuild"]).mean())
        for name, squares in made.items()
        if name != "kbuild"
    }
    print(clips.name, apart, flush=True)
    return apart


def row(way: Way, ours: Way, clips: Clips, apart: Mapping[str, float]) -> str:
    """Return a line of the table."""
    mine, our = way.milliseconds[clips.name], ours.milliseconds[clips.name]
    ratios = [a / b for a, b in zip(mine, our, strict=True)]
    shown = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    spent = statistics.median(mine)
    if way is ours:
        return f"| {clips.name} | {NAMES[way.name]} | {spent:.1f} | | |"
    grey = apart[way.name]
    told = f"{grey:.2f}" if grey <= MOST_APART else f"{grey:.2f}: other frames"
    return f"| {clips.name} | {NAMES[way.name]} | {spent:.1f} | {shown} | {told} |"


def main() -> None:
    """Cut, load, compare, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", help="a commit whose loader is measured too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clips", type=int, default=10)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "loader.md")
    told = parser.parse_args()
    if not (VIDEOS / RECORDINGS[0][0]).is_file():
        sys.exit(f"There are no recordings in {VIDEOS}: name their folder by KBUILD_SHARED.")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        every = ways(root, told.against)
        draw_film(root / "film.mp4")
        sets = [
            cut_all(root / "film.mp4", root / str(number), title, config, told.clips)
            for number, (title, config) in enumerate(SETTINGS.items())
        ]
        apart = [
            measure(every if clips.name in COMPARED else every[:1], clips, root, told.rounds)
            for clips in sets
        ]
        first = sets[0]
        lines = [
            "# Loading training clips",
            "",
            f"{machine('cpu')}, {os.cpu_count()} cores, load {load:.1f} at the start, Python "
            f"{platform.python_version()}, PyAV {version('av')}, {', '.join(PEERS)}. Written by "
            f"`python -m benchmarks.loader`, {told.rounds} rounds"
            + (f", before: {told.against}." if told.against else "."),
            "",
            f"{NUM_FRAMES} frames in a row of clips of {SECONDS} s, {WIDTH}x{HEIGHT} at {RATE} a "
            f"second, as a random square of {SIZE} pixels: milliseconds of CPU a clip, one thread. "
            f"Squares count as the same up to {MOST_APART:g} grey levels on average.",
            "",
            "| clips | loader | CPU a clip, ms | times kbuild's (lowest to highest) "
            "| grey levels apart |",
            "|---|---|---:|---|---|",
            *(
                row(way, every[0], clips, far)
                for clips, far in zip(sets, apart, strict=True)
                if clips.name in COMPARED
                for way in every
            ),
            "",
            "## What clips are cut with",
            "",
            "| clips | KiB a clip | CPU to cut one, s | CPU to load one, ms |",
            "|---|---:|---:|---:|",
            *(
                f"| {clips.name} | {clips.num_bytes / 1024:.0f} "
                f"(x {clips.num_bytes / first.num_bytes:.2f}) | {clips.cutting_seconds:.2f} "
                f"| {statistics.median(every[0].milliseconds[clips.name]):.1f} |"
                for clips in sets
            ),
            "",
        ]
    put_down(lines, told.out)
    for far in apart:
        if 2 * sum(grey > MOST_APART for grey in far.values()) > len(far):
            sys.exit("Most ways give other squares than ours.")


if __name__ == "__main__":
    main()
