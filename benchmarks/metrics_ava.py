"""How fast AVA's frame-mAP is: eight real videos, and sets as large as AVA's, made here.

    .venv/bin/python benchmarks/metrics_ava.py [--data DIR]

Each measurement runs in a process of its own, which says how much memory it held at most. The
seconds are those of `pipelines.measuring.ava.measure.measure_frames`: from files to the value.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"
LABEL_MAP = Path("ava/ava_action_list_v2.1_for_activitynet_2018.pbtxt")
FRAMES = range(902, 1799)


@dataclass(frozen=True)
class Size:
    """How large a made set is."""

    name: str
    num_videos: int
    num_boxes: int
    """Rows of the ground truth."""
    num_detections: int


VALIDATION = Size("whole validation (made)", 64, 5 * 64 * len(FRAMES), 2_500_000)
ALL = Size("all of AVA (made)", 299, 1_600_000, 5_000_000)


def measure(data: Path = DATA) -> list[dict[str, Any]]:
    """Return a row for each measurement: name, seconds, peak_mib, note."""
    eight = (
        data / "ava" / "ava_val_v2.1_head27163.csv.gz",
        data / "evaluation" / "ava_eight_videos" / "detections.csv.gz",
    )
    rows = [_row("AVA frame-mAP, eight videos", eight, data, num_runs=5)]
    for size in (VALIDATION, ALL):
        with tempfile.TemporaryDirectory() as folder:
            made = make_set(Path(folder), data / LABEL_MAP, size)
            rows.append(_row(f"AVA frame-mAP, {size.name}", made, data, num_runs=1))
    return rows


def make_set(folder: Path, label_map: Path, size: Size, seed: int = 0) -> tuple[Path, Path]:
    """Write a ground truth and detections of 60 classes.

    Detections are true boxes with corners moved, two of five with another class; scores have
    three decimals, so that many are equal, and some key frames have more than 50.
    """
    random = np.random.default_rng(seed)
    classes = np.array([int(line.split()[1]) for line in label_map.open() if " id: " in line])
    num_frames = size.num_videos * len(FRAMES)
    frames = np.sort(random.integers(0, num_frames, size.num_boxes))
    boxes = np.sort(random.random((len(frames), 2, 2)), axis=1).reshape(-1, 4)
    truth, detections = folder / "truth.csv", folder / "detections.csv"
    actions = random.choice(classes, len(frames))
    _write(truth, frames, boxes, actions, None)
    picked = np.sort(random.integers(0, len(frames), size.num_detections))
    moved = (boxes[picked] + random.normal(0, 0.03, (len(picked), 4))).clip(0, 1)
    moved = np.sort(moved.reshape(-1, 2, 2), axis=1).reshape(-1, 4)
    is_other = random.random(len(picked)) < 0.4
    found = np.where(is_other, random.choice(classes, len(picked)), actions[picked])
    scores = random.beta(0.5, 3, len(picked)) * np.where(is_other, 0.6, 1)
    _write(detections, frames[picked], moved, found, scores)
    return truth, detections


def _write(
    path: Path,
    frames: "np.ndarray[Any, Any]",
    boxes: "np.ndarray[Any, Any]",
    classes: "np.ndarray[Any, Any]",
    scores: "np.ndarray[Any, Any] | None",
) -> None:
    videos, steps = np.divmod(frames, len(FRAMES))
    last = np.arange(len(frames)) % 90 if scores is None else scores
    form = "video{:06d},{:04d},{:.3f},{:.3f},{:.3f},{:.3f},{:d},"
    form += "{:d}\n" if scores is None else "{:.3f}\n"
    columns = [videos, steps + FRAMES.start, *boxes.T, classes, last]
    with path.open("w") as file:
        for start in range(0, len(frames), 100_000):
            part = [column[start : start + 100_000].tolist() for column in columns]
            file.writelines(map(form.format, *part))


def _row(name: str, files: tuple[Path, Path], data: Path, *, num_runs: int) -> dict[str, Any]:
    """Run a measurement in a child."""
    command = [sys.executable, __file__, "--child", str(num_runs), *map(str, files)]
    done = subprocess.run(
        [*command, str(data / LABEL_MAP)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {"name": name, **json.loads(done.stdout)}


def _child(num_runs: int, truth: Path, predictions: Path, label_map: Path) -> None:
    """Measure, and print the row without its name."""
    from pipelines.measuring.ava.measure import Rules, measure_frames
    from pipelines.measuring.result import Inputs

    inputs = Inputs(ground_truth=truth, predictions=predictions, label_map=label_map)
    seconds = []
    for _ in range(num_runs):
        begun = time.perf_counter()
        measured = measure_frames(inputs, Rules())
        seconds.append(time.perf_counter() - begun)
    counts = measured.counts
    note = (
        f"{counts['boxes']:,} boxes, {counts['detections']:,} detections on "
        f"{counts['key frames']:,} key frames; mAP {measured.values['mAP@0.5IOU']:.7f}; "
        f"first of {num_runs}: {seconds[0]:.2f} s"
    )
    row = {"seconds": statistics.median(seconds), "peak_mib": _peak_mib(), "note": note}
    sys.stdout.write(json.dumps(row))


def _peak_mib() -> float:
    """Return the most memory this process held; the parent's before it does not count."""
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Print the rows, or be the child that measures one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        num_runs, *files = options.child
        _child(int(num_runs), *map(Path, files))
        return
    for row in measure(options.data):
        print(json.dumps(row))


if __name__ == "__main__":
    main()
