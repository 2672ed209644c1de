"""What is known without looking: the boxes of detections, scored by how frequent each class is.

Shapes, as name suffixes: N rows, F key frames, B boxes, K classes.
"""

import numpy as np

from kinetics_builder.metrics.ava.boxes import Boxes, Floats, Ints
from kinetics_builder.metrics.ava.frames import CAPACITY


def prior_detections(boxes: Boxes, shares_K: Floats, *, capacity: int = CAPACITY) -> Boxes:
    """Return each box of each key frame with every class, scored by the class's share.

    A box is a key frame and four corners, whatever classes and scores it has in `boxes`.
    Rows come by key frame and from the most frequent class to the rarest (of equal ones the
    lower number first), within a class by y1, x1, y2, x2; of a key frame the first `capacity`
    are given, as no more count. So the order of rows in `boxes` does not matter.
    """
    x1_N, y1_N, x2_N, y2_N = boxes.boxes_N4.T
    order_N = np.lexsort((x2_N, y2_N, x1_N, y1_N, boxes.frames_N))
    rows = np.column_stack([boxes.frames_N, boxes.boxes_N4])[order_N]
    is_new_N = np.concatenate([[True], (np.diff(rows, axis=0) != 0).any(axis=1)])[: len(rows)]
    place_B = order_N[is_new_N]
    frame_B = boxes.frames_N[place_B]
    frames_F, start_F, num_F = np.unique(frame_B, return_index=True, return_counts=True)
    row_N, frame_N = _steps(np.minimum(num_F * len(shares_K), capacity))
    class_N = np.argsort(-shares_K, kind="stable")[row_N // num_F[frame_N]]
    box_N = place_B[start_F[frame_N] + row_N % num_F[frame_N]]
    return Boxes(
        frames_N=frames_F[frame_N],
        classes_N=class_N.astype(np.int64),
        boxes_N4=boxes.boxes_N4[box_N],
        scores_N=shares_K[class_N],
    )


def _steps(counts_F: Ints) -> tuple[Ints, Ints]:
    """Return 0, 1 ... up to each count, one after the other, and which count each is of.

    >>> _steps(np.array([2, 3]))
    (array([0, 1, 0, 1, 2]), array([0, 0, 1, 1, 1]))
    """
    of_N = np.repeat(np.arange(len(counts_F)), counts_F)
    starts_F = np.cumsum(counts_F) - counts_F
    return np.arange(len(of_N)) - starts_F[of_N], of_N
