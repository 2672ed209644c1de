"""What networks say of clips of a release, by the files that evaluations write.

`predictions.csv` names the best class of each clip, `scores.npz` has the scores of all classes: the
same file that `kbuild measure kinetics` takes. Clips go by `id_start_end`, or by their file's name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.cells import parsed, table
from kinetics_builder.formats.names import parse_clip_name, whole_seconds
from kinetics_builder.formats.problems import Problems
from kinetics_builder.intervals import Interval
from pipelines.evidence.clips import ShownClip
from pipelines.measuring.kinetics.matrix import is_matrix, read_matrix
from pipelines.measuring.result import Inputs

_HEADER = ("file", "label", "predicted", "probability")


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a network said of one clip of a release."""

    predicted: str
    probability: float
    label: str | None = None
    """What the clip was released as; None where the file does not say."""
    scores: Mapping[str, float] | None = None
    """Of all classes that the network knows; None where the file names the best alone."""

    def of_own(self, label: str, num_classes: int) -> float | None:
        """Return the probability of a label that a clip has, None where nothing is said of it.

        Where all that is known is that another was predicted, an even share of the rest.
        """
        if self.scores is not None:
            return self.scores.get(label)
        if self.label != label:
            return None
        if self.label == self.predicted:
            return self.probability
        return (1 - self.probability) / max(1, num_classes - 1)


def read_predicted(paths: Sequence[Path]) -> dict[str, Predicted]:
    """Return what files of predictions say, by `key_of` of the clip; the last file counts.

    Raises:
        FormatError: A file cannot be read, or a row of it.
        ConfigError: A table of scores does not say which column is which class.

    """
    return {
        key: one
        for path in paths
        for key, one in (_of_matrix(path) if is_matrix(path) else _of_table(path))
    }


def key_of(clip: ShownClip) -> str:
    """Return what files of predictions call a clip."""
    start, end = whole_seconds(Interval(clip.start_seconds, clip.end_seconds))
    return f"{clip.video_id}_{start}_{end}"


def _of_matrix(path: Path) -> Iterator[tuple[str, Predicted]]:
    matrix = read_matrix(Inputs(ground_truth=path, predictions=path), None, None)
    if matrix.clips is None or len(matrix.clips) != len(matrix.scores_NK):
        raise FormatError(
            f"{path}: expected an array `clips` with the name of each of the "
            f"{len(matrix.scores_NK)} rows. Name the scores.npz that `kbuild evaluate` writes."
        )
    if not np.isfinite(matrix.scores_NK).all() or matrix.scores_NK.min(initial=0) < 0:
        raise FormatError(f"{path}: expected probabilities, found numbers below 0 or none at all.")
    sums_N = matrix.scores_NK.sum(axis=1, keepdims=True)
    shares_NK = matrix.scores_NK / np.where(sums_N > 0, sums_N, 1)
    for key, shares_K in zip(matrix.clips, shares_NK.tolist(), strict=True):
        scores = dict(zip(matrix.labels, shares_K, strict=True))
        best = max(scores, key=lambda label: scores[label])
        yield key, Predicted(best, scores[best], scores=scores)


def _of_table(path: Path) -> Iterator[tuple[str, Predicted]]:
    problems = Problems(path)
    header, rows = table(path, _HEADER, problems)
    places = [header.index(name) for name in _HEADER]
    return parsed(([row[at] for at in places] for row in rows), _predicted, problems)


def _predicted(row: Sequence[str]) -> tuple[str, Predicted]:
    file, label, predicted, text = row
    if not 0 <= (probability := float(text)) <= 1:
        raise ValueError(f"a probability in [0, 1] expected, found {text}")
    stem = PurePosixPath(file).stem
    named = parse_clip_name(stem)
    return named.key if named else stem, Predicted(predicted, probability, label)
