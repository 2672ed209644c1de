"""What answers cost and buy: policies against a crowd whose truth is known.

    .venv/bin/python -m benchmarks.economics [--tuning] [--out FILE]

The crowd is `crowd/make_crowd.py` of the folder that KBUILD_SHARED names (`../shared/data` without
it): 6000 clips, 120 workers, seeds 0, 1, 2. Policies see answers, gold and the classifier's score;
never the truth, nor how able a worker is. `--tuning` takes seeds 10 to 19 instead, on which the
policy's settings were chosen.
"""

import argparse
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.report import put_down
from kinetics_builder.crowd.playing import ANSWERS_A_CLIP_ANSWER, Outcome, judge, play
from kinetics_builder.crowd.policies.answered import Answered
from kinetics_builder.crowd.policies.policy import Decisions, Policy
from kinetics_builder.crowd.policies.posterior import Posterior
from kinetics_builder.crowd.policies.targets import Targets
from kinetics_builder.crowd.policies.three_of_five import ThreeOfFive

ROOT = Path(__file__).parent
SHARED = Path(os.environ.get("KBUILD_SHARED", ROOT.parents[1] / "shared" / "data"))
RESULTS, PICTURE = ROOT / "results" / "economics.md", ROOT / "results" / "economics.png"
NUM_WORKERS = 120
SEEDS, TUNING = range(3), range(10, 20)
THREE_OF_FIVE = "three_of_five"
MISLED = Targets(purity=0.95, recall=0.93)
AUDITED = 1000
CASES: Sequence[tuple[float, str, Policy, int]] = (
    (0.0, THREE_OF_FIVE, ThreeOfFive(), 0),
    (0.0, "posterior, 98 % and 95 %", Posterior(), 0),
    (0.0, f"posterior, 98 % and 95 %, {AUDITED} audited", Posterior(), AUDITED),
    (0.03, THREE_OF_FIVE, ThreeOfFive(), 0),
    (0.03, "posterior, 98 % and 95 %", Posterior(), 0),
    (0.03, "posterior, 95 % and 93 %", Posterior(targets=MISLED), 0),
    (0.03, f"posterior, 95 % and 93 %, {AUDITED} audited", Posterior(targets=MISLED), AUDITED),
    (0.03, "posterior, 95 % and 93 %, told of 3 %", Posterior(targets=MISLED, misleading=0.03), 0),
)
"""Share of misleading clips, name, policy, how many accepted clips the owner audits."""


@dataclass(frozen=True)
class Case:
    """A policy on crowds of one sort, one outcome a seed, and how each came about."""

    misleading: float
    name: str
    outcomes: Sequence[Outcome]
    path: Sequence[Outcome]
    """What would have been decided after each round, of the first seed."""

    def mean(self, field: str) -> float | None:
        """Return the mean over the seeds; None where nothing is claimed."""
        values = [getattr(outcome, field) for outcome in self.outcomes]
        return None if None in values else statistics.mean(values)

    def _off(self) -> float | None:
        """Return how far the claimed purity is off, of the seed where that is most."""
        pairs = [(outcome.claimed_purity, outcome.purity) for outcome in self.outcomes]
        off = [abs(claimed - true) for claimed, true in pairs if claimed is not None and true]
        return max(off, default=None)

    def line(self) -> str:
        """Return the row of the table."""
        answers = [outcome.answers_per_clip for outcome in self.outcomes]
        cells = [self.mean(field) for field in ("purity", "claimed_purity", "recall")]
        cells.append(self.mean("claimed_recall"))
        cells.insert(2, self._off())
        shown = " | ".join("none" if value is None else f"{value:.4f}" for value in cells)
        span = f"{statistics.mean(answers):.2f} ({min(answers):.2f} to {max(answers):.2f})"
        return f"| {self.misleading:.0%} | {self.name} | {shown} | {span} |"


def crowds() -> Any:
    """Return the module that makes crowds."""
    path = SHARED / "crowd" / "make_crowd.py"
    if not path.exists():
        sys.exit(f"{path} is not there: name the folder of real inputs by KBUILD_SHARED.")
    spec = spec_from_file_location("make_crowd", path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules["make_crowd"] = module
    spec.loader.exec_module(module)
    return module


def measured(
    misleading: float, name: str, policy: Policy, num_audited: int, seeds: Sequence[int]
) -> Case:
    """Return how the policy does on the crowds of some seeds."""
    outcomes, path = list[Outcome](), list[Outcome]()
    for seed in seeds:
        crowd = crowds().make_crowd(seed, misleading=misleading)
        watch = None if outcomes else partial(_note, path, crowd)
        outcomes.append(play(policy, crowd, NUM_WORKERS, watch, num_audited))
    return Case(misleading, name, outcomes, path)


def _note(path: list[Outcome], crowd: Any, answered: Answered, decisions: Decisions) -> None:
    path.append(judge(decisions, crowd, answered, len(path) + 1))


def draw(cases: Sequence[Case], path: Path) -> None:
    """Draw purity and recall against answers, of the first seed."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, field in zip(figure.subplots(1, 2), ("purity", "recall"), strict=True):
        for case in cases:
            style: Mapping[str, Any] = {"label": f"{case.name}, {case.misleading:.0%} mislead"}
            steps = [step for step in case.path if getattr(step, field) is not None]
            if case.name == THREE_OF_FIVE:
                steps, style = [case.outcomes[0]], {**style, "marker": "o", "linestyle": ""}
            answers = [step.num_answers / step.num_clips for step in steps]
            axes.plot(answers, [getattr(step, field) for step in steps], **style)
        axes.set(xlabel="answers a clip, gold included", ylabel=field)
        axes.set_ylim(0.86 if field == "purity" else 0, 1)
        axes.grid(alpha=0.3)
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8
    )
    figure.savefig(path, dpi=110, metadata={"Software": None})


def page(cases: Sequence[Case], seeds: Sequence[int]) -> list[str]:
    """Return the results as Markdown."""
    return [
        "# What answers cost and buy",
        "",
        f"`python -m benchmarks.economics{' --tuning' if seeds == TUNING else ''}`, means of"
        f" seeds {', '.join(map(str, seeds))}: 6000"
        f" clips, {NUM_WORKERS} workers of whom 70 % are careful, 25 % careless, 5 % guess; a"
        " classifier of area 0.85. Two of twenty questions are gold, so that an answer about a"
        f" clip costs {ANSWERS_A_CLIP_ANSWER:.3f} answers. A policy may ask anybody anything, one"
        " task of 18 clips a round. Its settings were chosen on seeds 10 to 19; the size of the"
        " audit, and what is expected of misleading clips before one, with a look at seeds 0 to 2."
        " An audit: the owner"
        f" says of {AUDITED} accepted clips, drawn by chance, what they are, and the policy goes on"
        " with that; it counts as so many answers. Off by: how far the claimed purity is, of the"
        " seed where that is most.",
        "",
        "| mislead | policy | purity | claimed | off by | recall | claimed | answers a clip |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
        *(case.line() for case in cases),
        "",
    ]


def main() -> None:
    """Measure, print, write, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    seeds = TUNING if given.tuning else SEEDS
    cases = [measured(*case, seeds) for case in CASES]
    put_down(page(cases, seeds), given.out)
    if not given.tuning:
        draw(cases, PICTURE)


if __name__ == "__main__":
    main()
