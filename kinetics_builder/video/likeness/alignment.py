"""Laying one tiny film over another that may begin later or run a little faster.

Shapes: T time, C cells.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats

OTHER_SPEEDS = (0.91, 0.94, 0.97, 1.03, 1.06, 1.09)
"""Changes of speed that are looked for."""

FINER = (-0.02, -0.01, 0.01, 0.02)
"""By how much they may lie beside it."""

MIN_BINS = 36
"""Pictures of a film, below which no change of speed is looked for: in four seconds one of five
percent shifts begin and end by less than a picture, and of many speeds one fits by chance."""

PARTS_OF_A_BIN = (0.0, 0.5)
"""Where between two pictures the other film may begin, at first. What waves twice a second goes
back and forth in four pictures: at the next whole one it may fit less than a wave later."""

FINER_PART = 0.25
"""By how much it may begin before or after that."""

MIN_OVERLAP = 0.5
"""Share of the shorter clip that the two must have in common."""

CHANCE_BINS = 32
"""Pictures (four seconds) that two films must share to say as much as those that share all of the
shorter."""

CHANCE = 0.3
"""Likeness of movement that is taken off where two films share next to nothing."""

FLOOR = 0.1
"""Variance, in squared grey levels a cell, that is put down to noise."""

GOOD, POOR = 0.99, 0.5
"""Likeness of movement from which on, and below which, no other speed is tried."""


class Alignment(NamedTuple):
    """Two films laid over each other in time: what both show."""

    movement: float
    """How alike they move, in [-1, 1]."""
    one_TC: Floats
    other_TC: Floats
    shift_bins: float
    """By how much later the same is seen in the other."""
    speed: float


def align(one_TC: Floats, other_TC: Floats) -> Alignment:
    """Return how the two films fit each other best in time."""
    found = _fitted(one_TC, other_TC, 1.0)
    if min(len(one_TC), len(other_TC)) >= MIN_BINS and POOR < found.movement < GOOD:
        one, other = _halved(one_TC), _halved(other_TC)
        rough = max((1.0, *OTHER_SPEEDS), key=lambda speed: _best_shift(_faster(one, speed), other))
        if rough != 1.0:
            finer = [rough + change for change in (0.0, *FINER)]
            found = max((found, *_at(finer, one_TC, other_TC)), key=_movement)
    return found


def _halved(film_TC: Floats) -> Floats:
    """Return a film of half as many pictures."""
    even = film_TC[: len(film_TC) // 2 * 2]
    halved: Floats = (even[::2] + even[1::2]) / 2
    return halved


def by_chance(num_shared: Any, num_bins: int) -> Any:
    """Return how little the fit of some pictures says, in [0, 1]; the shorter film has `num_bins`.

    Of two films that are laid over each other at every shift, two seconds of one action often
    fit two seconds of another, above all where it is done over and over again.
    """
    share = np.minimum(1.0, num_shared / num_bins)
    return (1 - share) * np.maximum(0.0, 1 - num_shared / CHANCE_BINS)


def _at(speeds: Iterable[float], one_TC: Floats, other_TC: Floats) -> Iterator[Alignment]:
    return (_fitted(_faster(one_TC, speed), other_TC, speed) for speed in speeds)


def _movement(match: Alignment) -> float:
    return match.movement


def _fitted(one_TC: Floats, other_TC: Floats, speed: float) -> Alignment:
    """Return the best of all shifts, looked for by parts of a picture."""
    rough = max(_best_shift(one_TC, other_TC, part) for part in PARTS_OF_A_BIN).shift
    shifts = rough, rough - FINER_PART, rough + FINER_PART
    found = (_shifted(one_TC, other_TC, shift, speed) for shift in shifts)
    return max(found, key=_movement)


def _shifted(one_TC: Floats, other_TC: Floats, shift: float, speed: float) -> Alignment:
    """Return the films with the other so many pictures later."""
    whole = int(np.ceil(shift))
    moved_TC = _between(one_TC, whole - shift)
    start, end = max(0, -whole), min(len(moved_TC), len(other_TC) - whole)
    if end - start < min(2, len(one_TC), len(other_TC)):
        return Alignment(-1.0, one_TC[:1], other_TC[:1], shift, speed)
    a_TC, b_TC = moved_TC[start:end], other_TC[start + whole : end + whole]
    return Alignment(movements_alike(a_TC, b_TC), a_TC, b_TC, shift, speed)


def _between(film_TC: Floats, part: float) -> Floats:
    """Return the film that begins at part of a picture later, interpolated."""
    if not part or len(film_TC) < 2:
        return film_TC
    between: Floats = film_TC[:-1] * np.float32(1 - part) + film_TC[1:] * np.float32(part)
    return between


def movements_alike(one_TC: Floats, other_TC: Floats, floor: float = FLOOR) -> float:
    """Return the correlation over time, cell by cell, of two films of equal length.

    Cells are weighted by how much they move: one that moves in one clip alone (a caption
    covers it in the other) says nothing.
    """
    one_TC, other_TC = one_TC - one_TC.mean(0), other_TC - other_TC.mean(0)
    together = (one_TC * other_TC).sum()
    apart = np.sqrt((one_TC**2).sum(0) * (other_TC**2).sum(0)).sum()
    return float(together / (apart + floor * one_TC.size))


def changes_alike(one_TC: Floats, other_TC: Floats) -> float:
    """Return the same of what changes from one picture to the next: gestures, not postures."""
    if len(one_TC) < 5:
        return movements_alike(one_TC, other_TC)
    one_TC, other_TC = (np.diff(_smooth(film_TC), axis=0) for film_TC in (one_TC, other_TC))
    return movements_alike(one_TC, other_TC, FLOOR / 2)


def _smooth(film_TC: Floats) -> Floats:
    smooth: Floats = (film_TC[:-2] + 2 * film_TC[1:-1] + film_TC[2:]) / 4
    return smooth


def _faster(film_TC: Floats, speed: float) -> Floats:
    """Return a film played `speed` times as fast, interpolated between its pictures."""
    moments = np.arange(0, len(film_TC) - 1, speed)
    low = moments.astype(int)
    weight = (moments - low).astype(np.float32)[:, None]
    faster: Floats = film_TC[low] * (1 - weight) + film_TC[low + 1] * weight
    return faster


class _Shift(NamedTuple):
    """How well two films fit at a shift, chance left out."""

    fit: float
    shift: float


def _best_shift(one_TC: Floats, b_TC: Floats, part: float = 0.0) -> _Shift:
    """Return the shift at which the two move most alike, so much less than whole pictures."""
    a_TC = _between(one_TC, part)
    shared = shared_stretches(len(a_TC), len(b_TC))
    chance = CHANCE * by_chance(shared.num_S, min(len(a_TC), len(b_TC)))
    fits = _correlations(a_TC, b_TC, shared) - chance
    best = int(np.argmax(fits))
    return _Shift(float(fits[best]), int(shared.shifts[best]) - part)


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


def _correlations(a_TC: Floats, b_TC: Floats, shared: Stretches) -> Floats:
    """Return `movements_alike` at each shift."""
    a_TC, b_TC = (x_TC - x_TC.mean(0) for x_TC in (a_TC, b_TC))
    mean_a, var_a = _moments(a_TC, shared.of_one_ST)
    mean_b, var_b = _moments(b_TC, shared.of_other_ST)
    products = sums_by_shift(a_TC[None], b_TC[None])[0, shared.shifts + len(a_TC) - 1]
    together = products / shared.num_S - np.einsum("sc,sc->s", mean_a, mean_b)
    var_a *= var_b
    apart = np.sqrt(var_a, out=var_a).sum(1)
    correlations: Floats = together / (apart + FLOOR * a_TC.shape[1])
    return correlations


def sums_by_shift(a_PTC: Floats, b_PTC: Floats) -> Floats:
    """Return the sum of products of pairs of films at each shift, (P, num_a + num_b - 1).

    Rows of products, each one place further to the right than the one above, are summed.
    """
    num_a, num_b = a_PTC.shape[1], b_PTC.shape[1]
    width = num_a + num_b
    rows = np.zeros((len(a_PTC), num_a, width), np.float32)
    np.matmul(a_PTC[:, ::-1], b_PTC.transpose(0, 2, 1), out=rows[:, :, :num_b])
    slanted = rows.reshape(len(rows), -1)[:, : num_a * (width - 1)]
    by_shift: Floats = slanted.reshape(len(rows), num_a, width - 1).sum(1)
    return by_shift


def _moments(x_TC: Floats, stretches_ST: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of each cell over stretches, (S, C)."""
    mean, squares = stretches_ST @ x_TC, stretches_ST @ x_TC**2
    squares -= mean**2
    return mean, np.maximum(squares, 0, out=squares)
