"""How well films fit each other at every shift of one against the other, many pairs at once.

Shapes: P pairs, T time, S shifts, C cells.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats

MIN_OVERLAP = 0.5
"""Share of the shorter clip that the two must have in common."""

CHANCE_BINS = 32
"""Pictures (four seconds) that two films must share to say as much as those that share all of the
shorter."""

CHANCE = 0.3
"""Likeness of movement that is taken off where two films share next to nothing."""

FLOOR = 0.1
"""Variance, in squared grey levels a cell, that is put down to noise."""


def by_chance(num_shared: Any, num_bins: int) -> Any:
    """Return how little the fit of some pictures says, in [0, 1]; the shorter film has `num_bins`.

    Of two films that are laid over each other at every shift, two seconds of one action often
    fit two seconds of another, above all where it is done over and over again.
    """
    share = np.minimum(1.0, num_shared / num_bins)
    return (1 - share) * np.maximum(0.0, 1 - num_shared / CHANCE_BINS)


def between(film_TC: Floats, part: float) -> Floats:
    """Return the film, or films (P, T, C), that begin part of a picture later, interpolated."""
    if not part or film_TC.shape[-2] < 2:
        return film_TC
    later: Floats = film_TC[..., 1:, :] * np.float32(part)
    later += film_TC[..., :-1, :] * np.float32(1 - part)
    return later


class Stretches(NamedTuple):
    """What two films have in common at each of S shifts."""

    num_one: int
    """Pictures of the first film."""
    shifts: NDArray[np.intp]
    num_S: Floats
    """Pictures that both have."""
    of_one_ST: Floats
    """Averages the first film over the stretch that both have."""
    of_other_ST: Floats


def shared_stretches(num_one: int, num_other: int) -> Stretches:
    """Return what films of so many pictures have in common at the shifts that are looked at."""
    is_small = num_one * num_other <= _MOST_KEPT
    return (_kept_stretches if is_small else _stretches)(num_one, num_other)


def _stretches(num_one: int, num_other: int) -> Stretches:
    need = max(1, int(np.ceil(MIN_OVERLAP * min(num_one, num_other))))
    shifts = np.arange(need - num_one, num_other - need + 1)
    starts, ends = np.maximum(0, -shifts), np.minimum(num_one, num_other - shifts)
    one_ST = _averaging(starts, ends, num_one)
    other_ST = _averaging(starts + shifts, ends + shifts, num_other)
    return Stretches(num_one, shifts, (ends - starts).astype(np.float32), one_ST, other_ST)


_MOST_KEPT = 1 << 16
"""Pictures of one film times those of the other up to which stretches are kept: half a megabyte."""

_kept_stretches = lru_cache(maxsize=64)(_stretches)


def _averaging(starts: NDArray[np.intp], ends: NDArray[np.intp], num: int) -> Floats:
    """Return the matrix (S, num) that averages stretches [start, end) of a film."""
    places = np.arange(num)
    is_within = (places >= starts[:, None]) & (places < ends[:, None])
    return (is_within / (ends - starts)[:, None]).astype(np.float32)


NEAR_BINS = 3
"""Pictures around a shift within which it is looked for anew."""


class Shifts(NamedTuple):
    """At which shifts pairs of films fit best."""

    fits_P: Floats
    """How well, less what is put down to chance."""
    shifts_P: Floats
    """By how many pictures later the same is seen in the other, less than whole ones by a part."""


def best_shifts(
    one_PTC: Floats,
    other_PTC: Floats,
    num_cells_P: Floats,
    *,
    part: float = 0.0,
    near_P: Floats | None = None,
) -> Shifts:
    """Return the shifts, of all or of those near some, at which the films of pairs fit best."""
    one_PTC = between(one_PTC, part)
    num_one, num_other = one_PTC.shape[1], other_PTC.shape[1]
    shared = shared_stretches(num_one, num_other)
    places = _places_near(shared, near_P)
    chance = CHANCE * by_chance(shared.num_S[places], min(num_one, num_other))
    fits_PS = _correlations(one_PTC, other_PTC, num_cells_P, shared, places) - chance
    best = np.argmax(fits_PS, axis=1)[:, None]
    shifts_PS = np.broadcast_to(shared.shifts[places], fits_PS.shape)
    fits, shifts = (np.take_along_axis(x_PS, best, 1)[:, 0] for x_PS in (fits_PS, shifts_PS))
    return Shifts(fits, shifts - part)


Places = NDArray[np.intp] | slice
"""Which of all shifts are looked at: all, or some of each pair."""


def _places_near(shared: Stretches, near_P: Floats | None) -> Places:
    num_near = 2 * NEAR_BINS + 1
    if near_P is None or len(shared.shifts) <= num_near:
        return slice(None)
    firsts = np.rint(near_P).astype(np.intp) - shared.shifts[0] - NEAR_BINS
    firsts = np.clip(firsts, 0, len(shared.shifts) - num_near)
    places: NDArray[np.intp] = firsts[:, None] + np.arange(num_near)
    return places


def _correlations(
    a_PTC: Floats, b_PTC: Floats, num_cells_P: Floats, shared: Stretches, places: Places
) -> Floats:
    """Return `movements_alike` of pairs at some shifts, (P, S)."""
    a_PTC, b_PTC = (x_PTC - means_of(x_PTC)[:, None] for x_PTC in (a_PTC, b_PTC))
    one_ST, other_ST = shared.of_one_ST[places], shared.of_other_ST[places]
    products_PTT = a_PTC @ b_PTC.transpose(0, 2, 1)
    offsets = np.atleast_2d(shared.shifts[places] + shared.num_one - 1)
    together = np.take_along_axis(_slanted_sums(products_PTT), offsets, 1) / shared.num_S[places]
    together -= ((one_ST @ products_PTT) * other_ST).sum(2)
    apart = _variances(a_PTC, one_ST)
    apart *= _variances(b_PTC, other_ST)
    apart = np.sqrt(apart, out=apart) @ np.ones(apart.shape[2], np.float32)
    correlations: Floats = together / (apart + FLOOR * num_cells_P[:, None])
    return correlations


def means_of(films_TC: Floats) -> Floats:
    """Return the mean of each cell of a film, or of films (P, T, C)."""
    num_bins = films_TC.shape[-2]
    means: Floats = np.full(num_bins, 1 / num_bins, np.float32) @ films_TC
    return means


def _slanted_sums(products_PTT: Floats) -> Floats:
    """Return the sums of products of pictures that lie equally far from each other in time.

    Rows of products, each one place further to the right than the one above, are summed.
    """
    num_pairs, num_a, num_b = products_PTT.shape
    width = num_a + num_b
    rows = np.zeros((num_pairs, num_a, width), np.float32)
    rows[:, :, :num_b] = products_PTT[:, ::-1]
    slanted = rows.reshape(num_pairs, -1)[:, : num_a * (width - 1)]
    by_shift: Floats = slanted.reshape(num_pairs, num_a, width - 1).sum(1)
    return by_shift


def _variances(x_PTC: Floats, stretches_ST: Floats) -> Floats:
    """Return the variance of each cell over stretches, (P, S, C)."""
    means = stretches_ST @ x_PTC
    variances: Floats = stretches_ST @ (x_PTC * x_PTC)
    variances -= np.multiply(means, means, out=means)
    return np.maximum(variances, 0, out=variances)
