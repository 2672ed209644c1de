"""What knows no picture: every box does what people did in training, as often. No torch.

Shapes, as name suffixes: K classes, N boxes of a key frame.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.detection.folder import KeyFrame

Floats = NDArray[np.float64]


def examples(key_frames: Iterable[KeyFrame], num_classes: int) -> Floats:
    """Return how many boxes do each action (K)."""
    counts_K: Floats = np.zeros(num_classes)
    for key_frame in key_frames:
        counts_K += key_frame.actions_NK.sum(axis=0)
    return counts_K


def frequencies(key_frames: Sequence[KeyFrame], num_classes: int) -> Floats:
    """Return the share of boxes that do each action (K); 0 where there is no box."""
    num_boxes = sum(len(key_frame.boxes_N4) for key_frame in key_frames)
    return examples(key_frames, num_classes) / max(1, num_boxes)
