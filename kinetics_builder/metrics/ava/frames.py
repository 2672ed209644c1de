"""Frame-mAP: boxes with actions on key frames, as the challenge's server compares them.

Shapes, as name suffixes: N detections, M true boxes, F key frames.

Source: ActivityNet `Evaluation/get_ava_performance.py` and `Evaluation/ava`.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from kinetics_builder.metrics.ava.boxes import (
    Bools,
    Boxes,
    Floats,
    Ints,
    KeyFrames,
    is_proper,
    overlaps,
)
from kinetics_builder.metrics.ava.capacity import ranked_rows
from kinetics_builder.metrics.ava.ranking import Ranking, official_order, positives

CAPACITY = 50
"""Pairs of a box and a class that count on one key frame."""


def frame_ranking(
    truth: Boxes,
    detections: Boxes,
    frames: KeyFrames,
    num_classes: int,
    *,
    min_overlap: float = 0.5,
    capacity: int | None = CAPACITY,
) -> Ranking:
    """Compare detections with true boxes, key frame by key frame and class by class.

    Both hold only classes and key frames that count. Of a key frame's detections the
    `capacity` best of all classes count. In descending score each looks at the true box it
    overlaps most and at no other: it is right where the overlap is at least `min_overlap` and
    that box is not taken yet. Boxes without width or height are left out after the capacity.

    The order of rows matters only between equal scores; they rank as `ranked_rows` and
    `official_order` say. A true box overlapped as much as another comes first by descending
    score, which in AVA's files is the person's number.
    """
    # Sorting lets other threads work meanwhile: of the pairs below neither needs the other.
    with ThreadPoolExecutor(1) as beside:
        true_ranks = beside.submit(ranked_rows, truth)
        ranked = ranked_rows(detections, capacity)
        detections = detections.take(ranked[is_proper(detections.boxes_N4)[ranked]])
        order = beside.submit(
            official_order, detections.scores_N, detections.classes_N, num_classes
        )
        hits_N = _hits(truth.take(true_ranks.result()), detections, num_classes, min_overlap)
        order_N, ends_K = order.result()
    num_videos = int(frames.videos_F.max(initial=-1)) + 1
    return Ranking(
        hits_N=hits_N[order_N],
        videos_N=frames.videos_F[detections.frames_N[order_N]],
        ends_K=ends_K,
        positives_VK=positives(
            frames.videos_F[truth.frames_N], truth.classes_N, num_videos, num_classes
        ),
    )


def _hits(truth: Boxes, detections: Boxes, num_classes: int, min_overlap: float) -> Bools:
    """Return which detections are right; they come best first within a key frame."""
    best_N, overlaps_N = _best_boxes(truth, detections, num_classes)
    claims = np.flatnonzero(overlaps_N >= min_overlap)
    _, first = np.unique(best_N[claims], return_index=True)
    hits_N = np.zeros(len(detections), np.bool_)
    hits_N[claims[first]] = True
    return hits_N


def _best_boxes(truth: Boxes, detections: Boxes, num_classes: int) -> tuple[Ints, Floats]:
    """Return for each detection the true box it overlaps most (the first of equals), how much."""
    groups_M = truth.frames_N * num_classes + truth.classes_N
    order_M = np.argsort(groups_M, kind="stable")
    found_G, starts_G, counts_G = np.unique(
        groups_M[order_M], return_index=True, return_counts=True
    )
    groups_N = detections.frames_N * num_classes + detections.classes_N
    places_N = np.searchsorted(found_G, groups_N)
    # What lies beyond the last group is in none.
    found_G, starts_G, counts_G = (np.append(of_G, -1) for of_G in (found_G, starts_G, counts_G))
    starts_N = starts_G[places_N]
    counts_N = np.where(found_G[places_N] == groups_N, counts_G[places_N], 0)
    best_N, overlaps_N = np.full(len(detections), -1), np.zeros(len(detections))
    active, step = np.flatnonzero(counts_N), 0
    while len(active):
        rows = order_M[starts_N[active] + step]
        found = overlaps(
            detections.boxes_N4.take(active, axis=0), truth.boxes_N4.take(rows, axis=0)
        )
        is_better = found > overlaps_N[active]
        best_N[active[is_better]] = rows[is_better]
        overlaps_N[active[is_better]] = found[is_better]
        step += 1
        active = active[counts_N[active] > step]
    return best_N, overlaps_N
