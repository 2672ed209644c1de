"""How clips move, as a few series of numbers: a second, quick look at many pairs at once.

A series follows a coarse wave of the picture through the film. Crops, captions and codecs change
series little, a later beginning moves them: so copies have series that go together at some shift,
and most clips that merely look alike have not.
Shapes: N clips, P pairs, T time, S shifts, C = 16 waves.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.database.bulk import batches
from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import SIDE, Fingerprint
from kinetics_builder.video.likeness.looks import cosines
from kinetics_builder.video.likeness.shifts import Stretches, shared_stretches, sums_by_shift

NUM_WAVES = 4
"""Waves across and down that are followed."""

FLOOR = 0.3
"""Variance, in squared grey levels, that is put down to noise."""

STILL = 4.0
"""Variance, in squared grey levels, below which a clip moves too little to be told by it."""

_PRODUCTS_AT_ONCE = 1 << 18
"""Of pictures with pictures."""


class Together(NamedTuple):
    """How well the series of pairs go together at their best shift, in [-1, 1]."""

    straight: Floats
    """(P,)."""
    mirrored: Floats
    """Of one clip with the other's mirror image, (P,)."""


def series_of(fingerprints: Sequence[Fingerprint]) -> list[Floats]:
    """Return the series of each clip, (T, C), float16."""
    waves = cosines(NUM_WAVES)
    basis = np.einsum("ai,bj->ijab", waves, waves).reshape(SIDE**2, -1) / SIDE
    films = [f.film_THW.reshape(-1, SIDE**2) for f in fingerprints]
    all_TC = (np.concatenate(films).astype(np.float32) - 128) @ basis
    ends = np.cumsum([len(film) for film in films])[:-1]
    return [part.copy() for part in np.split(all_TC.astype(np.float16), ends)]


def is_still(series_TC: Floats) -> bool:
    """Return whether a clip hardly moves."""
    return float(series_TC.var(0, dtype=np.float32).sum()) < STILL


def together(ones: Sequence[Floats], others: Sequence[Floats]) -> Together:
    """Return how well the series of pairs go together.

    Least work where pairs of one clip follow each other.
    """
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pair, (one, other) in enumerate(zip(ones, others, strict=True)):
        alike[len(one), len(other)].append(pair)
    found = np.zeros((2, len(ones)), np.float32)
    for (num_one, num_other), pairs in alike.items():
        at_once = max(1, _PRODUCTS_AT_ONCE // (num_one * num_other))
        shared = shared_stretches(num_one, num_other)
        for some in batches(pairs, at_once):
            some_ones, some_others = ([series[pair] for pair in some] for series in (ones, others))
            found[:, some] = _best(some_ones, some_others, shared)
    return Together(*found)


def _best(ones: Sequence[Floats], others: Sequence[Floats], shared: Stretches) -> Floats:
    """Return the correlation at the best shift, straight and mirrored, (2, P)."""
    firsts = [at for at, one in enumerate(ones) if at == 0 or one is not ones[at - 1]]
    times = np.diff([*firsts, len(ones)])
    a_CPT = np.repeat(_centred([ones[at] for at in firsts]), times, axis=1)
    b_CPT = _centred(others)
    mean_a, spread_a = _moments(a_CPT[:, np.cumsum(times) - 1], shared.of_one_ST)
    mean_b, spread_b = _moments(b_CPT, shared.of_other_ST)
    spread_b *= np.repeat(spread_a, times, axis=1)
    mean_b *= np.repeat(mean_a, times, axis=1)
    apart_PS = spread_b.sum(0) + FLOOR
    turned = _is_turned()
    parts = []
    for waves in (~turned, turned):
        a_PTC, b_PTC = (x_CPT[waves].transpose(1, 2, 0) for x_CPT in (a_CPT, b_CPT))
        products_PS = sums_by_shift(a_PTC, b_PTC)[:, shared.shifts + shared.num_one - 1]
        parts.append((products_PS / shared.num_S - mean_b[waves].sum(0)) / apart_PS)
    kept, opposed = parts
    best: Floats = np.stack([(kept + opposed).max(1), (kept - opposed).max(1)])
    return best


def _centred(series: Sequence[Floats]) -> Floats:
    """Return series less their means, (C, P, T)."""
    all_PTC = np.stack(series).astype(np.float32)
    all_PTC -= all_PTC.mean(1, keepdims=True)
    return np.ascontiguousarray(all_PTC.transpose(2, 0, 1))


def _moments(x_CPT: Floats, stretches_ST: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each wave over stretches, (C, P, S)."""
    mean, squares = x_CPT @ stretches_ST.T, x_CPT**2 @ stretches_ST.T
    squares -= mean**2
    return mean, np.sqrt(np.maximum(squares, 0, out=squares), out=squares)


@cache
def _is_turned() -> NDArray[np.bool_]:
    """Return which waves change their sign when left and right are exchanged, (C,)."""
    turned: NDArray[np.bool_] = np.tile(np.arange(NUM_WAVES) % 2 == 1, NUM_WAVES)
    return turned
