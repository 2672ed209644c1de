"""Rows of AVA files as arrays: a box on a key frame and one action of its person.

Shapes, as name suffixes: N rows, F key frames, M moments; 4 is x1, y1, x2, y2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """Boxes with one class and one score each, in the order of their file."""

    frames_N: Ints
    """The key frame's number, as `number_key_frames` gives it."""
    classes_N: Ints
    """The class's place among all classes in ascending order of their numbers."""
    boxes_N4: Floats
    """Corners as shares of width and height, (x1, y1) top left."""
    scores_N: Floats
    """Of detections; what a true box has here decides ties only (AVA: the person's number)."""

    def __len__(self) -> int:
        return len(self.frames_N)

    def take(self, rows: Ints | Bools) -> "Boxes":
        """Return the rows at these places, or those where a mask is true."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return Boxes(
            frames_N=self.frames_N.take(places),
            classes_N=self.classes_N.take(places),
            boxes_N4=self.boxes_N4.take(places, axis=0),  # in half the time of an index
            scores_N=self.scores_N.take(places),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrames:
    """All key frames of several sources of rows, by video and time."""

    videos_F: Ints
    microseconds_F: Ints

    def __len__(self) -> int:
        return len(self.videos_F)


def number_key_frames(sources: Sequence[tuple[Ints, Ints]]) -> tuple[KeyFrames, list[Ints]]:
    """Return the key frames of (videos, microseconds) pairs, and each pair's frame numbers.

    Frames are numbered by video, then time, and are the same where both are equal: the official
    code's key is the video's name and the time with six decimals.

    >>> frames, (first, second) = number_key_frames([([1, 0], [902, 903]), ([0, 1], [903, 904])])
    >>> frames.videos_F.tolist(), first.tolist(), second.tolist()
    ([0, 1, 1], [1, 0], [0, 2])
    """
    videos = np.concatenate([np.asarray(part, np.int64) for part, _ in sources])
    moments = np.concatenate([np.asarray(part, np.int64) for _, part in sources])
    # Rows of one key frame mostly follow one another: runs are far fewer than rows.
    begins_N = np.ones(len(videos), np.bool_)
    begins_N[1:] = (videos[1:] != videos[:-1]) | (moments[1:] != moments[:-1])
    moments_M, places = np.unique(moments[begins_N], return_inverse=True)
    num_moments = max(len(moments_M), 1)
    keys = videos[begins_N] * num_moments + places.reshape(-1)
    keys_F, numbers = np.unique(keys, return_inverse=True)
    videos_F, places_F = np.divmod(keys_F, num_moments)
    numbers_N = numbers.reshape(-1).astype(np.int64)[np.cumsum(begins_N) - 1]
    ends = np.cumsum([len(part) for part, _ in sources])[:-1]
    frames = KeyFrames(videos_F=videos_F, microseconds_F=moments_M[places_F])
    return frames, np.split(numbers_N, ends)


def is_proper(boxes_N4: Floats) -> Bools:
    """Return which boxes have a width and a height above 0."""
    proper: Bools = (boxes_N4[:, 0] < boxes_N4[:, 2]) & (boxes_N4[:, 1] < boxes_N4[:, 3])
    return proper


def overlaps(one_N4: Floats, other_N4: Floats) -> Floats:
    """Return the intersection over union of boxes in pairs; NaN where both are empty.

    The terms are added in the order of the official code (`np_box_ops.iou`), so that an overlap
    right at the threshold falls on the same side.

    >>> overlaps(np.array([[0.0, 0.0, 1.0, 0.5]]), np.array([[0.0, 0.0, 1.0, 1.0]])).tolist()
    [0.5]
    """
    x1, y1, x2, y2 = one_N4.T
    u1, v1, u2, v2 = other_N4.T
    heights = np.maximum(0.0, np.minimum(y2, v2) - np.maximum(y1, v1))
    shared = heights * np.maximum(0.0, np.minimum(x2, u2) - np.maximum(x1, u1))
    union = (y2 - y1) * (x2 - x1) + (v2 - v1) * (u2 - u1) - shared
    ratios: Floats = np.divide(shared, union, out=np.full_like(shared, np.nan), where=union > 0)
    return ratios
