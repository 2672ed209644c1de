"""How sure the measures of a network are: intervals by the bootstrap over videos.

Shapes, as name suffixes: N clips, V videos, K classes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.metrics.bootstrap import bootstrap_intervals
from kinetics_builder.metrics.classification import truth_ranks
from kinetics_builder.metrics.shares import wilson

NUM_REPLICATES = 1000
_Floats = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Marks:
    """Where the truth stood in what a network said of clips."""

    ranks_N: NDArray[np.int64]
    """How many classes were ranked above the true one; `NOT_READ` for a clip that is missing."""
    truth_N: NDArray[np.int64]
    videos: Sequence[str]
    num_classes: int

    @classmethod
    def of(
        cls, scores_NK: NDArray[np.float32], truth_N: NDArray[np.int64], videos: Sequence[str]
    ) -> Self:
        """Return the marks of clips that were read."""
        return cls(truth_ranks(scores_NK, truth_N), truth_N, videos, scores_NK.shape[1])

    def with_missing(self, truth_N: NDArray[np.int64], videos: Sequence[str]) -> Self:
        """Return them with clips that were not read: wrong, whatever is asked."""
        ranks_N = np.full(len(truth_N), NOT_READ)
        return replace(
            self,
            ranks_N=np.concatenate([self.ranks_N, ranks_N]),
            truth_N=np.concatenate([self.truth_N, truth_N]),
            videos=[*self.videos, *videos],
        )

    @property
    def accuracies(self) -> dict[str, float]:
        """Return top1, top5 and mean_class_accuracy."""
        found = self._measured(np.ones(len(self.ranks_N)))
        return dict(zip(_NAMES, found.tolist(), strict=True))

    @property
    def intervals(self) -> dict[str, Interval]:
        """Return the 95 % interval of each, by name.

        Videos are drawn, with all of their clips, 1,000 times with a fixed seed. Where all draws
        agree, as of a test in which all is right, it is Wilson's of as many videos.
        """
        names, video_N = np.unique(np.asarray(self.videos, dtype=str), return_inverse=True)
        found = bootstrap_intervals(
            lambda counts_V: self._measured(counts_V[video_N]), len(names), NUM_REPLICATES
        )
        return {
            name: wilson(low * len(names), len(names)) if low == high else (low, high)
            for name, (low, high) in zip(_NAMES, found.tolist(), strict=True)
        }

    def _measured(self, weight_N: _Floats) -> _Floats:
        """Return the measures of clips that count so often."""
        total = weight_N.sum()
        shares = [float((weight_N * (self.ranks_N < k)).sum()) / total for k in (1, 5)]
        total_K = np.bincount(self.truth_N, weight_N, self.num_classes)
        right_K = np.bincount(self.truth_N, weight_N * (self.ranks_N < 1), self.num_classes)
        is_there_K = total_K > 0
        return np.array([*shares, float((right_K[is_there_K] / total_K[is_there_K]).mean())])


_NAMES = ("top1", "top5", "mean_class_accuracy")
NOT_READ = np.iinfo(np.int64).max
