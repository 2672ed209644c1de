"""Whether trainings, killed again and again, end in the weights of an undisturbed run.

    .venv/bin/python -m benchmarks.killed_trainings [--kills 10] [--folder DIR] [NAME ...]

Each kind of training learns for some steps from drawn data, and puts its state down every fifth
step. After a time that is drawn anew, up to what an undisturbed run takes, it is killed by SIGKILL
(of two processes that torchrun has started, one), and begun again by the same command; where it
comes to its end, its weights are compared byte for byte, and the next one begins. With NAMEs, the
lines of the others stay in FILE as they are; what is drawn in DIR is not drawn again.
"""

import argparse
import hashlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# The file beside this one would else hide the package `models`.
sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import psutil
from PIL import Image

from benchmarks.detectors import write_folder
from benchmarks.report import machine, put_down
from kinetics_builder.formats.training.omnisource.items import WebRow, write_items
from models.clips.decode import decode_at
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawn import FRAMES, Drawn, actions, draw_release
from pipelines.demo.film import Segment

RESULTS = Path(__file__).parent / "results" / "killed_trainings.md"
KBUILD = [sys.executable, "-m", "pipelines.cli"]
LABELS = ("closing a door", "juggling balls", "opening a door")
_COUNTS = {"train": 6, "validate": 1, "test": 2}
_OFTEN = ["--checkpoint-every", "5"]
_LEAST_SECONDS = 1.0
_HEAD = "| training | undisturbed, s | kills | runs | equal |"

Words = Callable[[Path, Path], list[str]]
"""From the folder of the data and that of a run to a command line behind `kbuild`."""


@dataclass(frozen=True)
class Training:
    """One kind of training."""

    words: Words
    weights: str = "**/model.safetensors"
    """Below the folder of a run, what must be equal."""
    num_ranks: int = 1

    def command(self, data: Path, run: Path) -> list[str]:
        """Return the command line."""
        words = self.words(data, run)
        if self.num_ranks == 1:
            return [*KBUILD, *words]
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        torchrun = ["-m", "torch.distributed.run", "--nproc-per-node", str(self.num_ranks)]
        return [sys.executable, *torchrun, "--master-port", port, *KBUILD[1:], *words]


def baseline(model: str, release: str, *more: str, steps: int = 60) -> Words:
    """Return how `kbuild train-baseline` is asked."""

    def words(data: Path, run: Path) -> list[str]:
        asked = ["train-baseline", "--model", model, "--release", str(data / release)]
        asked += ["--out", str(run / "it"), "--cache", str(data / "frames"), "--device", "cpu"]
        asked += ["--steps", str(steps), "--batch-size", "4", *_OFTEN]
        return asked + [one.format(data=data) for one in more]

    return words


def _scorer(data: Path, run: Path) -> list[str]:
    asked = ["train-scorer", "--images", str(data / "pictures"), "--out", str(run / "it")]
    return [*asked, "--steps", "200", *_OFTEN]


def _localiser(data: Path, run: Path) -> list[str]:
    asked = ["train-localiser", str(data / "long.json"), "--videos", str(data / "long" / "clips")]
    asked += ["--model", str(data / "clips-run" / "it"), "--out", str(run / "it")]
    return [*asked, "--split", "train", "--steps", "200", "--device", "cpu", *_OFTEN]


def _people(data: Path, run: Path) -> list[str]:
    asked = ["train-detector", "--boxes", str(data / "ava" / "ava_train_v2.2.csv")]
    asked += ["--format", "ava", "--media", str(data / "ava" / "videos")]
    return [*asked, "--out", str(run / "it.pt"), "--steps", "60", "--long-side", "128", *_OFTEN]


def _joint(data: Path, run: Path) -> list[str]:
    asked = ["experiment", "omnisource", "--release", str(data / "release"), "--workers", "1"]
    asked += ["--web", str(data / "items.csv"), "--media", str(data / "release")]
    return [*asked, "--epochs", "10", "--device", "cpu", "--out", str(run)]


