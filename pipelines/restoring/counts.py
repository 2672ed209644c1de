"""How much of a released file has come back: by split, by class, and by what became of the rest."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.restoring.outcomes import Outcome
from pipelines.restoring.released import Row


@dataclass
class Counts:
    """Rows by what has become of them; grows with classes, not with rows."""

    rows: Counter[Outcome] = field(default_factory=Counter)
    by_split: dict[str, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    by_class: dict[str, Counter[Outcome]] = field(default_factory=lambda: defaultdict(Counter))
    num_shortened: int = 0
    """Restored rows whose video ends before they do."""

    def add(self, row: Row, outcome: Outcome) -> None:
        """Count a row."""
        self.rows[outcome] += 1
        self.by_split[row.split][outcome] += 1
        self.by_class[row.label][outcome] += 1

    @property
    def outcomes(self) -> list[Outcome]:
        """Return what has become of any row, in the order of `Outcome`."""
        return [one for one in Outcome if self.rows[one]]

    def table(self, groups: dict[str, Counter[Outcome]], what: str) -> Iterator[list[str]]:
        """Yield a header and a line for each group, by name: its rows and what became of them."""
        outcomes = self.outcomes
        yield [what, "rows", *(one.value for one in outcomes)]
        for name in sorted(groups):
            found = groups[name]
            numbers = [found.total(), *(found[one] for one in outcomes)]
            yield [name or "(none)", *(f"{number:,}" for number in numbers)]


def plain(counts: Counter[Outcome]) -> dict[str, int]:
    """Return counts by words, in the order of `Outcome`."""
    return {one.value: counts[one] for one in Outcome if counts[one]}
