"""How classes are put together of groups of people, as annotators were asked; never guessed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.release_page.bars import Bar, named

DOMINATED = 0.9
"""Of a class's clips of a known group, from which on one group dominates it: our own line, for the
paper names none (arXiv:1705.06950)."""


@dataclass(frozen=True, slots=True)
class Dominated:
    """A class that one group dominates."""

    label: str
    group: str
    share: float
    number: int
    """Of its rows, how many have a known group."""


@dataclass
class Balance:
    """Counts rows by their group as they go by."""

    groups: Mapping[str, str]
    """What annotators said, by the name of a clip, video or person."""
    by_label: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, label: str, names: Iterable[str]) -> None:
        """Count a row, called by any of these names; the first that annotators named counts."""
        group = next((self.groups[name] for name in names if name in self.groups), "")
        self.by_label[label][group] += 1

    def bars(self) -> list[Bar]:
        """Return how many rows are of each group."""
        counts: Counter[str] = Counter()
        for found in self.by_label.values():
            counts.update(found)
        unknown = counts.pop("", 0)
        return named(counts + Counter({"not known": unknown}))

    @property
    def num_classes(self) -> int:
        """Return how many classes have a row of a known group."""
        return sum(
            any(found[group] for group in found if group) for found in self.by_label.values()
        )

    def dominated(self) -> Sequence[Dominated]:
        """Return the classes that one group dominates, by name."""
        rows = []
        for label, found in sorted(self.by_label.items()):
            known = Counter({group: number for group, number in found.items() if group})
            total = known.total()
            for group, number in known.most_common(1):
                if number / total >= DOMINATED:
                    rows.append(Dominated(label, group, number / total, total))
        return rows
