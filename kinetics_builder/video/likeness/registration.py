"""Laying one small picture over another that may be a crop of it.

Shapes: H height, W width, P crops of a side.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats
from kinetics_builder.video.likeness.fingerprint import SIDE, STILL_SIDE

KEPT_SIZES = (0.95, 0.9, 0.85)
"""Shares of a side that a crop may leave, where the search begins."""

LEAST_KEPT = 0.8
"""Share of a side that a crop leaves at least."""

SLACK = 0.03
"""Share of a side by which a crop may seem to reach beyond what it was cut from."""

CLEAN_SHARE = 0.85
"""Share of the picture that must agree; a caption or a logo may cover the rest."""

NUM_STARTS = 2
"""Places from which a fit is looked for."""

MAX_STEPS = 6

_CLOSE = 1e-3
"""Step below which a fit is good enough."""


class Placing(NamedTuple):
    """Where one picture lies on another, side by side of both axes.

    What the other shows at `x`, in [0, 1], lies at `(x - 0.5) * scale + 0.5 + shift` of the one.
    """

    scale_y: float = 1.0
    shift_y: float = 0.0
    scale_x: float = 1.0
    shift_x: float = 0.0

    @property
    def is_crop(self) -> bool:
        """Whether one of the two may have been cut from the other."""
        is_one = max(self.scale_y, self.scale_x) <= 1 + SLACK
        is_other = min(self.scale_y, self.scale_x) >= 1 - SLACK
        is_within = _is_cut(self.scale_y, self.shift_y) and _is_cut(self.scale_x, self.shift_x)
        return (is_one or is_other) and is_within

    @property
    def distance(self) -> float:
        """How far it is from no crop at all, as a share of a side."""
        sizes = abs(self.scale_y - 1), abs(self.scale_x - 1)
        return float(max(*sizes, 2 * abs(self.shift_y), 2 * abs(self.shift_x)))


def _is_cut(scale: float, shift: float) -> bool:
    if scale > 1:
        scale, shift = 1 / scale, -shift / scale
    return scale >= LEAST_KEPT - SLACK and abs(shift) <= (1 - scale) / 2 + SLACK


class Overlay(NamedTuple):
    """The parts of two pictures, or films, that show the same when one is laid on the other."""

    rows: Floats
    columns: Floats
    has_row: NDArray[np.bool_]
    has_column: NDArray[np.bool_]

    def of_one(self, pictures: Floats) -> Floats:
        """Return what the first shows of the common part, (..., H, W)."""
        part: Floats = self.rows @ pictures @ self.columns.T
        return part

    def of_other(self, pictures: Floats) -> Floats:
        """Return what the second shows of the common part, (..., H, W)."""
        part: Floats = pictures[..., self.has_row, :][..., self.has_column]
        return part


def overlay(placing: Placing, side: int) -> Overlay:
    """Return the common part of two pictures of so many pixels a side."""
    rows, has_row = _stretch(placing.scale_y, placing.shift_y, side)
    columns, has_column = _stretch(placing.scale_x, placing.shift_x, side)
    return Overlay(rows[has_row], columns[has_column], has_row, has_column)


def _stretch(scale: float, shift: float, side: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the matrix that stretches a side, and which of its rows lie within it."""
    places = ((_middles(side) * scale) + 0.5 + shift) * side - 0.5
    is_within = (places >= -0.75) & (places <= side - 0.25)
    places = np.clip(places, 0, side - 1)
    low = np.minimum(places.astype(int), side - 2)
    weight = (places - low).astype(np.float32)
    matrix = np.zeros((side, side), np.float32)
    rows = np.arange(side)
    matrix[rows, low] = 1 - weight
    matrix[rows, low + 1] = weight
    return matrix, is_within


@cache
def _middles(side: int) -> Floats:
    """Return where the middles of a side's pixels lie, from its own middle."""
    middles: Floats = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    return middles


class View(NamedTuple):
    """What a clip is laid on another by, each 32 by 32: what it shows, and where it moves."""

    picture: Floats
    movement: Floats


def best_placing(one: View, other: View) -> Placing:
    """Return how `one` lies on `other` best, from where crops fit them roughly."""
    smooth, smooth_other = (View(*map(_smooth, view)) for view in (one, other))
    starts = {start for a, b in zip(one, other, strict=True) for start in rough_placings(a, b)}
    ranked = sorted(starts, key=lambda start: (-_fit_of(start, one, other), start))
    found = [fit(smooth, smooth_other, start) for start in ranked[:NUM_STARTS]]
    return max(found, key=lambda placing: _fit_of(placing, one, other))


def _fit_of(placing: Placing, one: View, other: View) -> float:
    common = overlay(placing, STILL_SIDE)
    alike = [
        pictures_alike(common.of_one(a), common.of_other(b))
        for a, b in zip(one, other, strict=True)
    ]
    share = float(np.sqrt(common.has_row.mean() * common.has_column.mean()))
    return sum(alike) * min(1.0, share / LEAST_KEPT)


def fit(one: Sequence[Floats], other: Sequence[Floats], start: Placing) -> Placing:
    """Return the placing near `start` at which pictures of one and the other differ least.

    Steps of least squares over scale, shift and, of each picture, contrast and brightness, in
    which cells that do not agree (a caption) count the less the less they do.
    """
    fits = [_Fit(a, b) for a, b in zip(one, other, strict=True)]
    placing = np.array(start)
    for _ in range(MAX_STEPS):
        common = overlay(Placing(*placing), len(one[0]))
        squares, wanted = np.zeros((4, 4)), np.zeros(4)
        for picture in fits:
            more_squares, more_wanted = picture.step(common)
            squares += more_squares
            wanted += more_wanted
        squares[np.diag_indices(4)] += 1e-3 * np.trace(squares) / 4 + 1e-6
        step = np.clip(np.linalg.solve(squares, wanted), -0.04, 0.04)
        placing = np.clip(placing + step, _LEAST, _MOST)
        if np.abs(step).max() < _CLOSE:
            break
    return Placing(*map(float, placing))


