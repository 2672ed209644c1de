"""How well `kbuild plan` foresees: half of the demo's classes tell what the other half will give.

    .venv/bin/python -m benchmarks.planning DEMO [--halves N] [--out FILE]

DEMO is the folder of a finished `kbuild demo`; nothing in it is changed. A half is drawn by
chance; its history alone plans for the queries of the other classes, and what these really gave
stands in the database.
"""

import argparse
import platform
import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.report import machine
from kinetics_builder.config import Config
from kinetics_builder.database.engine import reading
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.planning.draws import Range, shown
from pipelines.inspecting.planning.history import ClassHistory, read_history, total
from pipelines.inspecting.planning.plan import places_asked, steps_of
from pipelines.inspecting.planning.questions import Questions
from pipelines.sources.source import Request

RESULTS = Path(__file__).parent / "results" / "planning.md"
STEPS = ("listed", "candidates", "clips", "kept", "answers", "accepted")


@dataclass(frozen=True)
class Foreseen:
    """A figure of a plan, and what came."""

    planned: Range
    came: float

    @property
    def factor(self) -> float:
        """Return by how much the likely figure was off: 1 is exact."""
        return max(self.planned.likely / self.came, self.came / self.planned.likely)

    @property
    def is_inside(self) -> bool:
        """Return whether the range holds what came."""
        return self.planned.low <= self.came <= self.planned.high


def halves(
    classes: Sequence[ClassHistory], config: Config, limit: int, num_halves: int
) -> Iterator[Mapping[str, Foreseen]]:
    """Yield what half of the classes plans for the others, each step against what came."""
    chance = Random(0)
    for _ in range(num_halves):
        known = chance.sample(list(classes), len(classes) // 2)
        others = [one for one in classes if one not in known]
        queries = [
            Request(key=f"{one.label} {number}", query="", label=one.label)
            for one in others
            for number in range(round(one.places_asked / limit))
        ]
        asked = Questions("search:any", limit, 0, queries)
        steps, came = steps_of(known, asked, config, len(others)), total(others)
        yield {name: Foreseen(shown(steps[name].draws_N), getattr(came, name)) for name in STEPS}


def foreseen(workspace: Workspace, num_halves: int) -> list[Mapping[str, Foreseen]]:
    """Return `halves` of a workspace that was collected by searches."""
    config = workspace.config
    with reading(workspace.engine) as session:
        classes = read_history(session, places_asked(session, config))
    return list(halves(classes, config, config.search.results_per_query, num_halves))


def table(found: Sequence[Mapping[str, Foreseen]], num_classes: int) -> str:
    """Return the results as a page of Markdown."""
    by_step: dict[str, list[Foreseen]] = defaultdict(list)
    for one in found:
        for name, figure in one.items():
            by_step[name].append(figure)
    lines = [
        "# What a plan foresees",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}. `python -m benchmarks.planning` on "
        f"the demo: {num_classes} classes, of which half, drawn {len(found)} times, plan for the "
        "others by their history alone. The factor is 1 where the likely figure is what came; a "
        "range is meant to hold 8 of 10.",
        "",
        "| step | came (first half drawn) | planned then | factor, median | worst "
        "| inside the range |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, figures in by_step.items():
        first, factors = figures[0], [figure.factor for figure in figures]
        low, likely, high = (f"{value:,.0f}" for value in first.planned)
        inside = sum(figure.is_inside for figure in figures) / len(figures)
        lines.append(
            f"| {name} | {first.came:,.0f} | {low} to {high}, likely {likely} "
            f"| {statistics.median(factors):.2f} | {max(factors):.2f} | {inside:.0%} |"
        )
    return "\n".join([*lines, ""])


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path)
    parser.add_argument("--halves", type=int, default=200)
    parser.add_argument("--out", type=Path, default=RESULTS)
    given = parser.parse_args()
    workspace = Workspace.open(given.demo)
    with reading(workspace.engine) as session:
        num_classes = len(read_history(session, {}))
    given.out.write_text(table(foreseen(workspace, given.halves), num_classes), encoding="utf-8")
    print(given.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
