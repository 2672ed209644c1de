"""Figures that nobody knows for sure: each is many draws, of which people are shown three.

Shapes, as name suffixes: N draws.
"""

import zlib
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

NUM_DRAWS = 2000
LOW, HIGH = 10, 90
"""Percentiles that are shown: of ten plans, the truth lies below one and above one."""

Draws = npt.NDArray[np.float64]


class Range(NamedTuple):
    """A figure as people are shown it."""

    low: float
    """One of ten is lower."""
    likely: float
    """The middle one."""
    high: float
    """One of ten is higher."""


def shown(draws_N: Draws) -> Range:
    """Return the percentiles of a figure's draws.

    >>> shown(fixed(3))
    Range(low=3.0, likely=3.0, high=3.0)
    """
    low, likely, high = np.percentile(draws_N, (LOW, 50, HIGH))
    return Range(float(low), float(likely), float(high))


def fixed(value: float) -> Draws:
    """Return the draws of what is known."""
    return np.full(NUM_DRAWS, float(value))


def between(low: float, likely: float, high: float, name: str) -> Draws:
    """Return draws between two bounds, most of them near `likely`; equal names draw equally.

    >>> bool(between(1, 2, 4, "x").min() >= 1)
    True
    """
    if low == high:
        return fixed(low)
    return generator(name).triangular(low, likely, high, NUM_DRAWS)


def generator(name: str) -> np.random.Generator:
    """Return a source of chance of its own for a figure: equal plans say equal figures."""
    return np.random.default_rng(zlib.crc32(name.encode()))
