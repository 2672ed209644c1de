"""Progress of a stage: a rich bar on a terminal, a plain line now and then elsewhere."""

import time
from collections import Counter
from collections.abc import Sequence

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from kinetics_builder.errors import ItemFailed
from pipelines.running.reports import SilentReporter, StageReport

_LINE_SECONDS = 10.0


class _RateColumn(ProgressColumn):
    """Items a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing before the first item."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


class TellingReporter(SilentReporter):
    """Says what a person should know, and shows no progress."""

    def tell(self, text: str) -> None:
        """Print it."""
        click.echo(text, err=True)


class LineReporter:
    """Prints a line when a stage ends, and one every ten seconds before."""

    def __init__(self) -> None:
        self._stage, self._total, self._finished = "", 0, 0
        self._begun = self._said = time.monotonic()
        self._new = 0

    def begin(self, stage: str, total: int, finished: int) -> None:
        """Remember where the stage stands."""
        self._stage, self._total, self._finished, self._new = stage, total, finished, 0
        self._begun = self._said = time.monotonic()

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        """Print a line if the last one is old."""
        self._new += len(outcomes)
        now = time.monotonic()
        if now - self._said < _LINE_SECONDS:
            return
        self._said = now
        done = self._finished + self._new
        rest = estimate(self._new, self._total - done, now - self._begun)
        click.echo(f"{self._stage}: {done} of {self._total}{rest}", err=True)

    def tell(self, text: str) -> None:
        """Print it."""
        click.echo(text, err=True)

    def close(self) -> None:
        """Leave the lines where they are."""

    def end(self, report: StageReport) -> None:
        """Print how it went, and what was noted."""
        for line in (report.line, *_notes(report)):
            click.echo(line, err=True)


class RichReporter:
    """Shows a bar with rate, time left and failures by reason."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._failures: Counter[str] = Counter()

    def begin(self, stage: str, total: int, finished: int) -> None:
        """Draw the bar."""
        self._failures.clear()
        self._progress = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            _RateColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[failures]}"),
            console=self._console,
            transient=True,
        )
        self._task = self._progress.add_task(stage, total=total, completed=finished, failures="")
        self._progress.start()

    def advance(self, outcomes: Sequence[ItemFailed | None]) -> None:
        """Move the bar."""
        self._failures.update(outcome.reason.value for outcome in outcomes if outcome)
        text = ", ".join(f"{count} {reason}" for reason, count in self._failures.most_common())
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=len(outcomes), failures=text)

    def tell(self, text: str) -> None:
        """Print it above the bar."""
        self._console.print(text, highlight=False, markup=False)

    def close(self) -> None:
        """Take the bar away and give the cursor back."""
        if self._progress is not None:
            self._progress.stop()

    def end(self, report: StageReport) -> None:
        """Leave a line where the bar was."""
        for line in (report.line, *_notes(report)):
            self._console.print(line, highlight=False, markup=False)


def estimate(num_new: int, num_left: int, seconds: float) -> str:
    """Return the rate and the time left in words; nothing as long as nothing is known.

    Args:
        num_new: Items finished in this run.
        num_left: Items still to do.
        seconds: How long this run works.

    >>> estimate(0, 500, 30.0), estimate(60, 600, 30.0), estimate(2, 90_000, 300.0)
    ('', ', 2.0 a second, about 5 min left', ', 0.4 a minute, about 156 days left')

    """
    if num_new <= 0 or seconds <= 0:
        return ""
    rate = num_new / seconds
    said = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
    return f", {said}, about {_long(num_left / rate)} left"


def _long(seconds: float) -> str:
    for unit, length in (("days", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _notes(report: StageReport) -> list[str]:
    return [f"  Note: {line}" for line in report.notes]
