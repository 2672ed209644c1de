"""A crowd of people who do not exist, whose skill and whose clips' truth are known.

Whoever looks at a clip sees a sign of its truth, the fainter the harder the clip is, in noise of
one deviation; who does not look says yes by habit. Any question can be asked, and the same person
says the same of it each time.

Shapes, as name suffixes: N clips, W workers, H kinds of workers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from kinetics_builder.crowd.policies.answered import Bools, Floats, Ints
from kinetics_builder.errors import ConfigError

_NORMAL = NormalDist()
_GOLD_DIFFICULTY = 0.5
_OF_CLIPS, _OF_GOLD, _OF_TIME = 0, 1, 2
_MEDIAN_SECONDS = 4.5
_SPREAD_OF_WORKERS, _SPREAD_OF_ANSWERS = 0.35, 0.5
"""Standard deviations of the logarithm of the time: between workers, and of one worker."""


@dataclass(frozen=True, kw_only=True)
class WorkerKind:
    """Workers of one sort."""

    name: str
    share: float
    """Of the workers, in [0, 1]."""
    right: float = 0.5
    """Share of right answers about clips of middling difficulty that were looked at."""
    looks: float = 1.0
    """Share of the clips that are looked at."""
    habit: float = 0.5
    """Share of yes where it is not."""


CAREFUL = WorkerKind(name="careful", share=0.70, right=0.93)
CARELESS = WorkerKind(name="careless", share=0.25, right=0.80, looks=0.70, habit=0.70)
RANDOM = WorkerKind(name="random", share=0.05, looks=0.0)


@dataclass(frozen=True, kw_only=True)
class CrowdPlan:
    """Who answers, and what about."""

    num_clips: int = 2000
    num_workers: int = 60
    kinds: Sequence[WorkerKind] = (CAREFUL, CARELESS, RANDOM)
    yes_share: float = 0.45
    """Of the clips that show the action."""
    area: float = 0.85
    """Under the curve of the classifier's scores: how often a yes has the higher of two."""
    spread: float = 0.5
    """Standard deviation of the logarithm of the difficulty; it is 1 in the middle."""
    misleading: float = 0.0
    """Share of the clips that look like what they are not."""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("num_clips", "num_workers"):
            if (number := getattr(self, name)) < 1:
                what = name.removeprefix("num_")
                raise ConfigError(f"A crowd needs at least one of its {what}, found {number}.")
        for kind in self.kinds:
            for name in ("share", "right", "looks", "habit"):
                _check_share(f"{name} of {kind.name} workers", getattr(kind, name))
        for name in ("yes_share", "misleading"):
            _check_share(name, getattr(self, name))
        if not 0.5 <= self.area < 1:
            raise ConfigError(f"area must be 0.5 (by chance) or more and below 1, got {self.area}.")
        total = math.fsum(kind.share for kind in self.kinds)
        if not math.isclose(total, 1, abs_tol=1e-9):
            said = " + ".join(f"{kind.share:g} {kind.name}" for kind in self.kinds)
            raise ConfigError(f"The workers' shares must sum to 1, found {said} = {total:g}.")


@dataclass(frozen=True, eq=False)
class SimulatedCrowd:
    """Clips and workers, drawn by `draw_crowd`."""

    truth_N: Bools
    score_N: Floats
    difficulty_N: Floats
    is_misleading_N: Bools
    kind_W: Ints
    """Index of each worker's kind in the plan."""
    sharpness_W: Floats
    """How many deviations the sign of a clip of difficulty 1 stands out of the noise."""
    looks_W: Floats
    habit_W: Floats
    seed: int

    @property
    def right_W(self) -> Floats:
        """Share of right answers of each worker about clips of difficulty 1, none misleading."""
        seen_W = np.array([_NORMAL.cdf(sharpness) for sharpness in self.sharpness_W])
        found: Floats = self.looks_W * seen_W + (1 - self.looks_W) / 2
        return found

    def ask(self, clip: int, worker: int) -> bool:
        """Return whether the worker says that the clip shows the action."""
        looks_like_yes = bool(self.truth_N[clip] != self.is_misleading_N[clip])
        difficulty = float(self.difficulty_N[clip])
        return self._say((_OF_CLIPS, clip, worker), looks_like_yes, difficulty)

    def ask_gold(self, number: int, worker: int) -> tuple[bool, bool]:
        """Return what the worker says of an easy question, and what is right: yes if it is even."""
        truth = number % 2 == 0
        return self._say((_OF_GOLD, number, worker), truth, _GOLD_DIFFICULTY), truth

    def seconds_for(self, clip: int, worker: int) -> float:
        """Return how long the worker takes for the clip: whoever looks and thinks at ease."""
        pace = np.random.default_rng([self.seed, _OF_TIME, worker]).normal(0, _SPREAD_OF_WORKERS)
        chance = np.random.default_rng([self.seed, _OF_TIME, clip, worker])
        return _MEDIAN_SECONDS * math.exp(pace + chance.normal(0, _SPREAD_OF_ANSWERS))

    def _say(self, question: tuple[int, int, int], looks_like_yes: bool, difficulty: float) -> bool:
        worker = question[2]
        chance = np.random.default_rng([self.seed, *question])
        if chance.random() >= self.looks_W[worker]:
            return bool(chance.random() < self.habit_W[worker])
        sign = self.sharpness_W[worker] / difficulty
        return bool(chance.normal() < (sign if looks_like_yes else -sign))


def draw_crowd(plan: CrowdPlan) -> SimulatedCrowd:
    """Return a crowd after the plan. Of each kind there are as many workers as its share says."""
    chance = np.random.default_rng(plan.seed)
    truth_N = chance.random(plan.num_clips) < plan.yes_share
    apart = math.sqrt(2) * _NORMAL.inv_cdf(plan.area)
    kind_W = chance.permutation(_kinds(plan))
    sharpness_H = np.array(
        [_NORMAL.inv_cdf(min(max(kind.right, 1e-9), 1 - 1e-9)) for kind in plan.kinds]
    )
    return SimulatedCrowd(
        truth_N=truth_N,
        score_N=chance.normal(size=plan.num_clips) + apart * truth_N,
        difficulty_N=np.exp(chance.normal(0, plan.spread, plan.num_clips)),
        is_misleading_N=chance.random(plan.num_clips) < plan.misleading,
        kind_W=kind_W,
        sharpness_W=sharpness_H[kind_W] * np.exp(chance.normal(0, 0.1, plan.num_workers)),
        looks_W=np.array([kind.looks for kind in plan.kinds])[kind_W],
        habit_W=np.array([kind.habit for kind in plan.kinds])[kind_W],
        seed=plan.seed,
    )


def _kinds(plan: CrowdPlan) -> Ints:
    """Return the kind of each worker; places that shares leave over go to the largest rests."""
    wanted_H = np.array([kind.share for kind in plan.kinds]) * plan.num_workers
    num_H = np.floor(wanted_H + 1e-9).astype(np.int64)
    left = plan.num_workers - int(num_H.sum())
    num_H[np.argsort(num_H - wanted_H, kind="stable")[:left]] += 1
    return np.repeat(np.arange(len(plan.kinds)), num_H)


def _check_share(what: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ConfigError(f"{what} must lie between 0 and 1, found {value:g}.")
