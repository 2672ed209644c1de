"""Which rows of a key frame count, and in which order: the best 50, as a heap leaves them.

Shapes, as name suffixes: N rows, F key frames, C cells of all heaps.

Source: ActivityNet `get_ava_performance.read_csv`. There each key frame has a heap of (score,
class, y1, x1, y2, x2); a full heap takes a row whose score is strictly greater than the least,
and gives its least row. The rows come out by descending score; rows of equal score as they
stand in the heap. That decides between equals, and depends on the order of the file.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.metrics.ava.boxes import Bools, Boxes, Floats, Ints
from kinetics_builder.metrics.ava.heaps import push, replace_least

Columns = Sequence[NDArray[Any]]


def ranked_rows(boxes: Boxes, capacity: int | None = None) -> Ints:
    """Return the rows that count: by key frame in the order they first come, best first.

    A key frame keeps its `capacity` best rows of all classes together; None keeps all. Rows
    that are equal in everything may stand for one another.
    """
    if not len(boxes):
        return np.array([], np.int64)
    frames_N = _as_they_come(boxes.frames_N)
    order_N, ranks_N, groups_N = _ranks(boxes, frames_N)
    is_first_N = np.diff(ranks_N[order_N], prepend=-1) > 0
    row_of_rank = order_N[is_first_N]
    cells_C, frames_C = _fill(frames_N, ranks_N, boxes.scores_N[row_of_rank], capacity)
    rows_C = row_of_rank[cells_C]
    # Frames from the first, scores from the highest: one sort where a key for both is.
    keys_C = frames_C * len(boxes) - groups_N[rows_C]
    ranked: Ints = rows_C[np.argsort(keys_C, kind="stable")]
    return ranked


def _as_they_come(frames_N: Ints) -> Ints:
    """Number the frames by their first row."""
    begins_N = np.diff(frames_N, prepend=frames_N[0] - 1) != 0
    _, first_F, numbers = np.unique(frames_N[begins_N], return_index=True, return_inverse=True)
    ranks_F = np.empty(len(first_F), np.int64)
    ranks_F[np.argsort(first_F)] = np.arange(len(first_F))
    ranks: Ints = ranks_F[numbers.reshape(-1)][np.cumsum(begins_N) - 1]
    return ranks


def _ranks(boxes: Boxes, frames_N: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the rows by frame, score, class, y1, x1, y2, x2; and each row's place among them.

    Rows equal in all of them have one place. The last are the places by frame and score alone.
    """
    keys_N = frames_N * len(boxes) + _places(boxes.scores_N)
    order_N = np.argsort(keys_N)
    is_next_N = np.ones(len(order_N), np.bool_)
    is_next_N[1:] = np.diff(keys_N[order_N]) != 0
    groups_N = np.empty(len(order_N), np.int64)
    groups_N[order_N] = np.cumsum(is_next_N)
    _part_equals(order_N, is_next_N, lambda rows: [boxes.classes_N[rows]])
    _part_equals(order_N, is_next_N, lambda rows: [*boxes.boxes_N4[rows][:, [1, 0, 3, 2]].T])
    ranks_N = np.empty(len(order_N), np.int64)
    ranks_N[order_N] = np.cumsum(is_next_N) - 1
    return order_N, ranks_N, groups_N


def _part_equals(order_N: Ints, is_next_N: Bools, columns_of: Callable[[Ints], Columns]) -> None:
    """Order those rows by further columns that are equal up to here, the first column first.

    `is_next_N` says where a row differs from the one before it, and is told where it does now.
    """
    is_tied_N = ~(is_next_N & np.append(is_next_N[1:], True))
    tied, runs = order_N[is_tied_N], np.cumsum(is_next_N[is_tied_N])
    columns = np.stack([*reversed(columns_of(tied)), runs])
    inner = np.lexsort(columns)
    order_N[is_tied_N] = tied[inner]
    is_next_N[is_tied_N] = (np.diff(columns[:, inner], prepend=-1) != 0).any(axis=0)


def _places(scores_N: Floats) -> Ints:
    """Return each score's place among all that differ."""
    order_N = np.argsort(scores_N)
    is_next_N = np.diff(scores_N[order_N], prepend=-np.inf) > 0
    places_N = np.empty(len(order_N), np.int64)
    places_N[order_N] = np.cumsum(is_next_N) - 1
    return places_N


def _fill(frames_N: Ints, ranks_N: Ints, scores: Floats, capacity: int | None) -> tuple[Ints, Ints]:
    """Put each frame's rows on its heap in their order; return the cells and their frames.

    `scores` are those of the ranks. All heaps take their first row together, then their second:
    so the frames go by descending number of rows.
    """
    lengths_F = np.bincount(frames_N)
    frames_F = np.argsort(-lengths_F, kind="stable")
    starts_F = (np.cumsum(lengths_F) - lengths_F)[frames_F]
    lengths_F = lengths_F[frames_F]
    limit = int(lengths_F[0]) if capacity is None else capacity
    sizes_F = np.minimum(lengths_F, limit)
    bases_F = np.cumsum(sizes_F) - sizes_F
    cells_C = np.empty(int(sizes_F.sum()), np.int64)
    queued_N = ranks_N[np.argsort(frames_N, kind="stable")]
    for step in range(int(lengths_F[0])):
        num_heaps = int(np.searchsorted(-lengths_F, -step))
        bases, new = bases_F[:num_heaps], queued_N[starts_F[:num_heaps] + step]
        if step < limit:
            push(cells_C, bases, new, step)
        else:
            is_better = scores[new] > scores[cells_C[bases]]
            replace_least(cells_C, bases[is_better], new[is_better], limit)
    return cells_C, np.repeat(frames_F, sizes_F)
