"""Which clips make up which step: an order that is a pure function of the seed and the step."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.clips.shapes import Shape, Stretch


class Key(NamedTuple):
    """One sample: the same key gives the same one."""

    clip: int
    """Its position among the clips."""
    seed: int
    position: int
    """Its position in the stream of samples."""
    shape: Shape | None = None
    """What it is cut to; None: the network's own frames and square."""


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """How often each clip comes in a pass, 1 on average."""

    per_clip: NDArray[np.float64]


def balanced(labels: Sequence[str], balance: float) -> Shares | None:
    """Return how often each clip should come, so that rare classes are learnt from more often.

    A class of n clips comes n^(1 - balance) times as often as a class of one: with 0 as often as
    it has clips (None is returned), with 1 as often as every other, with 0.5 by the root of its
    clips, as is usual for long tails (arXiv:1908.03195).
    """
    if not balance or not labels:
        return None
    counts = Counter(labels)
    wanted = np.array([counts[label] ** -balance for label in labels])
    return Shares(wanted * (len(labels) / wanted.sum()))


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Shuffled passes over all clips, one after another.

    The plan has no state, so a resumed run goes on with the batches it would have had.
    """

    num_clips: int
    batch_size: int
    """Samples of a step, over all ranks, of those that `stretches` does not tell."""
    seed: int
    num_steps: int
    rank: int = 0
    num_ranks: int = 1
    repeats: int = 1
    """Samples that follow one another of each clip."""
    shares: Shares | None = None
    """How often each clip comes; None: once a pass."""
    stretches: tuple[Stretch, ...] = ()
    """The steps, where they differ in size and shape; none: all are alike."""

    def keys(self, step: int) -> list[Key]:
        """Return the samples of one step that belong to this rank: those that follow one another.

        So norms that take their statistics over a rank's clips take them as one process does that
        groups so many, and the repeats of a clip are decoded together.
        """
        first, size, shape = self._step(step)
        own = size // self.num_ranks
        begin = first + self.rank * own
        stream = range(begin, begin + own)
        return [Key(self._clip(position), self.seed, position, shape) for position in stream]

    def num_samples(self, step: int) -> int:
        """Return how many samples of one step belong to each rank."""
        return self._step(step)[1] // self.num_ranks

    def _step(self, step: int) -> tuple[int, int, Shape | None]:
        """Return a step's first sample, how many it has, and what they are cut to."""
        first = 0
        for stretch in self.stretches:
            if step < stretch.num_steps:
                turn = stretch.turn(step)
                return first + stretch.samples_before(step), turn.batch_size, turn.shape
            first += stretch.samples_before(stretch.num_steps)
            step -= stretch.num_steps
        return first + step * self.batch_size, self.batch_size, None

    def _clip(self, position: int) -> int:
        epoch, place = divmod(position // self.repeats, self.num_clips)
        return int(_order(self.num_clips, self.seed, epoch, self.shares)[place])

    def steps_from(self, step: int) -> Iterator[list[Key]]:
        """Yield the keys of each step from `step` on."""
        for number in range(step, self.num_steps):
            yield self.keys(number)

    def after_it(self, num_samples: int) -> Iterator[list[Key]]:
        """Yield as many samples as that of the steps that would follow the last one."""
        for number in range(-(-num_samples // self.batch_size)):
            yield self.keys(self.num_steps + number)


@lru_cache(maxsize=2)
def _order(num_clips: int, seed: int, epoch: int, shares: Shares | None) -> NDArray[np.int64]:
    random = np.random.default_rng((seed, 0, epoch))
    if shares is None:
        return random.permutation(num_clips)
    return random.permutation(_drawn(shares.per_clip, random))


def _drawn(shares: NDArray[np.float64], random: np.random.Generator) -> NDArray[np.int64]:
    """Return as many clips as there are, each the whole number below or above its share of times.

    One point is drawn, the others lie one apart on the line of all shares end to end (systematic
    sampling): no clip's number varies by more than one, and its mean is its share.
    """
    order = random.permutation(len(shares))
    ends = np.cumsum(shares[order])
    ends *= len(shares) / ends[-1]
    points = random.random() + np.arange(len(shares))
    places = np.searchsorted(ends, points, side="right").clip(max=len(shares) - 1)
    drawn: NDArray[np.int64] = order[places]
    return drawn
