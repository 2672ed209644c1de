"""How sure a mean is: bootstrap over seeds, and over the videos of each.

Shapes, as name suffixes: N clips, V videos.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NUM_REPLICATES = 2000
_Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """A value for each clip of one seed's test, and of which video each clip is."""

    values_N: _Floats
    videos: tuple[str, ...]

    @property
    def mean(self) -> float:
        """Return the mean over the clips."""
        return float(self.values_N.mean())

    def by_video(self) -> tuple[_Floats, _Floats]:
        """Return sums_V and counts_V."""
        names, places = np.unique(np.asarray(self.videos), return_inverse=True)
        counts_V = np.bincount(places, minlength=len(names)).astype(np.float64)
        sums_V = np.bincount(places, self.values_N, len(names)).astype(np.float64)
        return sums_V, counts_V


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over seeds, and its 95 % interval."""

    mean: float
    low: float
    high: float
    num_seeds: int

    def __str__(self) -> str:
        return f"{100 * self.mean:.1f} ({100 * self.low:.1f} to {100 * self.high:.1f})"


def estimate(samples: Sequence[Sample], seed: int = 0) -> Estimate:
    """Return the mean over seeds of the clips' means.

    The interval is the percentiles' of a bootstrap in two steps: seeds are drawn, and of each the
    videos of its test, with all of their clips. With one seed it is over videos alone: what another
    training would come to, it does not tell.
    """
    random = np.random.default_rng(seed)
    parts = [sample.by_video() for sample in samples]
    means = np.empty(NUM_REPLICATES)
    for number in range(NUM_REPLICATES):
        drawn = random.integers(len(parts), size=len(parts))
        means[number] = np.mean([_mean_of(parts[one], random) for one in drawn])
    low, high = np.quantile(means, (0.025, 0.975))
    mean = float(np.mean([sample.mean for sample in samples]))
    return Estimate(mean, float(low), float(high), len(samples))


def _mean_of(part: tuple[_Floats, _Floats], random: np.random.Generator) -> float:
    sums_V, counts_V = part
    drawn_V = random.integers(len(sums_V), size=len(sums_V))
    return float(sums_V[drawn_V].sum() / counts_V[drawn_V].sum())


def difference(ours: Sample, theirs: Sample) -> Sample:
    """Return the differences clip by clip of two samples of the same clips."""
    assert ours.videos == theirs.videos, "both are of the same clips, in the same order"
    return Sample(ours.values_N - theirs.values_N, ours.videos)
