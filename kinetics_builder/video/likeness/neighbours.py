"""Which vectors are near which, among many."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.video.likeness.borders import Floats

FEW = 20_000
"""Vectors up to which all are compared; beyond, those of like cells alone."""

NUM_CELLS = 512
NUM_PROBED = 24
"""Cells nearest to a query whose vectors are compared with it."""

MOST_TAUGHT = 40_000
"""Vectors that cells are laid out by."""


class Neighbours:
    """Vectors of length 1 that can be asked which of them are near to others."""

    def __init__(self, vectors_ND: Floats) -> None:
        """Lay out an index; equal vectors make equal ones."""
        import faiss

        num_values = vectors_ND.shape[1]
        flat = faiss.IndexFlatIP(num_values)
        self._index: Any = flat
        if len(vectors_ND) > FEW:
            cells = faiss.IndexIVFFlat(flat, num_values, NUM_CELLS, faiss.METRIC_INNER_PRODUCT)
            step = -(-len(vectors_ND) // MOST_TAUGHT)
            cells.train(vectors_ND[::step])
            cells.nprobe = NUM_PROBED
            self._index = cells
        if len(vectors_ND):
            self._index.add(vectors_ND)

    def near(
        self, queries_ND: Floats, least_cosine: float
    ) -> Iterator[tuple[NDArray[np.int64], Floats]]:
        """Yield for each query the places of the vectors at least so near, and their cosines."""
        ends, cosines, places = self._index.range_search(queries_ND, least_cosine)
        for start, end in pairwise(ends):
            yield places[start:end], cosines[start:end]
