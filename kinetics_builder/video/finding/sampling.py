"""Which windows of a video are chosen, by what one scorer or two say of each. Pure functions.

HACS (arXiv:1712.09374) has two image classifiers judge a video, one learnt from frames of videos,
one from pictures, and lets people judge windows of three kinds: on which both score high
(max-consensus), on which they disagree (max-entropy), and drawn by chance (random). From one
budget max-consensus gave the most clips that show the action, max-entropy the fewest; the paper
trains on the first and tests on a mix of all three, so that a test favours neither classifier.

The paper gives no formulas that we know of. Ours, of a window's mean scores a and b in [0, 1]:

best           (a + b) / 2, or a where one scorer alone knows the label; without a choice, as ever
max_consensus  min(a, b): high only where both are
max_entropy    H((a + b) / 2) - (H(a) + H(b)) / 2, in bits, with H the entropy of yes and no: what
               of the entropy of their mean is due to their disagreement (Jensen-Shannon). 0 where
               they agree, also on being unsure; 1 where one is sure and the other is sure of the
               opposite
random         a number drawn from [0, 1] by the seed, the video, the label and the window's start
               alone: equal on every machine and in every order, and whatever the scores are
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import log2
from statistics import fmean
from typing import TYPE_CHECKING

from kinetics_builder.intervals import Interval

if TYPE_CHECKING:
    from kinetics_builder.video.finding.peaks import Peak


class Sampling(StrEnum):
    """How windows are chosen."""

    BEST = "best"
    MAX_CONSENSUS = "max_consensus"
    MAX_ENTROPY = "max_entropy"
    RANDOM = "random"

    @property
    def needs_two(self) -> bool:
        """Whether one scorer cannot say which windows those are."""
        return self in (Sampling.MAX_CONSENSUS, Sampling.MAX_ENTROPY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """How the windows of one video for one label are chosen."""

    sampling: Sampling = Sampling.BEST
    seed: int = 0
    """Of `random`; another draws other windows."""
    of: str = ""
    """What is drawn from."""

    def among(self, video_id: str, label: str, num_scorers: int) -> "Draw":
        """Return the draw from one video, of which so many scorers know the label.

        What needs two falls back on the best where fewer do.
        """
        too_few = self.sampling.needs_two and num_scorers < 2
        sampling = Sampling.BEST if too_few else self.sampling
        return replace(self, sampling=sampling, of=f"{video_id}\n{label}")

    def weighed(self, judged: Sequence[Sequence["Peak"]]) -> list["Peak"]:
        """Return each window with what it is chosen by, in [0, 1], for its score.

        `judged` holds all windows in the same order for each scorer, one or two.
        """
        assert 1 + self.sampling.needs_two <= len(judged) <= 2, "as many scorers as it needs"
        if self.sampling is Sampling.BEST and len(judged) == 1:
            return list(judged[0])
        return [
            same[0]._replace(score=round(self._weight(same[0].window, [p.score for p in same]), 9))
            for same in zip(*judged, strict=True)
        ]

    def _weight(self, window: Interval, scores: Sequence[float]) -> float:
        match self.sampling:
            case Sampling.MAX_CONSENSUS:
                return min(scores)
            case Sampling.MAX_ENTROPY:
                return disagreement(*scores)
            case Sampling.RANDOM:
                return self._drawn(window.start)
            case _:
                return fmean(scores)

    def _drawn(self, start_seconds: float) -> float:
        text = f"{self.seed}\n{self.of}\n{start_seconds:.6f}"
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(digest[:4]) / 2**32


def disagreement(a: float, b: float) -> float:
    """Return how much two probabilities disagree, in [0, 1] bits.

    >>> disagreement(0.0, 1.0), disagreement(0.5, 0.5)
    (1.0, 0.0)
    """
    return max(0.0, _entropy((a + b) / 2) - (_entropy(a) + _entropy(b)) / 2)


def _entropy(probability: float) -> float:
    """Return the entropy of yes and no, bits."""
    return -sum(p * log2(p) for p in (probability, 1 - probability) if p > 0)
