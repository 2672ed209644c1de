"""The numbers of a network's card: measures with intervals, classes, pairs that are confused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kinetics_builder.metrics.shares import wilson
from pipelines.network_card.run_files import Evaluation

_NAMES = {
    "top1": "top-1",
    "top5": "top-5",
    "mean_class_accuracy": "mean class accuracy",
    "shuffled_top1": "top-1, frames shuffled",
    "reversed_swapped": "called the opposite when reversed",
    "chance": "chance",
}
MOST_PAIRS = 8


@dataclass(frozen=True, slots=True)
class Measure:
    """One number of an evaluation."""

    name: str
    value: float
    interval: tuple[float, float] | None
    """95 %, where it is known."""


@dataclass(frozen=True, slots=True)
class ClassAccuracy:
    """How many clips of a class were called by its name."""

    label: str
    num_right: int
    num_clips: int
    interval: tuple[float, float]
    """Wilson's, 95 %."""
    taken_for: str
    """What else its clips are called most often; empty where nothing else."""

    @property
    def share(self) -> float:
        """Return the accuracy, 0 to 1."""
        return self.num_right / self.num_clips


@dataclass(frozen=True, slots=True)
class ActionPrecision:
    """How well an action is found by a detector."""

    label: str
    value: float
    """Average precision, 0 to 1."""
    prior: float | None
    """That of the same boxes, scored by how often the action is done; None: not measured."""
    num_examples: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Clips of one class that were taken for another."""

    label: str
    predicted: str
    num_clips: int
    num_of_label: int


def measures(found: Evaluation) -> list[Measure]:
    """Return the numbers of an evaluation: of clips, of a detector, or of whole videos."""
    values, intervals = found.values, dict(found.values.get("intervals", {}))
    if not found.is_of_clips:
        prior = values.get("prior") or {}
        of_prior = _plain_measures(prior, prior.get("intervals", {}), "the prior's ")
        return [*_plain_measures(values.get("measured", values), intervals), *of_prior]
    if swapped := _swapped(values):
        intervals["reversed_swapped"] = swapped
    return [
        Measure(name, values[key], _pair(intervals.get(key)))
        for key, name in _NAMES.items()
        if _is_number(values.get(key))
    ]


def _plain_measures(
    numbers: dict[str, Any], intervals: dict[str, Any], whose: str = ""
) -> list[Measure]:
    return [
        Measure(f"{whose}{key}", value, _pair(intervals.get(key)))
        for key, value in numbers.items()
        if _is_number(value) and not key.startswith("num_")
    ]


def precisions(found: Evaluation) -> list[ActionPrecision]:
    """Return the actions of a detector that are done at all, the worst first."""
    values = found.values
    prior = (values.get("prior") or {}).get("per_class", {})
    examples = values.get("examples", {})
    rows = [
        ActionPrecision(label, value, prior.get(label), examples.get(label, 0))
        for label, value in values.get("per_class", {}).items()
        if _is_number(value)
    ]
    return sorted(rows, key=lambda one: (one.value, one.label))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _pair(interval: Sequence[float | None] | None) -> tuple[float, float] | None:
    low, high = interval or (None, None)
    return None if low is None or high is None else (low, high)


def _swapped(values: dict[str, Any]) -> tuple[float, float] | None:
    reversals = values.get("reversals") or ()
    total = sum(one["num_clips"] for one in reversals)
    return wilson(sum(one["num_swapped"] for one in reversals), total) if total else None


def class_accuracies(found: Evaluation, labels: Sequence[str]) -> list[ClassAccuracy]:
    """Return the classes that have clips, the worst first."""
    rows = [_accuracy(row, place, labels) for place, row in enumerate(found.confusion) if sum(row)]
    return sorted(rows, key=lambda one: (one.share, one.label))


def _accuracy(row: Sequence[int], place: int, labels: Sequence[str]) -> ClassAccuracy:
    others = [(-count, labels[at]) for at, count in enumerate(row) if at != place and count]
    return ClassAccuracy(
        label=labels[place],
        num_right=row[place],
        num_clips=sum(row),
        interval=wilson(row[place], sum(row)),
        taken_for=min(others)[1] if others else "",
    )


def confused(found: Evaluation, labels: Sequence[str]) -> list[Pair]:
    """Return the pairs that are confused most often."""
    pairs = sorted(
        _pairs(found, labels), key=lambda one: (-one.num_clips, one.label, one.predicted)
    )
    return pairs[:MOST_PAIRS]


def _pairs(found: Evaluation, labels: Sequence[str]) -> Iterator[Pair]:
    for place, row in enumerate(found.confusion):
        for other, count in enumerate(row):
            if count and other != place:
                yield Pair(labels[place], labels[other], count, sum(row))