_LEAST = np.array([LEAST_KEPT, -0.14, LEAST_KEPT, -0.14])
_MOST = np.array([1 / LEAST_KEPT, 0.14, 1 / LEAST_KEPT, 0.14])


class _Fit:
    """One picture that is being laid on another."""

    def __init__(self, one: Floats, other: Floats) -> None:
        side = len(one)
        down, across = np.gradient(one)
        self.shown: Floats = np.stack([one, down * side, across * side])
        self.other = other
        self.levels, self.other_levels = (_levels(picture.ravel()) for picture in (one, other))

    def step(self, common: Overlay) -> tuple[Floats, Floats]:
        """Return the equations of the next step of the four values of a placing."""
        side = len(self.other)
        part_HW, down_HW, across_HW = common.of_one(self.shown)
        part = part_HW.ravel()
        middle, level = self.levels
        other_middle, other_level = self.other_levels
        gain = min(2.5, max(0.4, other_level / level))
        apart = common.of_other(self.other).ravel() - other_middle - gain * (part - middle)
        spread = 1.48 * median(np.abs(apart)) + 1
        weights = (1 + (apart / (1.5 * spread)) ** 2) ** -2 / spread**2
        both = np.empty((6, len(part)), np.float32)
        terms = both.reshape(6, *part_HW.shape)
        np.multiply(down_HW, gain, out=terms[1])
        np.multiply(across_HW, gain, out=terms[3])
        np.multiply(terms[1], _middles(side)[common.has_row][:, None], out=terms[0])
        np.multiply(terms[3], _middles(side)[common.has_column], out=terms[2])
        both[4], both[5] = part, 1
        weighted = both * weights
        squares, sums = (weighted @ both.T).astype(np.float64), weighted @ apart
        squares[4, 4] += 1e-3
        # Contrast and brightness are solved for as well, and eliminated.
        known = np.concatenate([squares[4:, :4], sums[4:, None]], axis=1)
        mixed = squares[:4, 4:] @ np.linalg.solve(squares[4:, 4:], known)
        return squares[:4, :4] - mixed[:, :4], sums[:4] - mixed[:, 4]


def _levels(values: Floats) -> tuple[float, float]:
    """Return the middle of a picture's values, and how far most are from it."""
    middle = median(values)
    return middle, median(np.abs(values - middle)) + 1


def median(values: Floats) -> float:
    """Return the middle one of some values, the upper one of two."""
    middle = len(values) // 2
    return float(np.partition(values, middle)[middle])


def _smooth(picture: Floats) -> Floats:
    padded = np.pad(picture, 1, mode="edge")
    down = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    smooth: Floats = (down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]) / 16
    return smooth


def rough_placings(one: Floats, other: Floats) -> Iterator[Placing]:
    """Yield the crop of each of the two that fits the other best, and no crop."""
    small, small_other = (_halved(picture) for picture in (one, other))
    yield _best_crop(small, small_other)
    scale_y, shift_y, scale_x, shift_x = _best_crop(small_other, small)
    yield Placing(1 / scale_y, -shift_y / scale_y, 1 / scale_x, -shift_x / scale_x)
    yield Placing()


def _halved(picture: Floats) -> Floats:
    halved: Floats = picture.reshape(SIDE, STILL_SIDE // SIDE, SIDE, -1).mean((1, 3))
    return halved


@cache
def _crops() -> tuple[list[tuple[float, float]], Floats]:
    """Return scale and shift of crops of a side, and the matrices (P, SIDE, SIDE) of them."""
    places = [(kept, (at - 0.5) * (1 - kept)) for kept in KEPT_SIZES for at in (0.0, 0.5, 1.0)]
    places = [(1.0, 0.0), *places]
    return places, np.stack([_stretch(scale, shift, SIDE)[0] for scale, shift in places])


def _best_crop(picture: Floats, target: Floats) -> Placing:
    places, matrices = _crops()
    across = picture @ matrices.transpose(0, 2, 1)
    crops = np.einsum("pij,qjk->pqik", matrices, across).reshape(len(places) ** 2, -1)
    best = int(np.argmax(_unit(crops) @ _unit(target.reshape(1, -1))[0]))
    row, column = divmod(best, len(places))
    return Placing(*places[row], *places[column])


def pictures_alike(one: Floats, other: Floats) -> float:
    """Return the correlation of two pictures, in [-1, 1]: over all cells, or those that agree best.

    The larger of the two counts: a caption spoils the first, leaving out the one thing in an
    empty picture the second.
    """
    x, y = (values - median(values) for values in (one.ravel(), other.ravel()))
    num_clean = max(1, int(CLEAN_SHARE * x.size))
    clean = np.arange(x.size)
    for _ in range(2):  # first by all cells, then by those that agree
        size_x, size_y = (np.abs(z[clean]).mean() + 1 for z in (x, y))
        clean = np.argpartition(np.abs(x / size_x - y / size_y), num_clean - 1)[:num_clean]
    agreeing = _unit(x[None, clean])[0] @ _unit(y[None, clean])[0]
    return float(max(_unit(x[None])[0] @ _unit(y[None])[0], agreeing))


def _unit(rows: Floats) -> Floats:
    centred = rows - rows.mean(1, keepdims=True)
    unit: Floats = centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-3)
    return unit
