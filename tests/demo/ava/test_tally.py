"""What counts for and against a step, on a little truth written by hand."""

import pytest

from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.intervals import Interval
from pipelines.demo.ava.tally import (
    HIDDEN,
    NOBODY,
    NOT_DONE,
    OF_A_WRONG_BOX,
    SECOND_BOX,
    SWITCH,
    Owner,
    SeenBox,
    owners_of,
    tally_boxes,
    tally_key_frames,
    tally_labels,
    tally_links,
    tally_shots,
)
from pipelines.demo.ava.truth import FilmTruth, Moment, Sighting

LEFT, RIGHT = Corners(0.1, 0.2, 0.3, 0.9), Corners(0.6, 0.2, 0.8, 0.9)
SLIVER = Corners(0.9, 0.2, 0.92, 0.9)
ELSEWHERE = Corners(0.4, 0.0, 0.5, 0.1)


def sighting(person: int, corners: Corners, seen_share: float = 1.0) -> Sighting:
    return Sighting(person, person, corners, seen_share, (12,))


TRUTH = FilmTruth(
    "film",
    8.0,
    (Interval(0.0, 4.5), Interval(4.5, 8.0)),
    tuple(
        Moment(
            float(second),
            (sighting(0, LEFT), sighting(1, RIGHT), sighting(2, SLIVER, 0.1)),
        )
        for second in range(8)
    ),
)
"""Key frames are 2 to 6."""


def box(number: int, seconds: float, corners: Corners) -> SeenBox:
    return SeenBox(number, "film", seconds, corners)


def moved(corners: Corners, by: float) -> Corners:
    return Corners(corners.x1 + by, corners.y1, corners.x2 + by, corners.y2)


def test_key_frames_count_by_film_and_second() -> None:
    found = [("film", float(second)) for second in (2, 3, 4, 7)] + [("other", 2.0)]
    step = tally_key_frames(found, [TRUTH])
    assert (step.num_true, step.num_passed, step.num_right, step.num_lost) == (5, 5, 3, 2)
    assert step.let_through == {"no key frame": 2}


def test_a_cut_counts_once_and_a_films_own_beginning_not_at_all() -> None:
    step = tally_shots([("film", 0.0), ("film", 4.48), ("film", 4.56), ("film", 6.0)], [TRUTH])
    assert (step.num_true, step.num_passed, step.num_right) == (1, 3, 1)
    assert step.let_through == {"no cut": 2}


def test_each_person_has_one_box_and_others_are_named_by_what_is_wrong() -> None:
    boxes = [
        box(1, 2.0, moved(LEFT, 0.05)),
        box(2, 2.0, LEFT),
        box(3, 2.0, ELSEWHERE),
        box(4, 2.0, moved(SLIVER, 0.005)),
        box(5, 3.0, RIGHT),
        box(6, 7.0, LEFT),
    ]
    owners = owners_of(boxes, [TRUTH])
    assert owners == {
        1: SECOND_BOX,
        2: Owner("film", 0),
        3: NOBODY,
        4: HIDDEN,
        5: Owner("film", 1),
        6: NOBODY,
    }
    step = tally_boxes("detect", owners, [TRUTH])
    assert (step.num_true, step.num_passed, step.num_right) == (10, 5, 2)
    assert step.let_through == {NOBODY: 2, SECOND_BOX: 1}
    assert step.precision == pytest.approx(0.4)
    assert step.recall == pytest.approx(0.2)


def test_pairs_are_chosen_so_that_all_find_their_own() -> None:
    """Taken one after the other, the first box would take the second one's person."""
    near = Corners(0.15, 0.2, 0.35, 0.9)
    two = FilmTruth(
        "film", 8.0, (Interval(0.0, 8.0),), (Moment(2.0, (sighting(0, LEFT), sighting(1, near))),)
    )
    owners = owners_of([box(1, 2.0, moved(LEFT, 0.03)), box(2, 2.0, moved(LEFT, -0.02))], [two])
    assert owners == {1: Owner("film", 1), 2: Owner("film", 0)}


def test_links_are_right_switched_or_lost() -> None:
    boxes = [
        box(1, 2.0, LEFT),
        box(2, 3.0, LEFT),
        box(3, 5.0, LEFT),
        box(4, 2.0, RIGHT),
        box(5, 3.0, RIGHT),
        box(6, 6.0, RIGHT),
        box(7, 4.0, ELSEWHERE),
        box(8, 2.0, SLIVER),
        box(9, 3.0, SLIVER),
    ]
    owners = owners_of(boxes, [TRUTH])
    made = [(1, 2), (4, 2), (5, 3), (2, 7), (8, 9), (1, 3)]
    step = tally_links("link", made, boxes, owners, max_gap=1)
    assert step.num_true == 3  # 1-2, 2-3 over a gap, 4-5; 5-6 is too far
    assert (step.num_passed, step.num_right, step.num_lost) == (5, 1, 2)
    assert step.let_through == {SWITCH: 2, "not the next box": 1, "to a wrong box": 1}


def test_labels_are_right_not_done_or_of_nobody() -> None:
    boxes = [box(1, 2.0, LEFT), box(2, 2.0, ELSEWHERE), box(3, 2.0, SLIVER), box(4, 3.0, RIGHT)]
    owners = owners_of(boxes, [TRUTH])
    labels = [(1, 12), (1, 14), (2, 12), (3, 12), (4, 12)]
    step = tally_labels("labels", labels, boxes, owners, [TRUTH])
    assert (step.num_true, step.num_passed, step.num_right) == (10, 4, 2)
    assert step.let_through == {NOT_DONE: 1, OF_A_WRONG_BOX: 1}


def test_nothing_found_is_nothing_right() -> None:
    step = tally_boxes("detect", {}, [TRUTH])
    assert (step.num_passed, step.precision, step.recall) == (0, 0.0, 0.0)
