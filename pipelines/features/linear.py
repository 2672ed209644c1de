"""A linear classifier on features of clips, as people trained after C3D (arXiv:1412.0767).

Shapes, as name suffixes: N clips, D features, K classes.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.errors import ModelError
from kinetics_builder.metrics.classification import confusion_matrix, mean_class_accuracy

if TYPE_CHECKING:
    from models.evaluation.features import ClipFeatures

COSTS = (0.01, 0.1, 1.0, 10.0, 100.0)
"""The values of C that are tried."""
_FOLDS = 5
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Examples:
    """Clips to learn from, or to be judged by."""

    features_ND: Floats
    labels: Sequence[str]
    videos: Sequence[str]
    """No two folds share one."""


@dataclass(frozen=True)
class LinearReport:
    """What a linear support vector machine came to."""

    cost: float
    """The C that was chosen."""
    fold_accuracies: Mapping[float, float]
    """Mean accuracy over the folds, by C."""
    num_train: int
    num_test: int
    top1: float
    mean_class_accuracy: float


def fit_on(found: "ClipFeatures") -> LinearReport:
    """Fit on the split train and score on test; raises as `fit_linear`."""
    return fit_linear(_examples(found, "train"), _examples(found, "test"))


def _examples(found: "ClipFeatures", split: str) -> Examples:
    places = [place for place, row in enumerate(found.rows) if row.split == split]
    rows = [found.rows[place] for place in places]
    return Examples(
        found.features_ND[places], [row.label for row in rows], [row.youtube_id for row in rows]
    )


def fit_linear(train: Examples, test: Examples, seed: int = 0) -> LinearReport:
    """Fit a linear SVM, one class against the rest, and score it.

    Features are brought to length 1, as in arXiv:1412.0767. C is chosen by folds over the videos
    of the training clips: of equal accuracies the smallest.

    Raises ModelError without scikit-learn, and where there is too little to learn from.
    """
    try:
        from sklearn.model_selection import StratifiedGroupKFold, cross_val_score
    except ImportError as error:
        raise ModelError(
            "--linear needs scikit-learn: pip install 'kinetics-builder[linear]'."
        ) from error
    num_videos = {label: set[str]() for label in train.labels}
    for label, video in zip(train.labels, train.videos, strict=True):
        num_videos[label].add(video)
    folds = min(_FOLDS, min(map(len, num_videos.values()), default=0))
    if len(num_videos) < 2 or folds < 2 or not len(test.labels):
        raise ModelError(
            "--linear needs two classes or more with two training videos each, and clips to be "
            f"judged by; found {len(num_videos)} classes, the smallest of {folds} videos, and "
            f"{len(test.labels)} clips in the split 'test'."
        )
    if not all(np.isfinite(one.features_ND).all() for one in (train, test)):
        raise ModelError(
            "--linear needs finite features, and this layer gives some that are no numbers: the "
            "network has gone astray. Train it again with a lower --rate, or choose another layer."
        )
    x_ND, y_N = _unit(train.features_ND), np.asarray(train.labels)
    by = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    parts = list(by.split(x_ND, y_N, train.videos))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Ll]iblinear failed to converge.*")
        scores = {
            cost: float(cross_val_score(_machine(cost, seed), x_ND, y_N, cv=parts).mean())
            for cost in COSTS
        }
        cost = min(COSTS, key=lambda one: (-scores[one], one))
        machine = _machine(cost, seed).fit(x_ND, y_N)
    said = machine.predict(_unit(test.features_ND))
    names = sorted({*train.labels, *test.labels})
    truth, predicted = (np.searchsorted(names, some) for some in (list(test.labels), said))
    return LinearReport(
        cost=cost,
        fold_accuracies=scores,
        num_train=len(y_N),
        num_test=len(test.labels),
        top1=float((truth == predicted).mean()),
        mean_class_accuracy=mean_class_accuracy(confusion_matrix(predicted, truth, len(names))),
    )


def _machine(cost: float, seed: int) -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC(C=cost, random_state=seed, max_iter=5000)


def _unit(features_ND: Floats) -> Floats:
    length_N1 = np.linalg.norm(features_ND, axis=1, keepdims=True)
    unit_ND: Floats = features_ND / np.maximum(length_N1, np.float32(1e-12))
    return unit_ND
