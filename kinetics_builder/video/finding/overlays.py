"""What lies over a moving picture: watermarks, logos of channels, scores of a game.

Simple measures, which `benchmarks/filters.py` holds against what is known.
Shapes: N pictures, H height, W width.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_PICTURES = 6
"""Fewer tell nothing of what stays."""

EDGE = 8.0
"""Of 255, from pixel to pixel: more is an edge."""

RARE = 10.0
"""An edge that stays is there in all but so many of 100 pictures."""

STEADY = 0.9
"""An edge that stays points the same way: its mean is at least so much of its mean strength."""

CHANGED = 5.0
"""Of 255: what lies under an overlay changes by more than this around it, its light apart."""

AROUND = 15
"""Pixels of a side of what counts as around a pixel."""

SURE = 0.85
"""Of the edges that stay as much has moving surroundings, or the camera may be fixed; else so:"""

FEW, MOVING = 0.1, 0.6
"""Of all edges no more stay than the one, and of the picture no less changes than the other."""

JOINED, MIN_EDGES = 9, 25
"""Pixels of a gap between parts of one overlay; pixels of edges that it has at least."""

LINE = 0.2
"""Of a row or a column of the picture: more edges in it are a border's, and no overlay's."""

MARGIN = 4
"""So many pixels at the picture's edges, and beside a border, are left out."""


def overlay_share(grey_NHW: NDArray[np.float32]) -> float | None:
    """Return the share of the picture below what stays while all around it changes.

    None where that cannot be told: of few pictures, or where most of what is seen stays, as
    before a fixed camera.
    """
    if len(grey_NHW) < MIN_PICTURES:
        return None
    staying_HW, share_staying = _staying(grey_NHW)
    changes_HW = _changes(grey_NHW) > CHANGED
    is_sure = (staying_HW & changes_HW).sum() >= SURE * staying_HW.sum()
    if not is_sure and (share_staying > FEW or changes_HW.mean() < MOVING):
        return None
    return _covered(_without_borders(staying_HW.astype(np.uint8))) / staying_HW.size


def _staying(grey_NHW: NDArray[np.float32]) -> tuple[NDArray[np.bool_], float]:
    """Return where edges stay, and how many of all edges that are."""
    across_NHW, down_NHW, strength_NHW = (np.empty_like(grey_NHW) for _ in range(3))
    rows = zip(grey_NHW, across_NHW, down_NHW, strength_NHW, strict=True)
    for grey, across, down, strength in rows:
        cv2.Sobel(grey, cv2.CV_32F, 1, 0, across, ksize=3, scale=0.25)
        cv2.Sobel(grey, cv2.CV_32F, 0, 1, down, ksize=3, scale=0.25)
        cv2.magnitude(across, down, strength)
    mean_HW = np.hypot(across_NHW.mean(axis=0), down_NHW.mean(axis=0))
    staying_HW: NDArray[np.bool_] = mean_HW > STEADY * strength_NHW.mean(axis=0)
    num_rare = int(len(grey_NHW) * RARE / 100)
    least = np.partition(strength_NHW[:, staying_HW], num_rare, axis=0)[num_rare]
    staying_HW[staying_HW] = least > EDGE
    return staying_HW, float(staying_HW.mean() / max(1e-6, (strength_NHW > EDGE).mean()))


def _changes(grey_NHW: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by how much what is around each pixel changes, but for the light of the whole."""
    around_NHW = np.empty_like(grey_NHW)
    for grey, around in zip(grey_NHW, around_NHW, strict=True):
        cv2.blur(grey, (AROUND, AROUND), around)
    mean_HW = around_NHW.mean(axis=0)
    some = np.s_[:: AROUND // 4, :: AROUND // 4]  # what is blurred is much the same beside it
    light_N = [np.median((around[some] + 1) / (mean_HW[some] + 1)) for around in around_NHW]
    changes_HW: NDArray[np.float32] = (around_NHW / np.array(light_N)[:, None, None]).std(axis=0)
    return changes_HW


def _without_borders(found_HW: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return edges without those of bars beside the picture, which are long and straight."""
    left_HW = np.zeros_like(found_HW)
    inside = np.s_[MARGIN:-MARGIN, MARGIN:-MARGIN]
    left_HW[inside] = found_HW[inside]
    beside = np.ones(2 * MARGIN + 1)
    for rows_HW in (left_HW, left_HW.T):
        is_line = (rows_HW.mean(axis=1) > LINE).astype(np.float64)
        rows_HW[np.convolve(is_line, beside, "same") > 0] = 0
    return left_HW


def _covered(edges_HW: NDArray[np.uint8]) -> int:
    """Return how many pixels the overlays take whose edges these are."""
    closed_HW = cv2.morphologyEx(edges_HW, cv2.MORPH_CLOSE, np.ones((JOINED, JOINED), np.uint8))
    count, parts_HW, stats, _ = cv2.connectedComponentsWithStats(closed_HW)
    num_edges = np.bincount(parts_HW.ravel(), weights=edges_HW.ravel(), minlength=count)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int(areas[num_edges[1:] >= MIN_EDGES].sum())
