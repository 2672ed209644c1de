"""What the small detectors learn of the demo's films, whose truth is known.

    .venv/bin/python benchmarks/detectors.py [--films 20] [--steps N] [--out FILE] [NETWORK ...]

Draws the films of `kbuild demo --ava`, writes what is true of them as AVA's files, and lets each
small detector learn from three quarters of them as its recipe says. Measured is the frame-mAP at
an overlap of 0.5 on the others: on true boxes where a network is told them, else on its own; the
prior scores the same boxes by how often each action is done. A detector that remembers does so
by `slowfast_tiny_det`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

# The file beside this one would else hide the package `models`.
sys.path.insert(0, str(Path(__file__).parent.parent))

import torch

from benchmarks.report import machine, put_down
from kinetics_builder.ava.vocabulary import ava_vocabulary
from models.detection.evaluate import Inquiry
from models.detection.kinds import REMEMBERING
from models.network import build_network, num_parameters
from models.recipes.registry import default_recipe
from models.training.baseline import train_baseline
from models.training.runtime import Runtime
from models.zoo import SPECS, network_spec
from pipelines.demo.ava.truth import write_rows
from pipelines.demo.ava.world import build_films, publish_films, truths_of
from pipelines.measuring.ava.evaluating import ask, evaluate
from pipelines.measuring.result import Manner

PLAIN = "slowfast_tiny_det"
TINY = (PLAIN, *sorted(n for n in SPECS if n.endswith("_det") and "tiny" in n and n != PLAIN))
KEPT_BACK = 4
"""One film of so many is measured."""
_MEASURE = "mAP@0.5IOU"


@dataclass(frozen=True)
class Found:
    """What one network reached."""

    name: str
    parameters: int
    steps: int
    mean_ap: float
    interval: tuple[float, float]
    prior: float
    cpu_seconds: float
    """Of its training."""

    def line(self) -> str:
        """Return the row of the table."""
        low, high = self.interval
        return (
            f"| {self.name} | {self.parameters:,} | {self.steps} | {self.mean_ap:.3f} "
            f"({low:.3f} to {high:.3f}) | {self.prior:.3f} | {self.cpu_seconds:.0f} |"
        )


def write_folder(folder: Path, num_films: int, seed: int) -> None:
    """Draw films, and write what is true of them as AVA's files."""
    films = build_films(seed, num_films)
    publish_films(films, folder / "videos")
    truths = truths_of(films)
    kept = [number % KEPT_BACK == KEPT_BACK - 1 for number in range(num_films)]
    for word, wanted in (("train", False), ("val", True)):
        chosen = [truth for truth, is_kept in zip(truths, kept, strict=True) if is_kept == wanted]
        write_rows(folder / f"ava_{word}_v2.2.csv", chosen)
    rows = (folder / "ava_train_v2.2.csv").read_text().splitlines()
    done = {int(cells[6]) for cells in (row.split(",") for row in rows) if len(cells) > 2}
    (folder / "ava_action_list_v2.2.pbtxt").write_text(
        "".join(
            f'label {{\n  name: "{action.name}"\n  label_id: {action.id}\n'
            "  label_type: PERSON_MOVEMENT\n}\n"
            for action in ava_vocabulary()
            if action.id in done
        )
    )


def learnt(name: str, folder: Path, runs: Path, num_steps: int | None) -> Found:
    """Let a network learn, and measure it."""
    recipe, spec = default_recipe(name), network_spec(name)
    recipe = replace(recipe, num_steps=num_steps or recipe.num_steps)
    if spec.head.kind == REMEMBERING:
        recipe = replace(recipe, bank=str(runs / PLAIN / "model.safetensors"))
    begun = time.process_time()
    train_baseline(spec, folder, runs / name, recipe, Runtime(device="cpu"))
    spent = time.process_time() - begun
    out = runs / name / "evaluation"
    subject = ask(runs / name, folder, out, Inquiry(), Runtime(device="cpu"))
    found = evaluate(subject, folder, "validate", out, Manner(num_replicates=200))
    assert found.prior is not None
    return Found(
        name=name,
        parameters=num_parameters(build_network(spec, len(found.measured.per_class))),
        steps=recipe.num_steps,
        mean_ap=found.measured.values[_MEASURE],
        interval=found.measured.intervals[_MEASURE],
        prior=found.prior.values[_MEASURE],
        cpu_seconds=spent,
    )


def report(found: Sequence[Found], num_films: int, seed: int, out: Path) -> None:
    """Write the table; `sys.argv` says how it was asked for."""
    num_kept = sum(number % KEPT_BACK == KEPT_BACK - 1 for number in range(num_films))
    lines = [
        f"# Small detectors on the demo's films, seed {seed}",
        "",
        f"{machine('cpu')}, one thread, torch {torch.__version__}. "
        f"`python benchmarks/detectors.py {' '.join(sys.argv[1:])}`.",
        f"{num_films - num_kept} films of `kbuild demo --ava` to learn from, {num_kept} kept back; "
        "what is true of them stands",
        "in AVA's files. 95 % over films in brackets; CPU seconds are those of the training.",
        "",
        "| network | parameters | steps | frame-mAP | the prior's | CPU s |",
        "|---|---:|---:|---|---:|---:|",
        *(one.line() for one in found),
        "",
    ]
    put_down(lines, out)


def main() -> None:
    """Measure, print the table, write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help=f"default: all of {TINY}")
    parser.add_argument("--films", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, help="default: as each recipe says")
    parser.add_argument("--folder", type=Path, help="keeps films and runs there")
    results = Path(__file__).parent / "results"
    parser.add_argument("--out", type=Path, default=results / "detectors.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = options.folder or Path(temporary)
        folder = home / "ava"
        if not (folder / "ava_action_list_v2.2.pbtxt").exists():
            folder.mkdir(parents=True, exist_ok=True)
            write_folder(folder, options.films, options.seed)
        found = []
        for name in options.networks or TINY:
            found.append(learnt(name, folder, home, options.steps))
            print(found[-1].line(), flush=True)
    report(found, options.films, options.seed, options.out)


if __name__ == "__main__":
    main()
