"""Finding what is odd in columns of AVA's rows.

Shapes, as name suffixes: N rows of the file, 4 corners.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION, Layout, Values, tell
from kinetics_builder.formats.problems import Problems

Columns = dict[str, NDArray[Any]]
_PART = 1 << 15
"""Rows that are mixed at a time: what they are made of stays near the processor."""


def tell_of_odd_rows(
    columns: Columns, run_N: NDArray[np.int64], layout: Layout, problems: Problems
) -> None:
    """Warn of odd rows, and give detections without a score the one they count with.

    `run_N` says of each row which run of rows of one key frame it stands in.
    """
    boxes_N4, value_N = columns["boxes_N4"], columns["value_N"]
    x1, y1, x2, y2 = boxes_N4.T
    inside_N = (x1 >= 0) & (x1 < x2) & (x2 <= 1) & (y1 >= 0) & (y1 < y2) & (y2 <= 1)
    twice_N = repeated(columns, run_N)
    scoreless_N = np.isnan(value_N) if layout.has_scores else np.zeros(len(value_N), bool)
    nothing_N = (columns["action_N"] < FIRST_ACTION) & layout.has_scores
    for row in np.flatnonzero(~inside_N | twice_N | scoreless_N | nothing_N):
        problems.line = int(columns["line_N"][row])
        last = None if np.isnan(value_N[row]) else float(value_N[row])
        values: Values = (*boxes_N4[row].tolist(), int(columns["action_N"][row]), last)
        tell(values, layout, problems, is_twice=bool(twice_N[row]))
    value_N[scoreless_N] = 1.0


def repeated(columns: Columns, run_N: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which rows stand already among the rows of their run before them."""
    values = [*columns["boxes_N4"].T, columns["value_N"], columns["action_N"], run_N]
    hash_N = _hashes(values)
    found_N = np.zeros(len(run_N), bool)
    ordered = np.sort(hash_N)
    if not (ordered[1:] == ordered[:-1]).any():
        return found_N
    order = np.argsort(hash_N, kind="stable")
    is_equal = hash_N[order[1:]] == hash_N[order[:-1]]
    for value_N in values:
        later_N, before_N = value_N[order[1:]], value_N[order[:-1]]
        is_equal &= (later_N == before_N) | (np.isnan(later_N) & np.isnan(before_N))
    found_N[order[1:][is_equal]] = True
    return found_N


def _hashes(values: list[NDArray[Any]]) -> NDArray[np.uint64]:
    """Return a number of each row that equal rows share, and hardly any others."""
    hash_N = np.zeros(len(values[0]), np.uint64)
    for start in range(0, len(hash_N), _PART):
        part = hash_N[start : start + _PART]
        for value_N in values:
            # Minus zero is zero: 0.0 makes them one.
            part ^= (value_N[start : start + _PART] + 0.0).view(np.uint64)
            part *= np.uint64(0x9E3779B97F4A7C15)
            part ^= part >> np.uint64(29)
    return hash_N
