"""An experiment: cells and what is asked of them; and what came out, for people and programs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.experiments.cells import Cell
from pipelines.experiments.directions import Claim, Direction
from pipelines.experiments.place import Place
from pipelines.experiments.results import Result, Sum, Table
from pipelines.experiments.rows import CellRow

Column = tuple[str, Callable[[Result, Table], str]]
"""A heading, and what a row of a table says below it."""


@dataclass(frozen=True)
class Picture:
    """A drawing of a page."""

    title: str
    png: bytes
    what: str
    """For those who do not see it."""


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """What is asked."""

    name: str
    title: str
    lead: str
    """What is asked, in a sentence or two."""
    setting: str
    """On which data, with how much training: the subset that it is."""
    cells: tuple[Cell, ...]
    """Those of the table; what they start from is run, too."""
    sums: tuple[Sum, ...] = ()
    claims: tuple[Claim, ...] = ()
    columns: tuple[Column, ...] = ()
    """Beside top-1, cost and training."""
    draw: Callable[["Found"], Iterable[Picture]] = field(default=lambda found: ())
    num_curve_points: int = 0
    """How often each network is measured on the split validate while it learns."""


@dataclass(frozen=True)
class Found:
    """What came out."""

    experiment: Experiment
    place: Place
    table: Table
    directions: tuple[Direction, ...]
    failed: tuple[CellRow, ...]
    seconds: float
    """Of all cells, added."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "experiment": self.experiment.name,
            "setting": self.experiment.setting,
            "page": str(self.place.page),
            "table": str(self.place.table),
            "rows": [_row(one) for one in self.table.results.values()],
            "directions": [_direction(one) for one in self.directions],
            "failed": [{"cell": one.name, "reason": one.reason} for one in self.failed],
            "seconds": self.seconds,
        }


def _row(one: Result) -> dict[str, Any]:
    top1 = one.top1
    return {
        "row": one.row,
        "top1": top1 and top1.mean,
        "interval": top1 and [top1.low, top1.high],
        "num_seeds": len(one.answers),
        "num_clips": one.num_clips,
        "multiply_adds": one.multiply_adds,
    }


def _direction(one: Direction) -> dict[str, Any]:
    measured = one.difference
    return {
        "claim": one.claim.text,
        "source": one.claim.source,
        "verdict": one.verdict,
        "figures": one.figures,
        "is_sure": one.is_sure,
        "difference": measured and measured.mean,
        "interval": measured and [measured.low, measured.high],
        "least": one.claim.least,
    }


def lines_of(found: Found) -> list[str]:
    """Return what came out, for people."""
    width = max((len(row) for row in found.table.results), default=0)
    lines = [found.experiment.setting, "", f"{'':<{width}}  top-1 (95 %), per cent"]
    for one in found.table.results.values():
        lines.append(f"{one.row:<{width}}  {one.top1 or '; '.join(one.reasons)}")
    lines += ["", *(one.line for one in found.directions)]
    lines += [f"failed: {one.name}: {one.reason}" for one in found.failed]
    return [*lines, f"The page is {_told(found.place.page)}, its table {found.place.table}"]


def _told(path: Path) -> str:
    return str(path)
