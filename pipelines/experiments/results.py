"""From cells that have ended to the rows of a table, with intervals."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.experiments.answers import Answers, answers_of, answers_of_sum
from pipelines.experiments.cells import Cell
from pipelines.experiments.estimates import Estimate, Sample, difference, estimate
from pipelines.experiments.learning import Job
from pipelines.experiments.place import Place
from pipelines.experiments.rows import CellRow, Standing

if TYPE_CHECKING:
    from models.counting import Count
    from models.spec import NetworkSpec


@dataclass(frozen=True, slots=True)
class Sum:
    """A row that is no network of its own: two rows' scores, added."""

    row: str
    first: str
    second: str


@dataclass(frozen=True)
class Result:
    """A row of the table: the same settings, over seeds."""

    row: str
    answers: Mapping[int, Answers]
    """By seed; those of cells that are done."""
    cells: tuple[Cell, ...]
    """Of a sum, those of both rows."""
    reasons: tuple[str, ...] = ()
    """Why cells failed."""

    @cached_property
    def top1(self) -> Estimate | None:
        """Return the share of clips told rightly; None where no cell is done."""
        return self.top1_of(None)

    def top1_of(self, labels: Collection[str] | None) -> Estimate | None:
        """Return the same over the clips of some labels."""
        if not self.answers:
            return None
        return estimate([one.hits(labels) for one in self.answers.values()])

    @property
    def num_clips(self) -> int:
        """Return the clips that it was measured on, of one seed."""
        return max((len(one.files) for one in self.answers.values()), default=0)

    @cached_property
    def multiply_adds(self) -> int:
        """Return what a test of one clip takes, over its views."""
        return sum(
            count.multiply_adds * spec.views.num_clips * spec.views.num_crops
            for spec, count in self._counts.items()
        )

    @cached_property
    def num_parameters(self) -> int:
        """Return the learnt numbers, at 400 classes."""
        return sum(count.parameters for count in self._counts.values())

    @cached_property
    def _counts(self) -> "dict[NetworkSpec, Count]":
        from models.counting import count_view

        return {spec: count_view(spec) for spec in {cell.spec for cell in self.cells}}

    @property
    def num_steps(self) -> int:
        """Return the steps of its training."""
        return max((cell.recipe.num_steps for cell in self.cells), default=0)


@dataclass(frozen=True)
class Table:
    """All rows of an experiment, by name, in the order of its cells."""

    results: Mapping[str, Result] = field(default_factory=dict)

    def paired(
        self, better: str, worse: str, labels: Collection[str] | None = None
    ) -> Estimate | None:
        """Return how much one row is above another, clip by clip of the same seeds.

        None where either has no seed that the other has, or they were measured on other clips.
        """
        ours, theirs = self.results[better].answers, self.results[worse].answers
        pairs: list[Sample] = []
        for seed in sorted(ours.keys() & theirs.keys()):
            if ours[seed].files == theirs[seed].files:
                both = ours[seed].hits(labels), theirs[seed].hits(labels)
                pairs.append(difference(*both))
        return estimate(pairs) if pairs else None


def read_table(
    cells: Sequence[Cell], sums: Sequence[Sum], ended: Mapping[str, CellRow], place: Place
) -> Table:
    """Return the table of cells that have ended."""
    rows: dict[str, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    results = {row: _result(row, some, ended, place) for row, some in rows.items()}
    for one in sums:
        results[one.row] = _sum(one, results, place)
    return Table(results)


def _result(row: str, cells: Sequence[Cell], ended: Mapping[str, CellRow], place: Place) -> Result:
    done = [cell for cell in cells if ended[cell.identity].standing is Standing.DONE]
    return Result(
        row=row,
        answers={
            cell.seed: answers_of(Job(cell=cell, place=place).scores, cell.test) for cell in done
        },
        cells=tuple(cells),
        reasons=tuple(ended[cell.identity].reason for cell in cells if cell not in done),
    )


def _sum(one: Sum, results: Mapping[str, Result], place: Place) -> Result:
    first, second = results[one.first], results[one.second]
    by_seed = [{cell.seed: cell for cell in part.cells} for part in (first, second)]
    both = sorted(first.answers.keys() & second.answers.keys())
    answers = {}
    for seed in both:
        ours, theirs = (Job(cell=part[seed], place=place).scores for part in by_seed)
        answers[seed] = answers_of_sum(ours, theirs, by_seed[0][seed].test)
    return Result(one.row, answers, (*first.cells, *second.cells), first.reasons + second.reasons)
