"""What the rows of an AVA file are, counted: arXiv:1705.08421, section 4.

Shapes, as name suffixes: N rows with a box, R runs of equal rows, F key frames, B boxes, M
moments of persons, K actions, U units; 4 corners.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.ava.association import (
    Counts,
    Ints,
    Labelled,
    Sides,
    Together,
    counts_of,
    together,
)
from kinetics_builder.formats.boxes.ava.columns import BoxColumns

Floats = NDArray[np.float64]

_SLACK = 0.01
"""Share of the step by which two key frames may be nearer or further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Counts of a file's rows."""

    num_rows: int
    """With a box, or of a key frame without one."""
    num_videos: int
    ids_K: Ints
    """The numbers of the actions that occur, ascending."""
    rows_K: Ints
    """Rows of each."""
    frame_B: Ints
    """Which key frame a box is on; a box is a video, a time and four corners."""
    corners_B4: Floats
    boxes_F: Ints
    """Boxes of each key frame; 0 for one that is listed without a box."""
    labels: Labelled
    """The boxes and their actions."""
    moments_of_persons: Ints
    """Of each person (a video and a person_id) the number of key frames."""
    num_rows_without_person: int
    of_one_person: Counts
    """Units: boxes. Pairs: two different actions of a box, first the one of the lower number."""
    among_persons: Counts
    """Units: ordered pairs of two boxes of a key frame. Pairs: what the one does and the other."""
    transitions: Counts
    """Units: a person at a key frame and at the one a step later. Pairs: an action then and now."""


def statistics_of(columns: BoxColumns, *, step_seconds: float = 1.0) -> Statistics:
    """Return the statistics of a file's rows; `step_seconds` is from one key frame to the next."""
    frame_A, num_frames = number_of_each(
        np.concatenate([columns.video_N, columns.empty_video_M]),
        np.concatenate([columns.microseconds_N, columns.empty_microseconds_M]),
    )
    frame_N = frame_A[: len(columns.video_N)]
    ids_K, action_N, rows_K = np.unique(columns.action_N, return_inverse=True, return_counts=True)
    box_N, num_boxes = number_of_each(frame_N, *columns.boxes_N4.T)
    first_B = _first(box_N, num_boxes)
    frame_B = frame_N[first_B]
    boxes_F = np.bincount(frame_B, minlength=num_frames)
    labels = Labelled.of(box_N, action_N, num_boxes, len(ids_K)).once()
    moments, transitions = _of_persons(columns, action_N, len(ids_K), step_seconds)
    of_boxes = _of_boxes(labels)
    return Statistics(
        num_rows=len(frame_A),
        num_videos=len(np.unique(np.concatenate([columns.video_N, columns.empty_video_M]))),
        ids_K=ids_K.astype(np.int64),
        rows_K=rows_K,
        frame_B=frame_B,
        corners_B4=columns.boxes_N4[first_B],
        boxes_F=boxes_F,
        labels=labels,
        moments_of_persons=moments,
        num_rows_without_person=int(np.isnan(columns.value_N).sum()),
        of_one_person=_different(of_boxes, labels),
        among_persons=_among(of_boxes, labels, frame_B, boxes_F),
        transitions=transitions,
    )


def number_of_each(*columns: NDArray[Any]) -> tuple[Ints, int]:
    """Return a number for each row, equal where all columns are equal; and how many there are.

    >>> number_of_each(np.array([7, 7, 5, 7]), np.array([0.5, 0.1, 0.5, 0.5]))
    (array([0, 1, 2, 0]), 3)
    """
    import pandas as pd  # Here alone: it takes a second to import.

    # Equal rows mostly follow one another: each run of them is numbered once.
    is_new_N = np.ones(len(columns[0]), bool)
    is_new_N[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    codes_R, num_codes = np.zeros(int(is_new_N.sum()), np.int64), 1
    for column in columns:
        of_column_R, values = pd.factorize(column[is_new_N])
        codes_R, found = pd.factorize(codes_R * len(values) + of_column_R)
        num_codes = len(found)
    return cast("Ints", codes_R[np.cumsum(is_new_N) - 1]), num_codes


def _first(number_N: Ints, count: int) -> Ints:
    """Return the first row of each number."""
    first = np.zeros(count, np.int64)
    first[number_N[::-1]] = np.arange(len(number_N))[::-1]
    return first


def _of_boxes(labels: Labelled) -> Together:
    """Count the pairs of actions of a box, each action with itself as well."""
    all_B = np.arange(len(labels.lengths_U))
    return together(labels, labels, all_B, all_B)


def _different(of_boxes: Together, labels: Labelled) -> Counts:
    num_boxes = len(labels.lengths_U)
    rows_K = labels.totals(np.arange(num_boxes))
    return counts_of(of_boxes, rows_K, rows_K, num_boxes, Sides.ONE)


def _among(of_boxes: Together, labels: Labelled, frame_B: Ints, boxes_F: Ints) -> Counts:
    """Count what two boxes of a key frame do: all pairs of its labels but those of one box."""
    frame_L = frame_B[labels.unit_L()]
    of_frames = Labelled.of(frame_L, labels.action_L, len(boxes_F), labels.num_actions)
    all_F = np.arange(len(boxes_F))
    pairs = of_boxes.added_to(together(of_frames, of_frames, all_F, all_F), sign=-1)
    others_L = boxes_F[of_frames.unit_L()] - 1
    rows_K = of_frames.weighted(of_frames.times_L * others_L).totals(all_F)
    num_pairs = int((boxes_F * (boxes_F - 1)).sum())
    return counts_of(pairs, rows_K, rows_K, num_pairs, Sides.EQUAL)


def _of_persons(
    columns: BoxColumns, action_N: Ints, num_actions: int, step_seconds: float
) -> tuple[Ints, Counts]:
    """Return of each person the number of moments, and what they do at one and at the next."""
    is_known_N = ~np.isnan(columns.value_N)
    person_N, num_persons = number_of_each(columns.video_N[is_known_N], columns.value_N[is_known_N])
    time_N = columns.microseconds_N[is_known_N]
    moment_N, num_moments = number_of_each(person_N, time_N)
    first_M = _first(moment_N, num_moments)
    person_M, time_M = person_N[first_M], time_N[first_M]
    order_M = np.lexsort((time_M, person_M))
    gap_M = np.diff(time_M[order_M])
    is_next_M = person_M[order_M][1:] == person_M[order_M][:-1]
    step = step_seconds * 1e6
    is_next_M &= np.abs(gap_M - step) <= _SLACK * step + 1
    before_U, after_U = order_M[:-1][is_next_M], order_M[1:][is_next_M]
    labels = Labelled.of(moment_N, action_N[is_known_N], num_moments, num_actions).once()
    pairs = together(labels, labels, before_U, after_U)
    then_K, now_K = labels.totals(before_U), labels.totals(after_U)
    counts = counts_of(pairs, then_K, now_K, len(before_U), Sides.TWO)
    return np.bincount(person_M, minlength=num_persons), counts


def labels_a_box(statistics: Statistics, ids: Sequence[int] | None = None) -> Ints:
    """Return how many boxes have 0, 1, 2 ... different actions, of those in `ids` if given."""
    labels = statistics.labels
    counted_K = np.ones(len(statistics.ids_K), bool)
    if ids is not None:
        counted_K = np.isin(statistics.ids_K, list(ids))
    unit_L = labels.unit_L()[counted_K[labels.action_L]]
    return np.bincount(np.bincount(unit_L, minlength=len(labels.lengths_U)))
