"""Laying one tiny film over another that may begin later or run a little faster.

Shapes: T time, C cells.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats

OTHER_SPEEDS = (0.91, 0.94, 0.97, 1.03, 1.06, 1.09)
"""Changes of speed that are looked for."""

FINER = (-0.02, -0.01, 0.01, 0.02)
"""By how much they may lie beside it."""

MIN_BINS = 16
"""Pictures of a film, below which a change of speed cannot be told."""

PARTS_OF_A_BIN = (0.0, 0.25, 0.5, 0.75)
"""Where between two pictures the other film may begin."""

MIN_OVERLAP = 0.5
"""Share of the shorter clip that the two must have in common."""

FLOOR = 0.1
"""Variance, in squared grey levels a cell, that is put down to noise."""

GOOD, POOR = 0.97, 0.5
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
    if len(one_TC) >= MIN_BINS and POOR < found.movement < GOOD:
        rough = max((found, *_at(OTHER_SPEEDS, one_TC, other_TC)), key=_movement)
        if rough.speed != 1.0:
            finer = [rough.speed + change for change in FINER]
            found = max((rough, *_at(finer, one_TC, other_TC)), key=_movement)
    return found


def _at(speeds: Iterable[float], one_TC: Floats, other_TC: Floats) -> Iterator[Alignment]:
    return (_fitted(_faster(one_TC, speed), other_TC, speed) for speed in speeds)


def _movement(match: Alignment) -> float:
    return match.movement


def _fitted(one_TC: Floats, other_TC: Floats, speed: float) -> Alignment:
    """Return the best of all shifts, looked for by whole pictures first."""
    shift = _best_shift(one_TC, other_TC)
    return max(_between(one_TC, other_TC, shift, speed), key=_movement)


def _between(one_TC: Floats, other_TC: Floats, shift: int, speed: float) -> Iterator[Alignment]:
    """Yield the films at parts of a picture before and after a shift."""
    for part in PARTS_OF_A_BIN:
        moved_TC = one_TC if not part else one_TC[:-1] * (1 - part) + one_TC[1:] * part
        for whole in (shift, shift + 1) if part else (shift,):
            start, end = max(0, -whole), min(len(moved_TC), len(other_TC) - whole)
            if end - start < min(2, len(one_TC), len(other_TC)):
                continue
            a_TC, b_TC = moved_TC[start:end], other_TC[start + whole : end + whole]
            yield Alignment(movements_alike(a_TC, b_TC), a_TC, b_TC, whole - part, speed)


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


def _best_shift(a_TC: Floats, b_TC: Floats) -> int:
    """Return the shift by whole pictures at which the two move most alike."""
    num_a, num_b = len(a_TC), len(b_TC)
    need = max(1, int(np.ceil(MIN_OVERLAP * min(num_a, num_b))))
    shifts = np.arange(need - num_a, num_b - need + 1)
    return int(shifts[np.argmax(_correlations(a_TC, b_TC, shifts))])


def _correlations(a_TC: Floats, b_TC: Floats, shifts: NDArray[np.intp]) -> Floats:
    """Return `movements_alike` at each shift.

    Sums over stretches of time are differences of running sums, so that all shifts cost
    little more than one.
    """
    a_TC, b_TC = (x_TC.astype(np.float64) - x_TC.mean(0) for x_TC in (a_TC, b_TC))
    starts, ends = np.maximum(0, -shifts), np.minimum(len(a_TC), len(b_TC) - shifts)
    num = (ends - starts)[:, None]
    mean_a, var_a = _moments(a_TC, starts, ends)
    mean_b, var_b = _moments(b_TC, starts + shifts, ends + shifts)
    products = a_TC @ b_TC.T
    together = np.array([np.trace(products, offset=shift) for shift in shifts])[:, None] / num
    together -= (mean_a * mean_b).sum(1, keepdims=True)
    apart = np.sqrt(var_a * var_b).sum(1, keepdims=True)
    correlations: Floats = (together / (apart + FLOOR * a_TC.shape[1]))[:, 0]
    return correlations


def _moments(
    x_TC: Floats, starts: NDArray[np.intp], ends: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return mean and variance of each cell over the stretches [start, end)."""
    sums, squares = _running_sums(x_TC), _running_sums(x_TC**2)
    num = (ends - starts)[:, None]
    mean = (sums[ends] - sums[starts]) / num
    return mean, np.maximum((squares[ends] - squares[starts]) / num - mean**2, 0)


def _running_sums(x_TC: Floats) -> Floats:
    sums = np.zeros((len(x_TC) + 1, x_TC.shape[1]))
    np.cumsum(x_TC, axis=0, out=sums[1:])
    return sums