_AVERAGED = "--set", "average_decay=0.9", "--set", "precise_norm_clips=8"
TRAININGS = {
    "clips": Training(baseline("slowfast_tiny", "release", *_AVERAGED)),
    "clips, two processes": Training(baseline("slowfast_tiny", "release"), num_ranks=2),
    "several labels": Training(baseline("i3d_tiny", "charades")),
    "boxes": Training(baseline("slowfast_tiny_det", "ava", steps=30)),
    "boxes, finding people": Training(baseline("action_transformer_tiny_det", "ava", steps=20)),
    "boxes, remembering": Training(
        baseline("slowfast_tiny_lfb_det", "ava", "--bank", "{data}/boxes-run/it", steps=30)
    ),
    "long videos": Training(_localiser, "it/*.safetensors"),
    "pictures": Training(_scorer, "it/*.safetensors"),
    "people on stills": Training(_people, "it.pt"),
    "joint (OmniSource)": Training(_joint, "runs/*/model.safetensors"),
}
_BEFORE = {"long videos": "clips", "boxes, remembering": "boxes"}
"""Trainings whose undisturbed run is learnt from."""


@dataclass
class Tally:
    """What was killed, and how it ended."""

    seconds: float = 0.0
    """Of the undisturbed run."""
    num_kills: int = 0
    num_runs: int = 0
    num_equal: int = 0
    unlike: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Return the line of the table."""
        return (
            f"| {name} | {self.seconds:.0f} | {self.num_kills} | {self.num_runs} "
            f"| {self.num_equal} |"
        )


def draw(data: Path) -> None:
    """Draw all that is learnt from."""
    release = draw_release(data / "release", LABELS, actions(LABELS, _COUNTS, 901))
    clips = sorted((release / "clips").iterdir())
    (data / "charades" / "videos").mkdir(parents=True)
    rows = []
    for number, clip in enumerate(clips):
        name, label = f"V{number}", LABELS.index(clip.stem.rpartition("_")[0].replace("_", " "))
        (data / "charades" / "videos" / f"{name}.mp4").symlink_to(clip.resolve())
        rows.append(f"{name},S,c{label:03d} 0.00 3.00;c010 2.00 4.00,4.00\n")
        picture = data / "pictures" / LABELS[label] / f"{number}.jpg"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(decode_at(clip, np.array([2.0]), 72)[0]).save(picture)
    for split, some in (("train", rows[::2]), ("test", rows[1::2])):
        text = "".join(["id,subject,actions,length\n", *some])
        (data / "charades" / f"Charades_v1_{split}.csv").write_text(text)
    write_items(
        data / "items.csv",
        [
            WebRow("clips", f"clips/{clip.name}", LABELS[number % 3], None, None, "", 0.9, "")
            for number, clip in enumerate(clips)
        ],
    )
    draw_long(data)
    write_folder(data / "ava", 4, 5)


def draw_long(data: Path) -> None:
    """Draw videos in which somebody stands, acts, and stands again."""
    part, database, videos = FRAMES / FRAMES_PER_SECOND, {}, []
    for number in range(6):
        label = LABELS[number % len(LABELS)]
        script = tuple(Segment(what, FRAMES) for what in ("stand", label, "stand"))
        name, stretches = f"long{number}", ((0, 3 * FRAMES),)
        videos.append(Drawn(name, label, "train", (902, number), script, stretches=stretches))
        database[name] = {
            "subset": "training",
            "duration": 3 * part,
            "annotations": [{"label": label, "segment": [part, 2 * part]}],
        }
    draw_release(data / "long", LABELS, videos)
    (data / "long.json").write_text(json.dumps({"database": database}), "utf-8")


def weights_of(training: Training, run: Path) -> dict[str, str]:
    """Return the hashes of what a run has learnt."""
    files = sorted(run.glob(training.weights))
    assert files, f"{run} holds no {training.weights}"
    return {
        str(one.relative_to(run)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files
    }


def started(training: Training, data: Path, run: Path) -> "subprocess.Popen[bytes]":
    """Begin a training, or go on with it; what it says goes to a file beside its folder."""
    run.mkdir(parents=True, exist_ok=True)
    with run.with_suffix(".log").open("ab") as log:
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        command = training.command(data, run)
        return subprocess.Popen(command, stdout=log, stderr=log, env=environment)


def is_finished(process: "subprocess.Popen[bytes]", run: Path, seconds: float) -> bool:
    """Wait so long, and return whether the training came to its end."""
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    if code:
        said = run.with_suffix(".log").read_text("utf-8").splitlines()[-12:]
        sys.exit("\n".join([f"{run} ended with {code}:", *said]))
    return True


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a training, or one of the processes that torchrun has started, and wait for the end."""
    ranks = psutil.Process(process.pid).children()
    ranks = [one for one in ranks if "torch.distributed.run" not in one.cmdline()]
    is_together = "torch.distributed.run" in process.args  # type: ignore[operator]
    (random.choice(ranks) if is_together and ranks else process).kill()
    process.wait()


