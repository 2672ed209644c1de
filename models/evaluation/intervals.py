"""How sure the measures of a network are: intervals by the bootstrap over videos.

Shapes, as name suffixes: N clips, V videos, K classes.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.metrics.bootstrap import bootstrap_intervals
from kinetics_builder.metrics.classification import ranks_and_best

NUM_REPLICATES = 1000
_Floats = NDArray[np.float64]
Interval = tuple[float, float]


def accuracy_intervals(
    scores_NK: NDArray[np.float32], truth_N: NDArray[np.int64], videos: Sequence[str]
) -> dict[str, Interval]:
    """Return the 95 % interval of top1, top5 and mean_class_accuracy, by name.

    Videos are drawn, with all of their clips, 1,000 times with a fixed seed.
    """
    ranks_N, _ = ranks_and_best(scores_NK, truth_N)
    names, video_N = np.unique(np.asarray(videos, dtype=str), return_inverse=True)
    hits = {"top1": ranks_N < 1, "top5": ranks_N < 5}
    num_classes = scores_NK.shape[1]

    def measures(counts_V: _Floats) -> _Floats:
        weight_N = counts_V[video_N]
        total = weight_N.sum()
        shares = [float((weight_N * hit_N).sum()) / total for hit_N in hits.values()]
        total_K = np.bincount(truth_N, weight_N, num_classes)
        right_K = np.bincount(truth_N, weight_N * hits["top1"], num_classes)
        is_there_K = total_K > 0
        return np.array([*shares, float((right_K[is_there_K] / total_K[is_there_K]).mean())])

    found = bootstrap_intervals(measures, len(names), NUM_REPLICATES)
    named = zip((*hits, "mean_class_accuracy"), found.tolist(), strict=True)
    return {name: (low, high) for name, (low, high) in named}
