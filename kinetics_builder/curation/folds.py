"""Scores of clips by a classifier that has not seen them: kernel ridge regression, fold by fold.

A cheap stand-in for a network: it learns from numbers that say how a clip moves. Where a network's
own scores are there, they are better. Shapes, as name suffixes: V views of each clip, N clips, D
numbers of a view, K classes, M landmarks.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class FoldPlan:
    """How clips are scored."""

    num_folds: int = 10
    ridge: float = 0.3
    """The larger, the smoother."""
    width: float = 0.3
    """Of the kernel exp(-width * d), where d is the mean squared difference of two clips' numbers,
    each scaled to a variance of 1."""
    sharpness: float = 6.0
    """By which what comes out is multiplied before it is made probabilities."""
    max_landmarks: int = 2000
    """Views by which all others are described: more cost memory and time, and tell more."""
    seed: int = 0


def out_of_fold_scores(
    features_VND: Floats, labels_N: Ints, groups: Sequence[str], plan: FoldPlan | None = None
) -> Floats:
    """Return probabilities of all classes for each clip, by a classifier that learnt from others.

    Args:
        features_VND: Several views of each clip, as itself and mirrored: all are learnt from, and
            what is said of them is averaged.
        labels_N: Numbers from 0.
        groups: What a clip may not be learnt from together with, as its video: one for each clip.
        plan: How.

    """
    plan = plan or FoldPlan()
    num_classes = int(labels_N.max(initial=-1)) + 1
    scores_NK = np.full((len(labels_N), num_classes), 1 / max(1, num_classes))
    if not len(labels_N):
        return scores_NK
    scaled_VND = _scaled(features_VND)
    folds_N = np.array([_fold(group, plan) for group in groups], np.int64)
    for fold in np.unique(folds_N):
        is_known_N = folds_N != fold
        if is_known_N.any():
            learnt = _learn(scaled_VND[:, is_known_N], labels_N[is_known_N], num_classes, plan)
            asked = np.mean([learnt.said(view) for view in scaled_VND[:, ~is_known_N]], axis=0)
            scores_NK[~is_known_N] = _probabilities(plan.sharpness * asked)
    return scores_NK


def both_say(one_NK: Floats, other_NK: Floats) -> Floats:
    """Return the probabilities that two classifiers give together: their geometric mean."""
    both = np.sqrt(one_NK * other_NK)
    together: Floats = both / both.sum(1, keepdims=True)
    return together


def _scaled(features_VND: Floats) -> Floats:
    spread_D = features_VND.std((0, 1))
    scaled: Floats = (features_VND - features_VND.mean((0, 1))) / np.where(spread_D, spread_D, 1)
    scaled /= np.sqrt(features_VND.shape[2])
    return scaled


def _fold(group: str, plan: FoldPlan) -> int:
    digest = hashlib.sha256(f"{plan.seed}\n{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % plan.num_folds


@dataclass(frozen=True, eq=False)
class _Learnt:
    landmarks_MD: Floats
    weights_MK: Floats
    width: float

    def said(self, clips_ND: Floats) -> Floats:
        return _kernel(clips_ND, self.landmarks_MD, self.width) @ self.weights_MK


def _learn(known_VND: Floats, labels_N: Ints, num_classes: int, plan: FoldPlan) -> _Learnt:
    clips_ND = known_VND.reshape(-1, known_VND.shape[2])
    wanted_NK = np.eye(num_classes)[np.tile(labels_N, len(known_VND))] - 1 / num_classes
    random = np.random.default_rng(plan.seed)
    places = random.permutation(len(clips_ND))[: plan.max_landmarks]
    landmarks_MD = clips_ND[np.sort(places)]
    kernel_NM = _kernel(clips_ND, landmarks_MD, plan.width)
    own_MM = _kernel(landmarks_MD, landmarks_MD, plan.width)
    weighed = kernel_NM.T @ kernel_NM + plan.ridge * own_MM
    weighed[np.diag_indices_from(weighed)] += 1e-6
    weights_MK = np.linalg.solve(weighed, kernel_NM.T @ wanted_NK).astype(np.float64)
    return _Learnt(landmarks_MD, weights_MK, plan.width)


def _kernel(one_ND: Floats, other_MD: Floats, width: float) -> Floats:
    squares = (one_ND**2).sum(1)[:, None] + (other_MD**2).sum(1) - 2 * one_ND @ other_MD.T
    near: Floats = np.exp(-width * np.maximum(squares, 0))
    return near


def _probabilities(said_NK: Floats) -> Floats:
    shares: Floats = np.exp(said_NK - said_NK.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    return shares
