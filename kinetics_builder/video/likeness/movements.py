"""How clips move, as a few series of numbers: a second, quick look at many pairs at once.

A series follows a coarse wave of the picture through the film. Crops, captions and codecs change
series little, a later beginning moves them: so copies have series that go together at some shift,
and most clips that merely look alike have not.
Shapes: N clips, P pairs, T time, S shifts, C = 16 waves.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.database.bulk import batches
from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import SIDE, Fingerprint
from kinetics_builder.video.likeness.looks import cosines
from kinetics_builder.video.likeness.shifts import Stretches, means_of, shared_stretches

NUM_WAVES = 4
"""Waves across and down that are followed."""

Series = NDArray[np.int16]

PARTS_OF_A_LEVEL = 64
"""In which series are told: they reach from -255 to 255 grey levels."""

FLOOR = 0.3
"""Variance, in squared grey levels, that is put down to noise."""

STILL = 4.0
"""Variance, in squared grey levels, below which a clip moves too little to be told by it."""

_PRODUCTS_AT_ONCE = 1 << 18
"""Of pictures with pictures."""

_WRITTEN_AT_ONCE = 1 << 22
"""Numbers of a clip that is written down for many shifts."""


class Together(NamedTuple):
    """How well the series of pairs go together at their best shift, in [-1, 1]."""

    straight: Floats
    """(P,)."""
    mirrored: Floats
    """Of one clip with the other's mirror image, (P,)."""


def series_of(fingerprints: Sequence[Fingerprint]) -> list[Series]:
    """Return the series of each clip, less their means, (C, T), in 64ths of a grey level.

    The second half of them changes its sign when left and right are exchanged.
    """
    waves = cosines(NUM_WAVES)
    across = np.concatenate([waves[::2], waves[1::2]])
    basis = np.einsum("bj,ai->ijba", across, waves).reshape(SIDE**2, -1) / SIDE
    films = [f.film_THW.reshape(-1, SIDE**2) for f in fingerprints]
    all_TC = np.concatenate(films).astype(np.float32) @ basis
    ends = np.cumsum([len(film) for film in films])[:-1]
    return [
        np.rint(PARTS_OF_A_LEVEL * (part_TC - means_of(part_TC)).T).astype(np.int16, order="C")
        for part_TC in np.split(all_TC, ends)
    ]


def is_still(series_CT: Series) -> bool:
    """Return whether a clip hardly moves."""
    apart_CT = series_CT.astype(np.float32)
    return float(np.vdot(apart_CT, apart_CT)) < STILL * PARTS_OF_A_LEVEL**2 * len(apart_CT.T)


def together(ones: Sequence[Series], others: Sequence[Series]) -> Together:
    """Return how well the series of pairs go together.

    Least work where pairs of one clip follow each other.
    """
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pair, (one, other) in enumerate(zip(ones, others, strict=True)):
        alike[one.shape[1], other.shape[1]].append(pair)
    found = np.zeros((2, len(ones)), np.float32)
    for (num_one, num_other), pairs in alike.items():
        at_once = max(1, _PRODUCTS_AT_ONCE // (num_one * num_other))
        shared = shared_stretches(num_one, num_other)
        for some in batches(pairs, at_once):
            some_ones, some_others = ([series[pair] for pair in some] for series in (ones, others))
            found[:, some] = _best(some_ones, some_others, shared)
    return Together(*found)


def _best(ones: Sequence[Series], others: Sequence[Series], shared: Stretches) -> Floats:
    """Return the correlation at the best shift, straight and mirrored, (2, P)."""
    firsts = [at for at, one in enumerate(ones) if at == 0 or one is not ones[at - 1]]
    times = np.diff([*firsts, len(ones)])
    a_RCT, b_PCT = _stacked([ones[at] for at in firsts]), _stacked(others)
    mean_a, spread_a = _moments(a_RCT, shared.of_one_ST)
    mean_b, spread_b = _moments(b_PCT, shared.of_other_ST)
    spread_b *= np.repeat(spread_a, times, axis=0)
    mean_b *= np.repeat(mean_a, times, axis=0)
    together_2PS = _products(a_RCT, b_PCT, times.tolist(), shared.shifts)
    together_2PS /= shared.num_S
    half = mean_b.shape[1] // 2
    together_2PS -= [mean_b[:, :half].sum(1), mean_b[:, half:].sum(1)]
    together_2PS /= spread_b.sum(1) + FLOOR * PARTS_OF_A_LEVEL**2
    kept, opposed = together_2PS
    best: Floats = np.stack([(kept + opposed).max(1), (kept - opposed).max(1)])
    return best


def _products(
    ones_RCT: Floats, others_PCT: Floats, times: Sequence[int], shifts: NDArray[np.intp]
) -> Floats:
    """Return the sums of products of pairs, of either half of the waves, (2, P, S).

    Each one, of so many pairs, is written down once for each shift: then all its sums are one
    product of matrices.
    """
    num_pairs, num_waves, num_other = others_PCT.shape
    both_2NP = others_PCT.reshape(num_pairs, 2, -1).transpose(1, 2, 0)
    products = np.empty((2, len(shifts), num_pairs), np.float32)
    at_once = max(1, _WRITTEN_AT_ONCE // (num_waves * num_other))
    for some in batches(range(len(shifts)), at_once):
        written = np.empty((len(some), num_waves, num_other), np.float32)
        both_2SN = written.reshape(len(some), 2, -1).transpose(1, 0, 2)
        parts = slice(some[0], some[-1] + 1)
        last = 0
        for later_SCT, num_times in zip(
            _later(ones_RCT, num_other, shifts[parts]), times, strict=True
        ):
            first, last = last, last + num_times
            written[:] = later_SCT
            np.matmul(both_2SN, both_2NP[:, :, first:last], out=products[:, parts, first:last])
    return products.transpose(0, 2, 1)


def _later(films_RCT: Floats, num_bins: int, shifts: NDArray[np.intp]) -> Floats:
    """Return so many pictures of films that begin later, by shifts that follow each other.

    Before and after them there is nothing; (R, S, C, T).
    """
    num_films, num_waves, num_own = films_RCT.shape
    around = np.zeros((num_films, num_waves, num_own + 2 * num_bins), np.float32)
    around[:, :, num_bins : num_bins + num_own] = films_RCT
    films, waves, bins = around.strides
    return np.lib.stride_tricks.as_strided(
        around[:, :, num_bins - int(shifts[0]) :],
        (num_films, len(shifts), num_waves, num_bins),
        (films, -bins, waves, bins),
        writeable=False,
    )


def _stacked(series: Sequence[Series]) -> Floats:
    """Return series of equal lengths, (P, C, T)."""
    all_PCT: Floats = np.concatenate(series).astype(np.float32)
    return all_PCT.reshape(len(series), -1, all_PCT.shape[1])


def _moments(x_PCT: Floats, stretches_ST: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each wave over stretches, (P, C, S)."""
    num_pairs, num_waves, num_bins = x_PCT.shape
    both = np.concatenate([x_PCT, x_PCT**2]).reshape(-1, num_bins) @ stretches_ST.T
    mean, squares = both.reshape(2, num_pairs, num_waves, -1)
    squares -= mean**2
    return mean, np.sqrt(np.maximum(squares, 0, out=squares), out=squares)
