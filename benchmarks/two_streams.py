"""What a network of pictures, one of flow, and the sum of both reach on people that the demo draws.

    .venv/bin/python -m benchmarks.two_streams [--folder DIR] [--out FILE]

Clips of the demo's classes are drawn as a release, `kbuild flow`'s own function computes
their flow, two small I3Ds learn and are tested, and `kbuild measure kinetics --sum`'s own function
adds what they say. With --folder, what is there is gone on from.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.report import machine, put_down
from kinetics_builder.metrics.shares import wilson
from pipelines.demo.drawn import actions, draw_release
from pipelines.demo.labels import NAMES
from pipelines.demo.workers import workers
from pipelines.flow.asking import Asked
from pipelines.flow.run import compute_flow
from pipelines.measuring.kinetics.measure import measure_kinetics
from pipelines.measuring.kinetics.summing import Other
from pipelines.measuring.result import Inputs
from pipelines.running.engines.pool import Outcome, Worked, worked
from pipelines.running.reports import SilentReporter

ROOT = Path(__file__).parent.parent
SEED = 11
RGB, FLOW = "i3d_tiny", "i3d_flow_tiny"
ASKED = Asked(frames_per_second=1 / 0.24, short_side=72)
"""As the small networks look: one picture every 0.24 s."""


class Processes:
    """A pool of processes that are not kept from anything: the clips were drawn here."""

    capacity = 16

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool, self.begun = pool, dict[Future[Worked], str]()

    def submit(self, key: str, work: Callable[[Any], Any], item: Any) -> None:
        """Begin one item."""
        self.begun[self.pool.submit(worked, work, item)] = key

    def finished(self) -> list[Outcome]:
        """Return what is ready."""
        ready, _ = wait(self.begun, return_when=FIRST_COMPLETED)
        return [Outcome(self.begun.pop(one), *one.result()) for one in ready]

    def num_open(self) -> int:
        """Return how many items are begun."""
        return len(self.begun)

    def stop(self) -> None:
        """Leave it to whoever made the processes."""


def learn(name: str, release: Path, out: Path, num_steps: int) -> Path:
    """Train and test one network; return the scores of its test."""
    from models.evaluation.evaluate import evaluate_checkpoint
    from models.recipes.registry import default_recipe
    from models.training.baseline import train_baseline

    recipe = replace(default_recipe(name), num_steps=num_steps)
    train_baseline(name, release, out, recipe, progress=lambda line: print(line, flush=True))
    found = out / "evaluation-test"
    if not (found / "scores.npz").is_file():
        evaluate_checkpoint(out, release, found)
    return found / "scores.npz"


def rows(release: Path, rgb: Path, flow: Path) -> Iterator[str]:
    """Yield the rows of the table."""
    sums: list[tuple[str, Path, Other | None]] = [
        (f"pictures (`{RGB}`)", rgb, None),
        (f"flow (`{FLOW}`)", flow, None),
        ("sum, 1 to 1", rgb, Other(flow)),
        ("sum, flow by 1.5", rgb, Other(flow, (1.0, 1.5))),
    ]
    for name, predictions, other in sums:
        inputs = Inputs(ground_truth=release / "clips.csv", predictions=predictions)
        found = measure_kinetics(inputs, split="test", other=other)
        top1, num = found.values["Hit@1"], found.counts["clips"]
        low, high = wilson(round(top1 * num), num)
        yield f"| {name} | {top1:.3f} | {low:.3f} to {high:.3f} | {found.values['Hit@5']:.3f} |"


def run(folder: Path, told: argparse.Namespace) -> list[str]:
    """Return the rows of the table."""
    names, counts = NAMES[: told.classes], {"train": told.train, "test": told.test}
    release = draw_release(folder / "release", names, actions(names, counts, SEED))
    with workers(told.workers) as pool:
        report = compute_flow(release, ASKED, SilentReporter(), Processes(pool))
        assert not report.failures, report.failures
    with workers(2) as pool:
        scores = [
            pool.submit(learn, name, release, folder / name, told.steps) for name in (RGB, FLOW)
        ]
        rgb, flow = (one.result() for one in scores)
    return list(rows(release, rgb, flow))


def main() -> int:
    """Write and print the table; 1 unless the plain sum reaches as much as either stream."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--classes", type=int, default=len(NAMES))
    parser.add_argument("--train", type=int, default=6, help="Clips a class.")
    parser.add_argument("--test", type=int, default=4, help="Clips a class.")
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--workers", type=int, default=0, help="Of flow; 0: one a core.")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/two_streams.md")
    told = parser.parse_args()
    load = os.getloadavg()[0]
    if told.folder:
        found = run(told.folder, told)
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = run(Path(folder), told)
    lines = [
        "# Two streams",
        "",
        f"{machine('cpu')}, load {load:.1f} at the start. `python -m benchmarks.two_streams "
        f"--classes {told.classes} --train {told.train} --test {told.test} --steps {told.steps}`. "
        f"{told.train} training and {told.test} test clips of each of {told.classes} "
        f"of the demo's classes, drawn from its people; {told.steps} steps of each network's "
        "recipe, seed 0. TV-L1 flow as the networks look: a picture every 0.24 s, 72 pixels. "
        "Intervals are Wilson's, 95 % over clips.",
        "",
        "| what | top-1 | 95 % | top-5 |",
        "|---|---:|---|---:|",
        *found,
        "",
    ]
    put_down(lines, told.out)
    rgb, flow, both, _ = (float(row.split("|")[2]) for row in found)
    return int(both < max(rgb, flow))


if __name__ == "__main__":
    sys.exit(main())
