"""Where experiments lie: what they share, and what is each one's own."""

from dataclasses import dataclass
from pathlib import Path

EXPERIMENTS = "experiments"
"""Their folder in a workspace."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one experiment, beside those of others."""

    root: Path
    """Of all experiments."""
    name: str

    @property
    def own(self) -> Path:
        """Return the folder of this experiment's rows, tables and page."""
        return self.root / self.name

    @property
    def rows(self) -> Path:
        """Return the file of what became of each cell."""
        return self.own / "cells.csv"

    @property
    def table(self) -> Path:
        """Return the table as CSV."""
        return self.own / "table.csv"

    @property
    def page(self) -> Path:
        """Return the page."""
        return self.own / "index.html"

    @property
    def runs(self) -> Path:
        """Return the folder of all trained networks."""
        return self.root / "runs"

    @property
    def frames(self) -> Path:
        """Return the folder of decoded clips."""
        return self.root / "frames"

    @property
    def worlds(self) -> Path:
        """Return the folder of releases that are drawn."""
        return self.root / "worlds"
