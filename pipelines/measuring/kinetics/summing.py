"""What two networks say of the same clips as one: their scores, weighted and added.

So two streams are joined, one that sees pictures and one that sees flow: arXiv:1406.2199 and
arXiv:1705.07750 weigh them alike, arXiv:1608.00859 flow by 1.5.

Shapes, as name suffixes: N clips, K classes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.clips.kinetics.submission import read_results
from kinetics_builder.formats.clips.kinetics.submission_write import key_of_clip
from kinetics_builder.formats.records import NOTHING
from kinetics_builder.metrics.classification import Scores
from kinetics_builder.text.counting import counted
from pipelines.measuring.kinetics.matrix import Matrix, is_matrix, read_matrix
from pipelines.measuring.kinetics.truth import TrueClip, is_json
from pipelines.measuring.result import Inputs


@dataclass(frozen=True, slots=True)
class Other:
    """A second file of predictions."""

    predictions: Path
    weights: tuple[float, float] = (1.0, 1.0)
    """Of the first file's scores, and of this one's."""


@dataclass(frozen=True, slots=True)
class Naming:
    """What says which clip a row is, and which class a column, where the files do not."""

    rows: Sequence[TrueClip]
    """The ground truth."""
    rows_file: Path | None
    labels: list[str] | None


def summed(inputs: Inputs, other: Other, naming: Naming) -> Matrix:
    """Return the weighted sum of both files' scores, clip by clip in the first one's order.

    A submission says nothing of most classes: they count as 0 there.

    Raises:
        FormatError: A file that cannot be read or names one label a clip alone; clips or classes
            that are in one of them alone, or twice.
        ConfigError: As `read_matrix`.

    """
    first = _scored(inputs, naming)
    second = _scored(replace(inputs, predictions=other.predictions), naming)
    assert first.clips is not None and second.clips is not None, "both are named"
    rows = _places("clip", first, first.clips, second, second.clips)
    columns = _places("class", first, first.labels, second, second.labels)
    mine, its = other.weights
    scores_NK = mine * np.asarray(first.scores_NK, np.float64)
    scores_NK += its * np.asarray(second.scores_NK, np.float64)[rows][:, columns]
    return replace(first, scores_NK=scores_NK)


def _scored(inputs: Inputs, naming: Naming) -> Matrix:
    """Return a file as a matrix whose rows are named."""
    path = inputs.predictions
    if is_matrix(path):
        matrix = read_matrix(inputs, naming.rows_file, naming.labels)
        clips = matrix.clips or [row.key for row in naming.rows]
        if len(clips) != len(matrix.scores_NK):
            raise FormatError(
                f"{path}: expected {len(clips):,} rows, as the ground truth has, found "
                f"{len(matrix.scores_NK):,}. --rows FILE says which clips they are."
            )
        return replace(matrix, clips=clips)
    if not is_json(path):
        raise FormatError(
            f"{path} names one label a clip, and sums need the scores of all: give a submission "
            "(JSON) or a matrix of scores, as the scores.npz that `kbuild evaluate` writes."
        )
    return _of_submission(inputs, naming)


def _of_submission(inputs: Inputs, naming: Naming) -> Matrix:
    path, said = inputs.predictions, dict[str, dict[str, float]]()
    for _, clips in read_results(path, inputs.problems(path)):
        if clips:
            key = key_of_clip(clips[0]._replace(details=NOTHING))
            said[key] = {clip.label: clip.score or 0.0 for clip in clips if clip.label is not None}
    labels = naming.labels or sorted({row.label for row in naming.rows})
    numbers = {label: number for number, label in enumerate(labels)}
    scores_NK: Scores = np.zeros((len(said), len(labels)))
    for row, scores in enumerate(said.values()):
        for label, score in scores.items():
            if label in numbers:
                scores_NK[row, numbers[label]] = score
    return Matrix(path=path, scores_NK=scores_NK, clips=list(said), labels=labels)


def _places(
    what: str, first: Matrix, mine: Sequence[str], second: Matrix, its: Sequence[str]
) -> list[int]:
    """Return where in `its` each of `mine` stands; both must have the same, each once."""
    places = {name: place for place, name in enumerate(its)}
    for matrix, names in ((first, mine), (second, its)):
        if len(set(names)) < len(names):
            raise FormatError(f"{matrix.path}: a {what} stands twice; sums need each once.")
    lacking = [
        _lacking(what, one, [name for name in names if name not in others], another)
        for one, names, another, others in (
            (first, mine, second, places),
            (second, its, first, set(mine)),
        )
    ]
    if any(lacking):
        raise FormatError(" ".join(("A sum is of the same on both sides:", *filter(None, lacking))))
    return [places[name] for name in mine]


def _lacking(what: str, one: Matrix, names: Iterable[str], another: Matrix) -> str:
    missing = list(names)
    if not missing:
        return ""
    several = {"clip": "clips", "class": "classes"}[what]
    return (
        f"{another.path} lacks {counted(len(missing), what, several)} of {one.path}, for instance "
        f"{missing[0]!r}."
    )
