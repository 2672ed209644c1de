"""What was found of each class, best first, and the average precisions of it.

Shapes, as name suffixes: N ranked items, V videos, K classes.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kinetics_builder.metrics.ava.boxes import Bools, Floats, Ints
from kinetics_builder.metrics.average_precision import interpolated_average_precision
from kinetics_builder.metrics.introsort import introsort_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Items by class, best first, each right or wrong, and how much there was to find."""

    hits_N: Bools
    videos_N: Ints
    ends_K: Ints
    """Where each class's items end; the next class's begin there."""
    positives_VK: Floats
    """True boxes (or tubes) of each video and class."""

    def average_precisions(self, weights_V: Floats | None = None) -> Floats:
        """Return the average precision of each class, a video counted as often as it weighs.

        NaN for a class of which there is nothing to find; 0 where nothing was found.
        """
        ones_V = np.ones(len(self.positives_VK))
        positives_K = (ones_V if weights_V is None else weights_V) @ self.positives_VK
        weights_N = None if weights_V is None else weights_V[self.videos_N]
        starts = [0, *self.ends_K[:-1].tolist()]
        values = [
            interpolated_average_precision(
                self.hits_N[start:end],
                num_positives,
                None if weights_N is None else weights_N[start:end],
            )
            for start, end, num_positives in zip(
                starts, self.ends_K.tolist(), positives_K.tolist(), strict=True
            )
        ]
        return np.array(values)

    def mean_average_precision(self, weights_V: Floats | None = None) -> float:
        """Return the mean over the classes of which there is something to find; NaN without."""
        return nan_mean(self.average_precisions(weights_V))


def nan_mean(values: Floats) -> float:
    """Return the mean of the values that are not NaN; NaN if all are."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def positives(videos_N: Ints, classes_N: Ints, num_videos: int, num_classes: int) -> Floats:
    """Return how much there is to find of each video and class (V, K)."""
    codes_N = videos_N * num_classes + classes_N
    counts = np.bincount(codes_N, minlength=num_videos * num_classes)
    return counts.reshape(num_videos, num_classes).astype(np.float64)


def official_order(scores_N: Floats, classes_N: Ints, num_classes: int) -> tuple[Ints, Ints]:
    """Return (N) the items by class and descending score, and (K) where each class ends.

    Equal scores of a class stand in the reversed order of `introsort_order`.
    """
    # Few classes fit in 16 bits, which numpy sorts by their digits.
    small_N = classes_N.astype(np.uint16 if num_classes <= 1 << 16 else np.int64)
    order_N = np.argsort(small_N, kind="stable").astype(np.int64)
    ends_K = np.cumsum(np.bincount(classes_N, minlength=num_classes)).astype(np.int64)
    for start, end in pairwise([0, *ends_K.tolist()]):
        rows = order_N[start:end]
        order_N[start:end] = rows[introsort_order(scores_N[rows])[::-1]]
    return order_N, ends_K
