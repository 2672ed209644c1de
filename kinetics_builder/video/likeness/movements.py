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

from kinetics_builder.video.likeness.alignment import MIN_OVERLAP, sums_by_shift
from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import SIDE, Fingerprint
from kinetics_builder.video.likeness.looks import cosines

NUM_WAVES = 4
"""Waves across and down that are followed."""

FLOOR = 0.3
"""Variance, in squared grey levels, that is put down to noise."""

STILL = 4.0
"""Variance, in squared grey levels, below which a clip moves too little to be told by it."""

_PRODUCTS_AT_ONCE = 1 << 21
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
    """Return how well the series of pairs go together."""
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pair, (one, other) in enumerate(zip(ones, others, strict=True)):
        alike[len(one), len(other)].append(pair)
    found = np.zeros((2, len(ones)), np.float32)
    for (num_one, num_other), pairs in alike.items():
        at_once = max(1, _PRODUCTS_AT_ONCE // (num_one * num_other))
        for start in range(0, len(pairs), at_once):
            some = pairs[start : start + at_once]
            a_PTC, b_PTC = (_centred([series[pair] for pair in some]) for series in (ones, others))
            found[:, some] = _best(a_PTC, b_PTC)
    return Together(*found)


def _centred(series: Sequence[Floats]) -> Floats:
    all_PTC = np.stack(series).astype(np.float32)
    centred: Floats = all_PTC - all_PTC.mean(1, keepdims=True)
    return centred


def _best(a_PTC: Floats, b_PTC: Floats) -> Floats:
    """Return the correlation at the best shift, straight and mirrored, (2, P)."""
    num_a, num_b = a_PTC.shape[1], b_PTC.shape[1]
    need = max(1, int(np.ceil(MIN_OVERLAP * min(num_a, num_b))))
    shifts = np.arange(need - num_a, num_b - need + 1)
    starts, ends = np.maximum(0, -shifts), np.minimum(num_a, num_b - shifts)
    num_S1 = (ends - starts)[:, None].astype(np.float32)
    mean_a, var_a = _moments(a_PTC, starts, ends, num_S1)
    mean_b, var_b = _moments(b_PTC, starts + shifts, ends + shifts, num_S1)
    apart_PS = np.sqrt(var_a * var_b).sum(2) + FLOOR
    turned = _is_turned()
    parts = []
    for waves in (~turned, turned):
        products_PS = sums_by_shift(a_PTC[:, :, waves], b_PTC[:, :, waves])[:, shifts + num_a - 1]
        parts.append(products_PS / num_S1[:, 0] - (mean_a * mean_b)[:, :, waves].sum(2))
    kept, opposed = parts
    both = ((kept + opposed) / apart_PS).max(1), ((kept - opposed) / apart_PS).max(1)
    best: Floats = np.stack(both)
    return best


def _moments(
    x_PTC: Floats, starts: NDArray[np.intp], ends: NDArray[np.intp], num_S1: Floats
) -> tuple[Floats, Floats]:
    """Return mean and variance of each wave over the stretches [start, end), (P, S, C)."""
    sums, squares = _running_sums(x_PTC), _running_sums(x_PTC**2)
    mean = (sums[:, ends] - sums[:, starts]) / num_S1
    return mean, np.maximum((squares[:, ends] - squares[:, starts]) / num_S1 - mean**2, 0)


def _running_sums(x_PTC: Floats) -> Floats:
    sums = np.zeros((x_PTC.shape[0], x_PTC.shape[1] + 1, x_PTC.shape[2]), np.float32)
    np.cumsum(x_PTC, axis=1, out=sums[:, 1:])
    return sums


@cache
def _is_turned() -> NDArray[np.bool_]:
    """Return which waves change their sign when left and right are exchanged, (C,)."""
    turned: NDArray[np.bool_] = np.tile(np.arange(NUM_WAVES) % 2 == 1, NUM_WAVES)
    return turned
