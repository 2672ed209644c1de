import heapq
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.metrics.ava.boxes import Boxes, KeyFrames, number_key_frames
from kinetics_builder.metrics.ava.capacity import ranked_rows
from kinetics_builder.metrics.ava.frames import frame_ranking
from kinetics_builder.metrics.ava.ranking import Ranking

Row = tuple[int, int, tuple[float, float, float, float], float]
LEFT, MIDDLE, RIGHT = (0.0, 0.0, 0.75, 1.0), (0.125, 0.0, 0.875, 1.0), (0.25, 0.0, 1.0, 1.0)
"""LEFT and RIGHT overlap by 0.5 / 1.0; MIDDLE overlaps either by 0.625 / 0.875."""
AWAY = (0.0, 0.0, 0.01, 0.01)


def boxes(*rows: Row) -> Boxes:
    """Rows of (key frame, class, box, score)."""
    frames, classes, corners, scores = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Boxes(
        frames_N=np.array(frames, np.int64),
        classes_N=np.array(classes, np.int64),
        boxes_N4=np.array(corners, np.float64).reshape(-1, 4),
        scores_N=np.array(scores, np.float64),
    )


def key_frames(num_videos: int = 8) -> KeyFrames:
    """Each key frame is of a video of its own."""
    return KeyFrames(
        videos_F=np.arange(num_videos), microseconds_F=np.zeros(num_videos, dtype=np.int64)
    )


def rank(truth: list[Row], detections: list[Row], num_classes: int = 2) -> Ranking:
    return frame_ranking(boxes(*truth), boxes(*detections), key_frames(), num_classes)


def precisions(truth: list[Row], detections: list[Row], num_classes: int = 2) -> list[float]:
    found: list[float] = rank(truth, detections, num_classes).average_precisions().tolist()
    return found


def test_a_detection_does_not_fall_through_to_the_second_best_box() -> None:
    # Both look at LEFT, which overlaps them by 1; RIGHT (0.5) stays unfound: one hit of two,
    # found first. With fall-through it would be 1.
    truth = [(0, 0, LEFT, 1.0), (0, 0, RIGHT, 2.0)]
    detections = [(0, 0, LEFT, 0.9), (0, 0, LEFT, 0.8)]
    assert precisions(truth, detections, 1) == [0.5]


def test_an_overlap_of_exactly_a_half_is_enough() -> None:
    assert precisions([(0, 0, LEFT, 1.0)], [(0, 0, RIGHT, 0.9)], 1) == [1.0]


def test_of_true_boxes_overlapped_as_much_the_greater_person_comes_first() -> None:
    # MIDDLE takes the box of person 2; who then looks at that box finds it taken.
    truth = [(0, 0, LEFT, 1.0), (0, 0, RIGHT, 2.0)]
    best = (0, 0, MIDDLE, 0.9)
    assert precisions(truth, [best, (0, 0, RIGHT, 0.8)], 1) == [0.5]
    assert precisions(truth, [best, (0, 0, LEFT, 0.8)], 1) == [1.0]


def test_only_the_fifty_best_of_all_classes_count_on_a_key_frame() -> None:
    crowd: list[Row] = [(0, 0, AWAY, 0.9)] * 50
    found: Row = (0, 1, LEFT, 0.8)
    assert precisions([(0, 1, LEFT, 1.0)], [found, *crowd])[1] == 0
    assert precisions([(0, 1, LEFT, 1.0)], [found, *crowd[1:]])[1] == 1
    assert precisions([(0, 1, LEFT, 1.0)], [found, *[(1, *row[1:]) for row in crowd]])[1] == 1


def test_a_full_heap_takes_no_row_as_good_as_its_last() -> None:
    crowd: list[Row] = [(0, 0, AWAY, 0.5)] * 50
    found: Row = (0, 1, LEFT, 0.5)
    assert precisions([(0, 1, LEFT, 1.0)], [*crowd, found])[1] == 0
    assert precisions([(0, 1, LEFT, 1.0)], [found, *crowd])[1] == 1


