"""What a step gives for each thing that comes to it: as the workspace's classes tell, or stated.

Shapes, as name suffixes: N draws, M classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kinetics_builder.text.counting import counted
from pipelines.inspecting.planning.draws import NUM_DRAWS, Draws, between, generator
from pipelines.inspecting.planning.history import ClassHistory, total

_LEAST_CLASSES = 3
"""So many classes show how far classes differ; fewer are taken to differ by `_FACTOR`."""
_FACTOR = 1.5
_TOO_NARROW = 2.0
"""Draws from M classes spread too little, by about sqrt((M + 1) / (M - 1)) and what Student's t has
over the normal distribution: together nearly 1 + 2 / M (`benchmarks/planning.py` measures it)."""
_FEW = 30
"""How classes differ shows the part of chance too, but where fewer things were counted in all."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """A rate where there is no history: bounds, and who says so."""

    low: float
    likely: float
    high: float
    source: str


@dataclass(frozen=True, slots=True)
class Rate:
    """What a rate is a share or a mean of, in the columns of `ClassHistory`."""

    of: str
    per: str
    words: str
    """What it says, with `{}` in place of the number."""
    is_share: bool = False
    """Whether it is at most 1."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A rate, and where it comes from."""

    draws_N: Draws
    origin: str


RATES: Mapping[str, Rate] = {
    "listed": Rate("listed", "places_asked", "{} new videos for each one asked", is_share=True),
    "candidates": Rate("candidates", "listed", "{} candidates for each video listed"),
    "fetched": Rate("fetched", "tried", "{} of the videos can be had", is_share=True),
    "media_seconds": Rate("media_seconds", "fetched", "{} s a video"),
    "media_bytes": Rate("media_bytes", "media_seconds", "{} bytes for each second"),
    "clips": Rate("clips", "scored", "{} clips a video"),
    "clip_bytes": Rate("clip_bytes", "cut", "{} bytes a clip"),
    "kept": Rate("kept", "placed", "{} of the clips are no copies", is_share=True),
    "accepted": Rate("accepted", "decided", "{} of the clips show it", is_share=True),
    "answers": Rate("answers", "decided", "{} answers a clip"),
    "answer_seconds": Rate("answer_seconds", "timed", "{} s an answer"),
}


class Rates:
    """Draws rates for some number of new classes, all from the same draws of classes."""

    def __init__(
        self, classes: Sequence[ClassHistory], num_new: int, assumed: Mapping[str, Assumed]
    ) -> None:
        """Learn from classes.

        Args:
            classes: How those of the workspace have fared.
            num_new: The classes that the plan is about; the more, the less their mean strays.
            assumed: By name, for what the classes do not tell.

        """
        self._classes, self._assumed = classes, assumed
        self._pooled = total(classes)
        self._chosen_NM = _choose(len(classes), max(1, num_new))

    def has(self, name: str) -> bool:
        """Say whether the classes tell anything about a rate."""
        return bool(getattr(self._pooled, RATES[name].per))

    def draw(self, name: str) -> Drawn:
        """Return a rate."""
        if not self.has(name):
            one = self._assumed[name]
            return Drawn(between(one.low, one.likely, one.high, name), one.source)
        rate = RATES[name]
        per = getattr(self._pooled, rate.per)
        of = getattr(self._pooled, rate.of)
        draws_N = self._of_classes(rate)
        if min(of, per) < _FEW:
            draws_N = draws_N * _noise(of, per, rate)
        num = sum(1 for one in self._classes if getattr(one, rate.per))
        origin = f"this workspace: {counted(num, 'class', 'classes')}"
        return Drawn(np.minimum(draws_N, 1) if rate.is_share else draws_N, origin)

    def _of_classes(self, rate: Rate) -> Draws:
        of_M = np.array([getattr(one, rate.of) for one in self._classes])
        per_M = np.array([getattr(one, rate.per) for one in self._classes])
        mean = of_M.sum() / per_M.sum()
        if np.count_nonzero(per_M) < _LEAST_CLASSES:
            few_N: Draws = mean * between(1 / _FACTOR, 1, _FACTOR, rate.of)
            return few_N
        of_N, per_N = self._chosen_NM @ of_M, self._chosen_NM @ per_M
        ratio_N = np.divide(of_N, per_N, out=np.full(NUM_DRAWS, mean), where=per_N > 0)
        wider_N: Draws = mean + (ratio_N - mean) * (1 + _TOO_NARROW / len(self._classes))
        return np.maximum(0, wider_N)


def _choose(num_classes: int, num_new: int) -> Draws:
    """Return how often each known class stands for a new one, in each draw.

    Dirichlet weights say how little few classes tell of all; which of all the new ones are is
    chance again (the Bayesian bootstrap, Rubin 1981, and one draw from what it gives).
    """
    if not num_classes:
        return np.zeros((NUM_DRAWS, 0))
    chance = generator("classes")
    weights_NM = chance.dirichlet(np.ones(num_classes), NUM_DRAWS)
    return chance.multinomial(num_new, weights_NM).astype(float)


def _noise(of: float, per: float, rate: Rate) -> Draws:
    """Return by what factor a rate of so few things may be off by chance."""
    chance = generator(f"noise of {rate.of}")
    drawn_N: Draws = (
        chance.beta(of + 0.5, per - of + 0.5, NUM_DRAWS)
        if rate.is_share and of <= per
        else chance.gamma(min(of, per) + 0.5, 1.0, NUM_DRAWS)
    )
    factor_N: Draws = drawn_N / drawn_N.mean()
    return factor_N
