"""Judging whole videos, and their points of time, as Charades does (arXiv:1604.01753).

A network is asked about a view around each of the 25 points of a video. What it says there is the
score of the point; the highest over all points is the video's.

Shapes, as name suffixes: V videos, P points, K classes, I items (videos, or points).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from kinetics_builder.metrics.charades import (
    NUM_POINTS,
    average_precisions,
    mean_average_precision,
    rank_classes,
    times_of_points,
)
from models.clips.loading import in_order
from models.clips.release import BrokenClip
from models.evaluation.at_once import AtOnce
from models.evaluation.predict import Asking
from models.many_labels.dataset import PointViews, done_within
from models.many_labels.folder import Video
from models.spec import NetworkSpec
from models.training.means import Means
from models.training.ranks import work_shared

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class SaidOfVideo:
    """What a network said of a video."""

    video: Video
    scores_PK: Floats
    """The probability of each class by itself, around each point."""

    @property
    def scores_K(self) -> Floats:
        """Return the video's scores: the highest over its points."""
        highest: Floats = self.scores_PK.max(0)
        return highest


def each_by_itself(logits_BK: Tensor) -> Tensor:
    """Return the probability of each class by itself."""
    return logits_BK.float().sigmoid()


@dataclass(frozen=True)
class Judge:
    """A network that is asked about videos."""

    network: nn.Module
    spec: NetworkSpec
    means: Means
    at_once: AtOnce = field(default_factory=AtOnce)

    def ask(self, videos: Sequence[Video]) -> Iterator[SaidOfVideo | BrokenClip]:
        """Yield what is said of each video, or why nothing is."""
        views = in_order(PointViews(videos, self.spec), self.means.num_workers)
        for video, seen in zip(videos, views, strict=True):
            if isinstance(seen, BrokenClip):
                yield seen
                continue
            asking = Asking(
                self.network,
                self.spec.normalisation,
                self.means.device,
                each_by_itself,
                self.at_once,
            )
            asking.take(list(seen))
            yield SaidOfVideo(video, asking.averaged(len(seen)))


@dataclass(frozen=True, slots=True)
class Judged:
    """What is said of videos, and those that could not be read."""

    said: list[SaidOfVideo]
    broken: list[BrokenClip]
    unread: list[Video]
    """The broken ones."""

    def measured(self, num_classes: int, unpredicted: Sequence[Video] = ()) -> dict[str, float]:
        """Return the measures; videos of `unpredicted` rank last, as in the official code.

        Among those that rank alike, the one whose rows stand first is the first.
        """
        nothing = np.full((NUM_POINTS, num_classes), -np.inf, np.float32)
        unsaid = [SaidOfVideo(video, nothing) for video in unpredicted]
        listed = sorted([*self.said, *unsaid], key=lambda one: one.video.place)
        return measured(listed, num_classes) if self.said else {}


def judged(judge: Judge, videos: Sequence[Video]) -> Judged:
    """Return what is said of the videos; ranks share them."""
    answers = work_shared(judge.means.ranks, videos, judge.ask)
    pairs = list(zip(videos, answers, strict=True))
    return Judged(
        said=[one for one in answers if isinstance(one, SaidOfVideo)],
        broken=[one for one in answers if isinstance(one, BrokenClip)],
        unread=[video for video, one in pairs if isinstance(one, BrokenClip)],
    )


def measured(said: Sequence[SaidOfVideo], num_classes: int) -> dict[str, float]:
    """Return `mAP` of whole videos and `localization_mAP` of their points, where there is truth.

    Classes that nobody does do not count. A video without actions ranks last, as in the official
    code; a point is a positive from an action's start to its end, both included.
    """
    whole_VK = np.stack([done_within(one.video, 0.0, np.inf, num_classes) for one in said]) > 0
    scores_VK = np.stack([one.scores_K for one in said]).astype(np.float64)
    scores_VK[~whole_VK.any(axis=1)] = -np.inf
    points_IK = np.concatenate([_done_at_points(one.video, num_classes) for one in said])
    scores_IK = np.concatenate([one.scores_PK for one in said]).astype(np.float64)
    found = {"mAP": _mean(scores_VK, whole_VK), "localization_mAP": _mean(scores_IK, points_IK)}
    return {name: value for name, value in found.items() if not np.isnan(value)}


def _done_at_points(video: Video, num_classes: int) -> NDArray[np.bool_]:
    times = times_of_points(video.seconds).tolist()
    return np.stack([done_within(video, one, one, num_classes) for one in times]) > 0


def _mean(scores_IK: NDArray[np.float64], truth_IK: NDArray[np.bool_]) -> float:
    return mean_average_precision(average_precisions(rank_classes(scores_IK, truth_IK))[0])
