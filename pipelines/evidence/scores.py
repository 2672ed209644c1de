"""What classifiers say of clips that they have not seen: a network's scores, or our own folds.

Shapes, as name suffixes: V views, N clips, D numbers, K classes.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kinetics_builder.curation.folds import FoldPlan, both_say, out_of_fold_scores
from kinetics_builder.curation.suspects import Floats, Ints, self_confidence
from kinetics_builder.formats.names import clip_file_name, whole_seconds
from kinetics_builder.intervals import Interval
from pipelines.evidence.clips import ShownClip, ShownClips
from pipelines.evidence.predicted import Predicted, key_of


def class_scores(
    shown: ShownClips, predicted: Mapping[str, Predicted], seed: int = 0
) -> Floats | None:
    """Return scores of all classes for each clip; None where there is nothing to learn.

    A network's, of the clips of which `predicted` has the scores of all classes, else by folds.
    A clip of which neither says anything has NaN.
    """
    if len(shown.names) < 2:
        return None
    scores_NK = np.full((len(shown.clips), len(shown.names)), np.nan)
    for place, clip in enumerate(shown.clips):
        said = predicted.get(key_of(clip))
        if said is not None and said.scores is not None and said.scores.keys() >= {*shown.names}:
            scores_NK[place] = [said.scores[name] for name in shown.names]
    missing_N = np.isnan(scores_NK).any(axis=1)
    if missing_N.any() and shown.numbers_VND.size:
        by_folds_NK = moving_scores(
            shown.numbers_VND, shown.words_VND, shown.labels_N, shown.videos, seed=seed
        )
        scores_NK[missing_N] = by_folds_NK[missing_N]
    return None if np.isnan(scores_NK).all() else scores_NK


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
        said = predicted.get(key_of(clip))
        own = None if said is None else said.of_own(clip.label, len(shown.names))
        if own is not None:
            own_N[place] = own
    return own_N


def taken_for(
    shown: ShownClips, scores_NK: Floats | None, predicted: Mapping[str, Predicted]
) -> list[str]:
    """Return what each clip is taken for; empty where nothing says anything."""
    found = [""] * len(shown.clips)
    for place, clip in enumerate(shown.clips):
        if (said := predicted.get(key_of(clip))) is not None:
            found[place] = said.predicted
        elif scores_NK is not None and not np.isnan(scores_NK[place]).any():
            found[place] = shown.names[int(scores_NK[place].argmax())]
    return found


def released_as(clip: ShownClip) -> str:
    """Return the path of a clip's file in a release."""
    seconds = whole_seconds(Interval(clip.start_seconds, clip.end_seconds))
    return f"clips/{clip_file_name(clip.video_id, *seconds)}"
