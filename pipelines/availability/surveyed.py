"""What a survey of a released file found."""

from dataclasses import dataclass

from pipelines.availability.topping import TopUp
from pipelines.restoring.outcomes import Outcome
from pipelines.running.reports import StageReport


@dataclass(frozen=True, slots=True)
class Past:
    """One survey of the file."""

    number: int
    begun_on: str
    """UTC, YYYY-MM-DD."""
    num_rows: int
    num_there: int
    num_unanswered: int
    there_by_class: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class SurveyReport:
    """What of a released file is still there."""

    file: str
    format: str
    num_rows: int
    outcomes: dict[str, int]
    """Rows by what has become of their videos."""
    by_class: dict[str, dict[str, int]]
    """An empty name where the file says none."""
    history: tuple[Past, ...]
    """All surveys of the file, the oldest first; the last is this one."""
    minimum: int | None
    """Rows that a class is to have."""
    top_up: tuple[TopUp, ...]
    """Classes that have fewer."""
    stage: StageReport

    @property
    def num_there(self) -> int:
        """Return how many rows' videos are there."""
        return self.outcomes.get(Outcome.THERE.value, 0)