def test_a_full_heap_gives_its_least_score_then_class_then_y1() -> None:
    rows: list[Row] = [
        (0, 1, (0.0, 0.2, 1.0, 1.0), 0.5),
        (0, 1, (0.3, 0.1, 1.0, 1.0), 0.5),
        (0, 0, LEFT, 0.7),
        (0, 1, LEFT, 0.9),
    ]
    assert ranked_rows(boxes(*rows), 3).tolist() == [3, 2, 0]


def test_a_box_upside_down_takes_a_place_and_is_left_out() -> None:
    inverted: Row = (0, 0, (0.9, 0.0, 0.1, 1.0), 0.9)
    flat: Row = (0, 0, (0.1, 0.5, 0.9, 0.5), 0.9)
    found: Row = (0, 0, LEFT, 0.8)
    assert precisions([(0, 0, LEFT, 1.0)], [inverted, flat, found], 1) == [1.0]
    assert precisions([(0, 0, LEFT, 1.0)], [*[inverted] * 50, found], 1) == [0.0]


def test_a_class_without_truth_is_left_out_and_one_without_detections_is_0() -> None:
    ranking = rank(
        [(0, 0, LEFT, 1.0), (0, 1, LEFT, 1.0)], [(0, 0, LEFT, 1.0), (0, 2, LEFT, 1.0)], 3
    )
    assert np.array_equal(ranking.average_precisions(), [1.0, 0.0, np.nan], equal_nan=True)
    assert ranking.mean_average_precision() == 0.5


def test_without_any_detection_all_is_0() -> None:
    assert precisions([(0, 0, LEFT, 1.0)], [], 1) == [0.0]


def test_without_any_true_box_nothing_is_right_and_nothing_is_to_be_found() -> None:
    ranking = rank([], [(0, 0, LEFT, 1.0), (7, 1, LEFT, 1.0)])
    assert not ranking.hits_N.any()
    assert np.isnan(ranking.average_precisions()).all()


def test_the_precision_is_interpolated_over_all_points() -> None:
    # Right, wrong, right of 2: 1/2 * 1 + 1/2 * 2/3.
    truth = [(0, 0, LEFT, 1.0), (1, 0, LEFT, 1.0)]
    detections = [(0, 0, LEFT, 0.9), (0, 0, AWAY, 0.8), (1, 0, LEFT, 0.7)]
    assert precisions(truth, detections, 1) == [pytest.approx(1 / 2 + 1 / 3)]


def test_a_detection_where_nothing_of_its_class_is_true_is_wrong() -> None:
    # Wrong, then right: 1/2.
    truth = [(0, 0, LEFT, 1.0), (1, 1, LEFT, 1.0)]
    detections = [(1, 0, LEFT, 0.9), (0, 0, LEFT, 0.8)]
    assert precisions(truth, detections)[0] == 0.5


corners = st.tuples(*[st.integers(0, 3)] * 2, *[st.integers(4, 7)] * 2).map(
    lambda corner: tuple(number / 8 for number in corner)
)
places = st.tuples(st.integers(0, 3), st.integers(0, 1), corners)
truths = st.lists(places, min_size=1, max_size=12, unique=True).map(
    lambda rows: [(*row, 1.0) for row in rows]
)


@st.composite
def ranked_detections(draw: st.DrawFn) -> list[Row]:
    """Detections without two of equal score."""
    rows = draw(st.lists(places, max_size=20))
    scores = draw(st.permutations(range(len(rows))))
    return [(*row, 0.5 + score / 64) for row, score in zip(rows, scores, strict=True)]


