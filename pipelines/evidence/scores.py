"""What classifiers say of clips that they have not seen: a network's predictions, or our own folds.

Shapes, as name suffixes: N clips, K classes.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kinetics_builder.curation.folds import FoldPlan, both_say, out_of_fold_scores
from kinetics_builder.curation.suspects import Floats, Ints, self_confidence
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.names import clip_file_name, whole_seconds
from kinetics_builder.intervals import Interval
from pipelines.evidence.clips import ShownClip, ShownClips

_HEADER = ("file", "label", "predicted", "probability")


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a network said of one clip of a release."""

    label: str
    predicted: str
    probability: float

    def of_own(self, num_classes: int) -> float:
        """Return the probability of the clip's own label.

        Where another was predicted, an even share of the rest: the file says no more.
        """
        if self.label == self.predicted:
            return self.probability
        return (1 - self.probability) / max(1, num_classes - 1)


def read_predicted(paths: Sequence[Path]) -> dict[str, Predicted]:
    """Return what the `predictions.csv` of `kbuild evaluate` say, by the clip's file.

    Raises:
        FormatError: A file cannot be read, or a row of it.

    """
    found: dict[str, Predicted] = {}
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            if tuple(next(rows, ())[:4]) != _HEADER:
                raise FormatError(
                    f"{path}:1: expected the header {','.join(_HEADER)}. Name the predictions.csv "
                    "that `kbuild evaluate` writes."
                )
            for row in rows:
                found[row[0]] = _predicted(row, f"{path}:{rows.line_num}")
    return found


def _predicted(row: Sequence[str], where: str) -> Predicted:
    try:
        _, label, predicted, text = row
        if not 0 <= (probability := float(text)) <= 1:
            raise ValueError(f"a probability in [0, 1] expected, found {text}")
    except ValueError as error:
        raise FormatError(f"{where}: {error}, in {list(row)}.") from error
    return Predicted(label, predicted, probability)


def fold_scores(shown: ShownClips, seed: int = 0) -> Floats | None:
    """Return scores of all classes for each clip by folds; None where there is nothing to learn."""
    if len(shown.names) < 2 or not shown.numbers_VND.size:
        return None
    return moving_scores(
        shown.numbers_VND, shown.words_VND, shown.labels_N, shown.videos, seed=seed
    )


def moving_scores(
    numbers_VND: Floats, words_VND: Floats, labels_N: Ints, videos: Sequence[str], *, seed: int
) -> Floats:
    """Return what two classifiers together say of clips: one by numbers, the other by words."""
    by_numbers = out_of_fold_scores(numbers_VND, labels_N, videos, FoldPlan(seed=seed, width=0.1))
    by_words = out_of_fold_scores(words_VND, labels_N, videos, FoldPlan(seed=seed))
    return both_say(by_numbers, by_words)


def own_confidence(
    shown: ShownClips, scores_NK: Floats | None, predicted: Mapping[str, Predicted]
) -> Floats:
    """Return each clip's self-confidence: as a network said, else by folds, else NaN."""
    own_N = np.full(len(shown.clips), np.nan)
    if scores_NK is not None:
        own_N = self_confidence(scores_NK, shown.labels_N)
    for place, clip in enumerate(shown.clips):
        said = predicted.get(released_as(clip))
        if said is not None and said.label == clip.label:
            own_N[place] = said.of_own(len(shown.names))
    return own_N


def released_as(clip: ShownClip) -> str:
    """Return the path of a clip's file in a release."""
    seconds = whole_seconds(Interval(clip.start_seconds, clip.end_seconds))
    return f"clips/{clip_file_name(clip.video_id, *seconds)}"
