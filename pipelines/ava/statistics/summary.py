"""The statistics of a file as plain values: what `--json` prints."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.ava.actions import ActionType, Vocabulary
from kinetics_builder.ava.association import Counts
from kinetics_builder.ava.statistics import Statistics, labels_a_box, statistics_of
from kinetics_builder.ava.vocabulary import ava_vocabulary, read_vocabulary
from kinetics_builder.formats.boxes.ava.columns import read_columns
from kinetics_builder.formats.problems import Problems
from pipelines.measuring.result import Manner

UNKNOWN = "unknown"
"""The type of an action that the vocabulary does not have."""

_QUANTILES = {"5 %": 0.05, "25 %": 0.25, "50 %": 0.5, "75 %": 0.75, "95 %": 0.95}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is read how, and what is told."""

    vocabulary: Path | None = None
    """A vocabulary of one's own; AVA's 80 actions without it."""
    has_scores: bool = False
    """Detections: the last column is a score, and nobody is known."""
    step_seconds: float = 1.0
    """From one key frame to the next."""
    least_count: int = 10
    """Units that a pair of actions needs (or would need by chance) to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """An action, and how often it stands there."""

    id: int
    name: str
    type: str
    """pose, object or person; `unknown` for an action that the vocabulary does not have."""
    rows: int
    share: float
    """Of all rows with a box, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A number that things have: whole numbers by how many things have each."""

    mean: float | None
    """None where there is nothing."""
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A number that things have, by its mean and quantiles; all None where there is nothing."""

    mean: float | None
    quantiles: dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """Two actions, and how they go together."""

    first: int
    first_name: str
    second: int
    second_name: str
    count: int
    expected: float
    npmi: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """Pairs of actions with enough to tell, the strongest NPMI first."""

    units: int
    """What probabilities are shares of."""
    pairs: list[PairRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All of it; the fields are the keys of `--json`."""

    file: str
    vocabulary: str
    rows: int
    videos: int
    key_frames: int
    """Distinct videos and times, those without a box as well."""
    key_frames_without_box: int
    boxes: int
    """Distinct videos, times and corners."""
    persons: int
    """Distinct videos and person_ids."""
    rows_without_person: int
    labels: dict[str, int]
    """Rows by the number of the action, of those that occur."""
    labels_by_type: dict[str, int]
    classes: list[ClassRow]
    """The vocabulary's actions and others that occur, the most frequent first."""
    labels_a_box: Distribution
    labels_a_box_by_type: dict[str, Distribution]
    boxes_a_key_frame: Distribution
    key_frames_a_person: Spread
    box_sizes: dict[str, Spread]
    """Width, height and area as shares of the frame's."""
    step_seconds: float
    least_count: int
    transitions: Association
    """What a person does, and does a step later."""
    among_persons: Association
    """What two persons of a key frame do."""
    of_one_person: Association
    """Two actions of one person at a time."""


def summarise(path: Path, rules: Rules, manner: Manner) -> tuple[Summary, Statistics]:
    """Return the statistics of a file of AVA's rows, as plain values and as counted.

    Tells of odd rows, and of actions that the vocabulary does not have.

    Raises:
        FormatError: An empty file, a bad row (with its line), or a vocabulary that is none.

    """
    own = rules.vocabulary
    vocabulary = ava_vocabulary() if own is None else read_vocabulary(own)
    problems = manner.problems(path)
    columns = read_columns(path, problems, has_scores=rules.has_scores, encoding=manner.encoding)
    if rules.has_scores:
        columns = replace(columns, value_N=np.full(len(columns.value_N), np.nan))
    counted = statistics_of(columns, step_seconds=rules.step_seconds)
    _tell_of_strange(counted, vocabulary, problems)
    return _summary(path, rules, vocabulary, counted), counted


def _tell_of_strange(counted: Statistics, vocabulary: Vocabulary, problems: Problems) -> None:
    strange = [
        (number, rows)
        for number, rows in zip(counted.ids_K.tolist(), counted.rows_K.tolist(), strict=True)
        if number not in vocabulary
    ]
    if strange:
        problems.line = problems.item = None
        named = ", ".join(str(number) for number, _ in strange[:5])
        more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
        problems.warning(
            f"{sum(rows for _, rows in strange):,} rows have actions that the vocabulary does not "
            f"have: {named}{more}; give --vocabulary FILE if it is another one than AVA's"
        )


def _summary(path: Path, rules: Rules, vocabulary: Vocabulary, counted: Statistics) -> Summary:
    classes = _classes(counted, vocabulary)
    names = {row.id: row.name for row in classes}
    types = [one.word for one in ActionType]
    width_B, height_B = (counted.corners_B4[:, 2:] - counted.corners_B4[:, :2]).T
    return Summary(
        file=str(path),
        vocabulary="AVA's 80 actions" if rules.vocabulary is None else str(rules.vocabulary),
        rows=counted.num_rows,
        videos=counted.num_videos,
        key_frames=len(counted.boxes_F),
        key_frames_without_box=int((counted.boxes_F == 0).sum()),
        boxes=len(counted.frame_B),
        persons=len(counted.moments_of_persons),
        rows_without_person=counted.num_rows_without_person,
        labels=dict(zip(map(str, counted.ids_K.tolist()), counted.rows_K.tolist(), strict=True)),
        labels_by_type={
            word: sum(row.rows for row in classes if row.type == word)
            for word in dict.fromkeys([*types, *(row.type for row in classes)])
        },
        classes=classes,
        labels_a_box=_distribution(labels_a_box(counted)),
        labels_a_box_by_type={
            one.word: _distribution(
                labels_a_box(counted, [action.id for action in vocabulary.of_type(one)])
            )
            for one in ActionType
        },
        boxes_a_key_frame=_distribution(np.bincount(counted.boxes_F)),
        key_frames_a_person=_spread(counted.moments_of_persons),
        box_sizes={
            "width": _spread(width_B),
            "height": _spread(height_B),
            "area": _spread(width_B * height_B),
        },
        step_seconds=rules.step_seconds,
        least_count=rules.least_count,
        transitions=_association(counted.transitions, counted, names, rules.least_count),
        among_persons=_association(counted.among_persons, counted, names, rules.least_count),
        of_one_person=_association(counted.of_one_person, counted, names, rules.least_count),
    )


def _classes(counted: Statistics, vocabulary: Vocabulary) -> list[ClassRow]:
    rows = dict(zip(counted.ids_K.tolist(), counted.rows_K.tolist(), strict=True))
    total = sum(rows.values())
    known = {action.id: (action.name, action.type.word) for action in vocabulary}
    found = [
        ClassRow(
            id=number,
            name=name,
            type=word,
            rows=rows.get(number, 0),
            share=rows.get(number, 0) / total if total else 0.0,
        )
        for number, (name, word) in (
            {number: (f"action {number}", UNKNOWN) for number in rows} | known
        ).items()
    ]
    return sorted(found, key=lambda row: (-row.rows, row.id))


def _distribution(things_by_number: NDArray[np.int64]) -> Distribution:
    things = things_by_number.tolist()
    total = sum(things)
    mean = sum(number * count for number, count in enumerate(things)) / total if total else None
    return Distribution(
        mean=mean, counts={str(number): count for number, count in enumerate(things) if count}
    )


def _spread(values: NDArray[np.float64] | NDArray[np.int64]) -> Spread:
    if not len(values):
        return Spread(mean=None, quantiles=dict.fromkeys(_QUANTILES))
    found = np.quantile(values, list(_QUANTILES.values())).tolist()
    return Spread(mean=float(values.mean()), quantiles=dict(zip(_QUANTILES, found, strict=True)))


def _association(
    counts: Counts, counted: Statistics, names: dict[int, str], least: int
) -> Association:
    ids = counted.ids_K.tolist()
    pairs = [
        PairRow(
            first=ids[pair.first],
            first_name=names[ids[pair.first]],
            second=ids[pair.second],
            second_name=names[ids[pair.second]],
            count=pair.num_units,
            expected=pair.expected,
            npmi=pair.npmi,
        )
        for pair in counts.pairs(least)
    ]
    return Association(units=counts.num_units, pairs=pairs)
