"""Where pictures lie on others that may be crops of them.

A placing is a row of four numbers, scale and shift of each axis: what the other picture shows at
`x` of a side, in [0, 1], lies at `(x - 0.5) * scale + 0.5 + shift` of the one.
Shapes: P pairs, 4 values (`scale_y, shift_y, scale_x, shift_x`), S side, H height, W width.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats

Placings = NDArray[np.float64]

LEAST_KEPT = 0.8
"""Share of a side that a crop leaves at least."""

MOST_SHIFTED = 0.14
"""Share of a side by which the middle of a crop lies beside that of the whole, at most."""

SLACK = 0.03
"""Share of a side by which a crop may seem to reach beyond what it was cut from."""


def none_cropped(num_pairs: int) -> Placings:
    """Return placings of pictures that show the same part."""
    return np.tile([1.0, 0.0, 1.0, 0.0], (num_pairs, 1))


def turned_round(placings_P4: Placings) -> Placings:
    """Return how the other of each two lies on the one."""
    scales, shifts = placings_P4[:, ::2], placings_P4[:, 1::2]
    turned: Placings = np.stack([1 / scales, -shifts / scales], axis=2).reshape(-1, 4)
    return turned


def may_be_crops(placings_P4: Placings) -> NDArray[np.bool_]:
    """Return of which pairs one may have been cut from the other, (P,)."""
    scales, shifts = placings_P4[:, ::2], placings_P4[:, 1::2]
    is_one, is_other = scales.max(1) <= 1 + SLACK, scales.min(1) >= 1 - SLACK
    kept = np.minimum(scales, 1 / scales)
    shifts = np.abs(shifts) / np.maximum(scales, 1)
    is_cut = (kept >= LEAST_KEPT - SLACK) & (shifts <= (1 - kept) / 2 + SLACK)
    may_be: NDArray[np.bool_] = (is_one | is_other) & is_cut.all(1)
    return may_be


def distances(placings_P4: Placings) -> Floats:
    """Return how far each is from no crop at all, as a share of a side, (P,)."""
    from_whole: Floats = np.abs(placings_P4 - [1, 0, 1, 0]) * [1, 2, 1, 2]
    furthest: Floats = from_whole.max(1)
    return furthest


class Overlays(NamedTuple):
    """The parts of pictures that show the same when one of each two is laid on the other."""

    rows_PSS: Floats
    columns_PSS: Floats
    has_row_PS: NDArray[np.bool_]
    has_column_PS: NDArray[np.bool_]

    @property
    def within_PHW(self) -> NDArray[np.bool_]:
        """Which cells of the others both show."""
        return self.has_row_PS[:, :, None] & self.has_column_PS[:, None]

    @property
    def shares_P(self) -> Floats:
        """How much of a side both show, in [0, 1]."""
        shares: Floats = np.sqrt(self.has_row_PS.mean(1) * self.has_column_PS.mean(1))
        return shares

    def of_ones(self, pictures_PNHW: Floats) -> Floats:
        """Return what N pictures of each one show, cell by cell of the other."""
        num_pairs, _, side, _ = pictures_PNHW.shape
        across = pictures_PNHW.reshape(num_pairs, -1, side) @ self.columns_PSS.transpose(0, 2, 1)
        shown: Floats = self.rows_PSS[:, None] @ across.reshape(pictures_PNHW.shape)
        return shown


def overlays(placings_P4: Placings, side: int) -> Overlays:
    """Return the common parts of pictures of so many pixels a side."""
    rows_PSS, has_row_PS = stretches(placings_P4[:, 0], placings_P4[:, 1], side)
    columns_PSS, has_column_PS = stretches(placings_P4[:, 2], placings_P4[:, 3], side)
    return Overlays(rows_PSS, columns_PSS, has_row_PS, has_column_PS)


def stretches(scales: Floats, shifts: Floats, side: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the matrices (P, S, S) that stretch a side, and which of their rows lie within it."""
    places = ((middles(side) * scales[:, None]) + 0.5 + shifts[:, None]) * side - 0.5
    is_within = (places >= -0.75) & (places <= side - 0.25)
    inside = np.clip(places, 0, side - 1).astype(np.float32)
    apart = np.abs(inside[:, :, None] - np.arange(side, dtype=np.float32))
    return np.maximum(0, 1 - apart), is_within


@cache
def middles(side: int) -> Floats:
    """Return where the middles of a side's pixels lie, from its own middle."""
    places: Floats = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    return places