def disturb(name: str, data: Path, num_kills: int) -> Tally:
    """Kill a training so many times, and compare every one that came to its end meanwhile."""
    training, tally = TRAININGS[name], Tally()
    word = name.replace(", ", "-").replace(" ", "-")
    whole, begun = data / f"{word}-run", time.monotonic()
    assert is_finished(started(training, data, whole), whole, 1800.0)
    tally.seconds, expected = time.monotonic() - begun, weights_of(training, whole)
    while tally.num_kills < num_kills:
        run = data / f"{word}-{tally.num_runs}"
        process = started(training, data, run)
        while not is_finished(process, run, random.uniform(_LEAST_SECONDS, tally.seconds)):
            if tally.num_kills < num_kills:
                kill(process)
                tally.num_kills += 1
                process = started(training, data, run)
        tally.num_runs += 1
        tally.num_equal += weights_of(training, run) == expected
    return tally


def report(lines: dict[str, str], load: float) -> list[str]:
    """Return the page of results."""
    return [
        "# Trainings, killed at random moments",
        "",
        f"{machine('cpu')}, {os.cpu_count()} cores, load {load:.1f} at the start. "
        "`python -m benchmarks.killed_trainings`: drawn data, a state on the disk every fifth "
        "step, SIGKILL. Equal are runs whose weights are the undisturbed one's, byte for byte.",
        "",
        _HEAD,
        "|---|---:|---:|---:|---:|",
        *(lines[name] for name in TRAININGS if name in lines),
        "",
    ]


def kept_lines(file: Path) -> dict[str, str]:
    """Return the lines of results that were written before."""
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return {name: line for line in lines for name in TRAININGS if line.startswith(f"| {name} |")}


def measure(names: Sequence[str], data: Path, num_kills: int, out: Path) -> None:
    """Kill trainings, and write the results after each of them."""
    lines, load = kept_lines(out), os.getloadavg()[0]
    if not (data / "ava" / "ava_action_list_v2.2.pbtxt").exists():
        draw(data)
    for name in names:
        before = _BEFORE.get(name)
        if before and not (data / f"{before}-run").exists():
            disturb(before, data, 0)
        lines[name] = disturb(name, data, num_kills).line(name)
        put_down(report(lines, load), out)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TRAININGS)}")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    random.seed(0)
    with tempfile.TemporaryDirectory(prefix="kbuild-kills-") as temporary:
        data = options.folder or Path(temporary)
        data.mkdir(parents=True, exist_ok=True)
        measure(options.names or list(TRAININGS), data, options.kills, options.out)


if __name__ == "__main__":
    main()
