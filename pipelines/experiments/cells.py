"""What experiments are made of: cells, each a network that learns once and is measured once."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.clips.choice import Choice
    from models.recipes.recipe import Recipe
    from models.spec import NetworkSpec

Pairs = tuple[tuple[str, str], ...]
"""Labels that are each other played backwards."""
_SHOWN = 8
"""Digits of an identity in a folder's name."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One network with its settings: learnt from a release, measured on the split test of one."""

    row: str
    """The row of the table that it counts for, with those of the other seeds."""
    seed: int
    spec: "NetworkSpec"
    recipe: "Recipe"
    release: Path
    """What it learns from."""
    choice: "Choice | None" = None
    """Which clips of that; all without it."""
    exam: Path | None = None
    """What it is measured on; the release itself without it."""
    start: "Cell | None" = None
    """Whose trunk it starts from."""
    pairs: Pairs = ()

    @property
    def test(self) -> Path:
        """Return the release that it is measured on."""
        return self.exam or self.release

    @property
    def name(self) -> str:
        """Return what it is called in its experiment."""
        return f"{self.row}, seed {self.seed}"

    @cached_property
    def identity(self) -> str:
        """Return 64 hex digits that change with all that decides what comes out."""
        from models.clips.flow_places import flow_sha256
        from models.clips.release import release_sha256
        from models.recipes.recipe import stated

        eats_flow = self.spec.sampling.modality != "rgb"
        told = {
            "network": self.spec.to_json(),
            "recipe": stated(self.recipe.to_json()),
            "release": release_sha256(self.release),
            "flow": flow_sha256(self.release) if eats_flow else "",
            "choice": self.choice.sha256 if self.choice else "",
            "exam": release_sha256(self.test),
            "start": self.start.identity if self.start else None,
            "pairs": self.pairs,
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def folder(self, runs: Path) -> Path:
        """Return where its run lies: equal cells of several experiments share it."""
        name = re.sub(r"[^a-z0-9]+", "-", self.spec.name.lower()).strip("-")
        return runs / f"{name}-{self.identity[:_SHOWN]}"


def with_starts(cells: tuple[Cell, ...]) -> list[Cell]:
    """Return the cells with those that they start from, each once, starts first."""
    found: dict[str, Cell] = {}

    def take(cell: Cell) -> None:
        if cell.start is not None:
            take(cell.start)
        found.setdefault(cell.identity, cell)

    for cell in cells:
        take(cell)
    return list(found.values())
