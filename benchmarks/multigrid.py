"""What multigrid costs and reaches beside the same recipe without it, on drawn people.

    .venv/bin/python benchmarks/multigrid.py [--steps 300] [--rate 0.02] [--seeds N] [--out FILE]

Draws a release of all of the demo's classes, and lets `i3d_tiny` learn from it by one stepped
recipe: plainly, with the short cycle, the long one, and both. All see the same clips; with
multigrid half as many again, as the paper has it. Frames come out of the cache, so that CPU seconds
are those of the network and the cuts, and not of decoding.
"""

import argparse
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

# The file beside this one would else hide the package `models`.
sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.report import machine, put_down
from models.evaluation.evaluate import evaluate_checkpoint
from models.recipes.multigrid import Multigrid
from models.recipes.recipe import Recipe
from models.recipes.registry import default_recipe
from models.training.baseline import train_baseline
from models.training.runtime import Runtime
from models.zoo import network_spec
from pipelines.demo.labels import NAMES
from pipelines.experiments.worlds import World

NETWORK = "i3d_tiny"
CYCLES = ("none", "short", "long", "both")
COUNTS = {"train": 25, "validate": 3, "test": 12}
"""Clips of each class."""


@dataclass(frozen=True)
class Found:
    """What one manner of training came to."""

    cycles: str
    seed: int
    num_steps: int
    share_of_work: float
    cpu_seconds: float
    top1: float
    interval: tuple[float, float]

    def line(self, plain: "Found") -> str:
        """Return the row of the table."""
        low, high = self.interval
        return (
            f"| {self.cycles} | {self.seed} | {self.num_steps} | {self.share_of_work:.0%} | "
            f"{self.cpu_seconds:.0f} | {self.cpu_seconds / plain.cpu_seconds:.2f} | "
            f"{self.top1:.3f} ({low:.3f} to {high:.3f}) |"
        )


def stepped(num_steps: int, rate: float, seed: int) -> Recipe:
    """Return the recipe without multigrid: SGD, by whose rule rates grow with batches."""
    return replace(
        default_recipe(NETWORK),
        num_steps=num_steps,
        optimiser="sgd",
        peak_rate=rate,
        schedule="steps",
        milestones=(0.393, 0.644, 0.82),
        warmup_share=34 / 239,
        warmup_start=0.1,
        weight_decay=1e-4,
        norm_clips=16,
        precise_norm_clips=400,
        seed=seed,
    )


def cpu_seconds() -> float:
    """Return what this process has taken."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def learn(release: Path, place: Path, recipe: Recipe) -> Found:
    """Train and measure by one recipe."""
    run = place / f"{recipe.multigrid}-{recipe.seed}"
    how = Runtime(device="cpu", cache=place / "frames", checkpoint_every=1_000_000, log_every=20)
    begun = cpu_seconds()
    report = train_baseline(NETWORK, release, run, recipe, how, print)
    taken = cpu_seconds() - begun
    measured = evaluate_checkpoint(run, release, run / "evaluation-test", runtime=how)
    grid = Multigrid.of(recipe, network_spec(NETWORK).sampling)
    return Found(
        cycles=recipe.multigrid,
        seed=recipe.seed,
        num_steps=report.num_steps,
        share_of_work=1.0 if grid is None else grid.share_of_work,
        cpu_seconds=taken,
        top1=measured.top1,
        interval=measured.intervals["top1"],
    )


def found(release: Path, place: Path, options: argparse.Namespace) -> Iterator[list[Found]]:
    """Yield what came of each seed, the plain training first."""
    for seed in range(options.seeds):
        plain = stepped(options.steps, options.rate, seed)
        if not seed:  # decodes into the cache, before anything is timed
            warm = replace(plain, num_steps=1, precise_norm_clips=0)
            learn(release, place / "warm", replace(warm, seed=99))
            (place / "warm" / "frames").rename(place / "frames")
        yield [learn(release, place, replace(plain, multigrid=cycles)) for cycles in CYCLES]


def main() -> None:
    """Measure, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--seeds", type=int, default=1)
    results = Path(__file__).parent / "results"
    parser.add_argument("--out", type=Path, default=results / "multigrid.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder=Path(folder) / "worlds", labels=NAMES, counts=COUNTS, seed=0)
        rows = list(found(world.draw(print), Path(folder), options))
    lines = [
        "# Multigrid on drawn people",
        "",
        f"{machine('cpu')}, one thread. `python benchmarks/multigrid.py {' '.join(sys.argv[1:])}`.",
        f"`{NETWORK}` on {len(NAMES)} classes, {COUNTS['train']} clips of each to learn from and",
        f"{COUNTS['test']} to test; {options.steps} steps of 16 clips without multigrid. 95 % over",
        "videos in brackets.",
        "",
        "| multigrid | seed | steps | pixels shown | CPU s | of the plain one's | top-1 |",
        "|---|---:|---:|---:|---:|---:|---|",
        *(one.line(each[0]) for each in rows for one in each),
        "",
    ]
    put_down(lines, options.out)


if __name__ == "__main__":
    main()