@settings(max_examples=40, deadline=None)
@given(truths, ranked_detections(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_where_scores_differ(
    truth: list[Row], detections: list[Row], random: Random
) -> None:
    shuffled = random.sample(detections, len(detections))
    assert np.array_equal(
        precisions(truth, detections), precisions(truth, shuffled), equal_nan=True
    )


@settings(max_examples=40, deadline=None)
@given(truths)
def test_the_truth_itself_as_detections_gives_1(truth: list[Row]) -> None:
    assert rank(truth, truth).mean_average_precision() == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(truths, ranked_detections(), st.data())
def test_a_detection_given_twice_never_raises_a_precision(
    truth: list[Row], detections: list[Row], data: st.DataObject
) -> None:
    if detections:
        twice = [*detections, data.draw(st.sampled_from(detections))]
        before, after = precisions(truth, detections), precisions(truth, twice)
        assert not (np.array(after) > np.array(before) + 1e-12).any()


def heap_by_hand(rows: list[Row], capacity: int) -> list[Row]:
    """What a heap keeps of one key frame, best first, equals in the order of the heap."""
    heap: list[tuple[float, int, float, float, float, float]] = []
    for _, class_id, (x1, y1, x2, y2), score in rows:
        entry = (score, class_id, y1, x1, y2, x2)
        if len(heap) < capacity:
            heapq.heappush(heap, entry)
        elif score > heap[0][0]:
            heapq.heapreplace(heap, entry)
    ranked = sorted(heap, key=lambda entry: -entry[0])
    return [(0, class_id, (x1, y1, x2, y2), score) for score, class_id, y1, x1, y2, x2 in ranked]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.just(0), st.just(0), corners, st.sampled_from([0.25, 0.5, 0.75]))),
    st.integers(1, 6),
)
def test_rows_of_equal_score_come_as_a_heap_leaves_them(rows: list[Row], capacity: int) -> None:
    ranked = [rows[row] for row in ranked_rows(boxes(*rows), capacity)]
    assert ranked == heap_by_hand(rows, capacity)


def test_a_crowd_of_repeated_rows_comes_as_a_heap_leaves_it() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        rows: list[Row] = [
            (0, int(random.integers(9)), (LEFT, RIGHT)[random.integers(2)], random.integers(4) / 4)
            for _ in range(150)
        ]
        assert [rows[row] for row in ranked_rows(boxes(*rows), 40)] == heap_by_hand(rows, 40)


def test_key_frames_come_in_the_order_of_their_first_row() -> None:
    rows: list[Row] = [(5, 0, LEFT, 0.1), (2, 0, LEFT, 0.9), (5, 0, LEFT, 0.8)]
    assert ranked_rows(boxes(*rows)).tolist() == [2, 0, 1]


def test_key_frames_are_told_apart_by_video_and_microsecond() -> None:
    late = 2**31 * 1_000_000
    frames, (first, second) = number_key_frames(
        [
            (np.array([70_000, 0, 70_000]), np.array([late, late, late + 1])),
            (np.array([0, 70_000]), np.array([late, late])),
        ]
    )
    assert first.tolist() == [1, 0, 2]
    assert second.tolist() == [0, 1]
    assert frames.videos_F.tolist() == [0, 70_000, 70_000]
    assert frames.microseconds_F.tolist() == [late, late, late + 1]


def test_a_video_that_weighs_2_counts_as_one_more_like_it() -> None:
    random = np.random.default_rng(0)
    frames = [0, 1, 2] * 6
    truth = [(frame, 0, LEFT, 1.0) for frame in (0, 1, 2)]
    detections = [
        (frame, 0, (LEFT, RIGHT, AWAY)[random.integers(3)], float(score))
        for frame, score in zip(frames, random.permutation(len(frames)) / 32, strict=True)
    ]
    again = [(3, *row[1:]) for row in detections if row[0] == 1]
    weights = np.array([1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    weighted = rank(truth, detections, 1).mean_average_precision(
        weights[: len(rank(truth, detections, 1).positives_VK)]
    )
    plain = precisions([*truth, (3, 0, LEFT, 1.0)], [*detections, *again], 1)
    assert plain == [pytest.approx(weighted)]
