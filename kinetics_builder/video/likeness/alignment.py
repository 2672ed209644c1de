"""Laying tiny films over others that may begin later or run a little faster, many pairs at once.

Cells that only one of two films shows are 0 in both, and are not counted.
Shapes: P pairs, T time, C cells.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.shifts import FLOOR, Shifts, best_shifts, between, means_of

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


def align(one_PTC: Floats, other_PTC: Floats, num_cells_P: Floats) -> list[Alignment]:
    """Return how the two films of each pair fit each other best in time."""
    found = _fitted(one_PTC, other_PTC, num_cells_P)
    if min(one_PTC.shape[1], other_PTC.shape[1]) < MIN_BINS:
        return found
    unsure = np.flatnonzero([POOR < one.movement < GOOD for one in found])
    if not len(unsure):
        return found
    speeds, near = _rough_speeds(one_PTC[unsure], other_PTC[unsure], num_cells_P[unsure])
    for speed in sorted({*speeds.tolist()} - {1.0}):
        is_so = speeds == speed
        pairs = unsure[is_so]
        films = one_PTC[pairs], other_PTC[pairs], num_cells_P[pairs]
        others = _fastest(*films, [speed + change for change in (0.0, *FINER)], near[is_so])
        for pair, other in zip(pairs, others, strict=True):
            found[pair] = max(found[pair], other, key=_movement)
    return found


def align_again(
    one_PTC: Floats, other_PTC: Floats, num_cells_P: Floats, before: Sequence[Alignment]
) -> list[Alignment]:
    """Return the same of pairs that lay over each other before: at the same speeds, near there."""
    return [
        _best_near(
            _at_speed(one_PTC[pair : pair + 1], known.speed)[0],
            other_PTC[pair],
            known.shift_bins,
            float(num_cells_P[pair]),
        )._replace(speed=known.speed)
        for pair, known in enumerate(before)
    ]


def _fastest(
    one_PTC: Floats,
    other_PTC: Floats,
    num_cells_P: Floats,
    speeds: Sequence[float],
    near_P: Floats,
) -> list[Alignment]:
    """Return the best of some speeds, at shifts near to those given."""
    ones = [_at_speed(one_PTC, speed) for speed in speeds]
    tried = [_roughly(one, other_PTC, num_cells_P, near_P) for one in ones]
    best = np.argmax([rough.fits_P for rough in tried], axis=0)
    return [
        _best_near(
            ones[at][pair], other_PTC[pair], float(tried[at].shifts_P[pair]), num_cells
        )._replace(speed=speeds[at])
        for pair, (at, num_cells) in enumerate(
            zip(best.tolist(), num_cells_P.tolist(), strict=True)
        )
    ]


def _rough_speeds(
    one_PTC: Floats, other_PTC: Floats, num_cells_P: Floats
) -> tuple[NDArray[np.float64], Floats]:
    """Return at which speeds of the ones films of half as many pictures fit best, and where."""
    one, other = _halved(one_PTC), _halved(other_PTC)
    speeds = np.array([1.0, *OTHER_SPEEDS])
    found = [best_shifts(_faster(one, speed), other, num_cells_P) for speed in speeds]
    best = np.argmax([at.fits_P for at in found], axis=0)
    shifts = np.array([at.shifts_P for at in found])
    return speeds[best], 2 * shifts[best, np.arange(len(best))]


def _halved(films_PTC: Floats) -> Floats:
    """Return films of half as many pictures."""
    even = films_PTC[:, : films_PTC.shape[1] // 2 * 2]
    halved: Floats = (even[:, ::2] + even[:, 1::2]) / 2
    return halved


def _movement(match: Alignment) -> float:
    return match.movement


def _fitted(one_PTC: Floats, other_PTC: Floats, num_cells_P: Floats) -> list[Alignment]:
    """Return the best of all shifts, looked for by parts of a picture."""
    rough = _roughly(one_PTC, other_PTC, num_cells_P)
    at = rough.shifts_P.tolist(), num_cells_P.tolist()
    return list(map(_best_near, one_PTC, other_PTC, *at))


def _roughly(
    one_PTC: Floats, other_PTC: Floats, num_cells_P: Floats, near_P: Floats | None = None
) -> Shifts:
    """Return the best of all shifts by halves of a picture, or of those near some."""
    tried = [
        best_shifts(one_PTC, other_PTC, num_cells_P, part=part, near_P=near_P)
        for part in PARTS_OF_A_BIN
    ]
    fits, shifts = (np.array(values) for values in zip(*tried, strict=True))
    best, pairs = np.lexsort((shifts, fits), axis=0)[-1], np.arange(len(num_cells_P))
    return Shifts(fits[best, pairs], shifts[best, pairs])


def _best_near(one_TC: Floats, other_TC: Floats, shift: float, num_cells: float) -> Alignment:
    near = shift, shift - FINER_PART, shift + FINER_PART
    return max((_shifted(one_TC, other_TC, at, num_cells) for at in near), key=_movement)


def _shifted(one_TC: Floats, other_TC: Floats, shift: float, num_cells: float) -> Alignment:
    """Return the films with the other so many pictures later."""
    whole = int(np.ceil(shift))
    moved_TC = between(one_TC, whole - shift)
    start, end = max(0, -whole), min(len(moved_TC), len(other_TC) - whole)
    if end - start < min(2, len(one_TC), len(other_TC)):
        return Alignment(-1.0, one_TC[:1], other_TC[:1], shift, 1.0)
    a_TC, b_TC = moved_TC[start:end], other_TC[start + whole : end + whole]
    return Alignment(movements_alike(a_TC, b_TC, num_cells), a_TC, b_TC, shift, 1.0)


def movements_alike(
    one_TC: Floats, other_TC: Floats, num_cells: float, floor: float = FLOOR
) -> float:
    """Return the correlation over time, cell by cell, of two films of equal length.

    Cells are weighted by how much they move: one that moves in one clip alone (a caption
    covers it in the other) says nothing.
    """
    a_TC, b_TC = (x_TC - means_of(x_TC) for x_TC in (one_TC, other_TC))
    together = np.vdot(a_TC, b_TC)
    sizes = (np.einsum("tc,tc->c", x_TC, x_TC) for x_TC in (a_TC, b_TC))
    apart = np.sqrt(np.multiply(*sizes)).sum()
    return float(together / (apart + floor * num_cells * len(one_TC)))


def changes_alike(one_TC: Floats, other_TC: Floats, num_cells: float) -> float:
    """Return the same of what changes from one picture to the next: gestures, not postures."""
    if len(one_TC) < 5:
        return movements_alike(one_TC, other_TC, num_cells)
    a_TC, b_TC = (np.diff(_smooth(film_TC), axis=0) for film_TC in (one_TC, other_TC))
    return movements_alike(a_TC, b_TC, num_cells, FLOOR / 2)


def _smooth(film_TC: Floats) -> Floats:
    smooth: Floats = (film_TC[:-2] + 2 * film_TC[1:-1] + film_TC[2:]) / 4
    return smooth


def _at_speed(films_PTC: Floats, speed: float) -> Floats:
    return films_PTC if speed == 1.0 else _faster(films_PTC, speed)


def _faster(films_PTC: Floats, speed: float) -> Floats:
    """Return films played `speed` times as fast, interpolated between their pictures."""
    moments = np.arange(0, films_PTC.shape[1] - 1, speed)
    low = moments.astype(int)
    weight = (moments - low).astype(np.float32)[:, None]
    faster: Floats = films_PTC[:, low] * (1 - weight) + films_PTC[:, low + 1] * weight
    return faster
