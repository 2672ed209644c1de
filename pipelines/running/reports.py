"""What is told of a run of a stage: while it goes, and at its end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kinetics_builder.errors import ItemFailed


@dataclass(frozen=True)
class StageReport:
    """What a run of a stage found and did; the command prints it."""

    stage: str
    num_items: int
    num_done: int
    """Over all runs under these settings."""
    num_new: int
    """Worked on in this run, failed ones included."""
    failures: dict[str, int]
    """Failed items by reason, over all runs under these settings."""
    seconds: float
    notes: tuple[str, ...] = ()
    """What a person should know of this run's items, each text once."""

    def with_further(self, further: "StageReport") -> "StageReport":
        """Return the report of this run and of one that went on from it."""
        notes = tuple(dict.fromkeys((*self.notes, *further.notes)))
        num_new, seconds = self.num_new + further.num_new, self.seconds + further.seconds
        return replace(further, num_new=num_new, seconds=seconds, notes=notes)

    @property
    def line(self) -> str:
        """Return one line for a person."""
        text = f"{self.stage:<12}{self.num_done:>7} done"
        if failed := sum(self.failures.values()):
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.failures.items())
            text += f", {failed} failed ({reasons})"
        return f"{text}, {self.num_new} now, {self.seconds:.1f} s"


class Reporter(Protocol):
    """Shows a run to a person."""

    def begin(self, stage: str, total: int, finished: int) -> None:
        """Say that a stage begins, of which `finished` items need nothing."""

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        """Count finished items; None is a success."""

    def tell(self, text: str) -> None:
        """Say what a person should know: who is waited for, what was lost."""

    def close(self) -> None:
        """Take away what `begin` put up; called however the stage ends."""

    def end(self, report: StageReport) -> None:
        """Say how it went."""


class SilentReporter:
    """Shows nothing."""

    def begin(self, stage: str, total: int, finished: int) -> None:
        """Say nothing."""

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        """Say nothing."""

    def tell(self, text: str) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Have nothing to take away."""

    def end(self, report: StageReport) -> None:
        """Say nothing."""
