"""What is known without looking: the boxes of detections, scored by how frequent each class is.

Shapes, as name suffixes: N rows, F key frames, B boxes, K classes.
"""

import numpy as np

from kinetics_builder.metrics.ava.boxes import Boxes, Floats, Ints
from kinetics_builder.metrics.ava.frames import CAPACITY

LOT = 1e-6
"""Share of a score that the lot takes at most: less than two frequencies differ by."""

LEAST = 1e-9
"""The score of what was never seen: rarer than once in all of AVA's rows."""


def by_lot(scores: Floats, random: np.random.Generator) -> Floats:
    """Return the scores, each less by up to a millionth of it.

    Equal scores would be ranked by the order of their rows, which goes by films and knows much
    of who does the same. What was never seen has nearly nothing, and not equally nothing.
    """
    ranked: Floats = np.maximum(scores, LEAST) * (1 - random.uniform(0.0, LOT, scores.shape))
    return ranked


def prior_detections(boxes: Boxes, shares_K: Floats, *, capacity: int = CAPACITY) -> Boxes:
    """Return each box of each key frame with every class, scored by the class's share.

    A box is a key frame and four corners, whatever classes and scores it has in `boxes`. Of a
    key frame the `capacity` rows of the most frequent classes are given (of equal ones the
    lower number first), as no more count. Among the boxes of a class the lot decides, always
    the same, whatever the order of rows in `boxes`.
    """
    random = np.random.default_rng(0)
    place_B = _distinct(boxes)
    lot_B = random.random(len(place_B))
    place_B = place_B[np.lexsort((lot_B, boxes.frames_N[place_B]))]
    frames_F, start_F, num_F = np.unique(
        boxes.frames_N[place_B], return_index=True, return_counts=True
    )
    row_N, frame_N = _steps(np.minimum(num_F * len(shares_K), capacity))
    class_N = np.argsort(-shares_K, kind="stable")[row_N // num_F[frame_N]]
    box_N = place_B[start_F[frame_N] + row_N % num_F[frame_N]]
    return Boxes(
        frames_N=frames_F[frame_N],
        classes_N=class_N.astype(np.int64),
        boxes_N4=boxes.boxes_N4[box_N],
        scores_N=by_lot(shares_K[class_N], random),
    )


def _distinct(boxes: Boxes) -> Ints:
    """Return a row of each box, by key frame, then y1, x1, y2, x2."""
    x1_N, y1_N, x2_N, y2_N = boxes.boxes_N4.T
    order_N = np.lexsort((x2_N, y2_N, x1_N, y1_N, boxes.frames_N))
    rows = np.column_stack([boxes.frames_N, boxes.boxes_N4])[order_N]
    is_new_N = np.concatenate([[True], (np.diff(rows, axis=0) != 0).any(axis=1)])
    places: Ints = order_N[is_new_N[: len(rows)]]
    return places


def _steps(counts_F: Ints) -> tuple[Ints, Ints]:
    """Return 0, 1 ... up to each count, one after the other, and which count each is of.

    >>> _steps(np.array([2, 3]))
    (array([0, 1, 0, 1, 2]), array([0, 0, 1, 1, 1]))
    """
    of_N = np.repeat(np.arange(len(counts_F)), counts_F)
    starts_F = np.cumsum(counts_F) - counts_F
    return np.arange(len(of_N)) - starts_F[of_N], of_N
