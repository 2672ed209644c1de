"""Answers in blocks of whole workers, so that a million need no more memory at once than some.

Shapes, as name suffixes: V answers (of all), B answers of a block, W workers, A answers that can be
given, X and Y what a caller's table holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from kinetics_builder.crowd.policies.answered import Answered, Floats, Ints

ANSWERS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Block:
    """All answers of some workers who stand beside one another: first all no, then all yes."""

    places: slice
    """Where they stand among all answers."""
    workers: slice
    num_no: int
    worker_B: Ints
    """Counted from the block's first worker."""
    of_worker_WB: sparse.csr_array
    """Adds up what belongs to each worker."""

    def times(self, weight_BX: Floats, table_AXY: Floats) -> Floats:
        """Return each row times the table of the answer that was given."""
        no, yes = weight_BX[: self.num_no], weight_BX[self.num_no :]
        return np.concatenate([no @ table_AXY[0], yes @ table_AXY[1]])


def in_blocks(answered: Answered, at_once: int = ANSWERS_AT_ONCE) -> tuple[Ints, list[Block]]:
    """Return the order in which answers stand (V), and the blocks.

    Every worker is in one block, with all answers, whether there are any. The order in which
    answers came does not matter.
    """
    num_W = np.bincount(answered.worker_V, minlength=answered.num_workers)
    block_W = (np.cumsum(num_W) - num_W) // at_once
    keys = (answered.clip_V, answered.worker_V, answered.is_yes_V, block_W[answered.worker_V])
    order_V = np.lexsort(keys)
    return order_V, list(_blocks(answered, order_V, block_W))


def _blocks(answered: Answered, order_V: Ints, block_W: Ints) -> Iterator[Block]:
    worker_V, is_yes_V = answered.worker_V[order_V], answered.is_yes_V[order_V]
    block_V = block_W[worker_V]
    for block in np.unique(block_W):
        first, end = np.searchsorted(block_W, [block, block + 1]).tolist()
        places = slice(*np.searchsorted(block_V, [block, block + 1]).tolist())
        worker_B = worker_V[places] - first
        num_no = int((~is_yes_V[places]).sum())
        of_worker_WB = indicator(worker_B, end - first)
        yield Block(places, slice(first, end), num_no, worker_B, of_worker_WB)


def indicator(row_V: Ints, num_rows: int) -> sparse.csr_array:
    """Return the matrix (rows, V) that adds up what belongs to each row."""
    columns = np.arange(len(row_V))
    return sparse.csr_array((np.ones(len(row_V)), (row_V, columns)), (num_rows, len(row_V)))
