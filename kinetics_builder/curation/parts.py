"""Whether the clips of a class fall apart into two groups: what a split may be made of.

Shapes, as name suffixes: N clips, D numbers of a clip.
"""

from dataclasses import dataclass

import numpy as np

from kinetics_builder.curation.suspects import Floats, Ints

_DIRECTIONS = 8
"""In which clips differ most: in all of them, distances say little."""
_ROUNDS = 30
_STARTS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The clips of a class in two groups."""

    parts_N: Ints
    """0 for the larger group, 1 for the other; of equal ones the first clip's is 0."""
    silhouette: float
    """Mean over clips of how much nearer the own group is than the other, in [-1, 1]: above 0.5 it
    is plain that there are two, below 0.25 it is not (Rousseeuw 1987)."""


def two_parts(numbers_ND: Floats, *, seed: int = 0) -> Parts | None:
    """Return the clips in two groups by 2-means; None of fewer than four clips, or of equal ones.

    Of several random starts the one with the least spread counts.
    """
    if len(numbers_ND) < 4:
        return None
    centred = numbers_ND - numbers_ND.mean(0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    if not sizes[0] > 1e-9:
        return None
    near_ND = left[:, :_DIRECTIONS] * sizes[:_DIRECTIONS]
    random = np.random.default_rng(seed)
    tries = [_cluster(near_ND, random) for _ in range(_STARTS)]
    parts_N = min(tries, key=lambda one: one[0])[1]
    num_second = int(parts_N.sum())
    if num_second * 2 > len(parts_N) or (num_second * 2 == len(parts_N) and parts_N[0]):
        parts_N = 1 - parts_N
    if not 0 < parts_N.sum() < len(parts_N):
        return None
    return Parts(parts_N, _silhouette(near_ND, parts_N))


def _cluster(near_ND: Floats, random: np.random.Generator) -> tuple[float, Ints]:
    """Return the spread and the groups of one random start."""
    first = near_ND[random.integers(len(near_ND))]
    apart_N = ((near_ND - first) ** 2).sum(1)
    second = near_ND[random.choice(len(near_ND), p=apart_N / apart_N.sum())]
    centres = np.stack([first, second])
    for _ in range(_ROUNDS):
        apart_N2 = ((near_ND[:, None] - centres) ** 2).sum(2)
        parts_N: Ints = apart_N2.argmin(1)
        if len(np.unique(parts_N)) < 2:
            break
        centres = np.stack([near_ND[parts_N == part].mean(0) for part in (0, 1)])
    return float(apart_N2.min(1).sum()), parts_N


def _silhouette(near_ND: Floats, parts_N: Ints) -> float:
    squares = (near_ND**2).sum(1)
    apart = squares[:, None] + squares - 2 * near_ND @ near_ND.T
    apart_NN = np.sqrt(np.maximum(apart, 0))
    same_NN = parts_N[:, None] == parts_N
    num_same_N = same_NN.sum(1)
    own_N = np.where(same_NN, apart_NN, 0).sum(1) / np.maximum(1, num_same_N - 1)
    other_N = np.where(same_NN, 0, apart_NN).sum(1) / (len(parts_N) - num_same_N)
    gain_N = (other_N - own_N) / np.maximum(np.maximum(other_N, own_N), 1e-12)
    return float(np.where(num_same_N > 1, gain_N, 0).mean())
