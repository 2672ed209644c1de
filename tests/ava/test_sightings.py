"""Who is seen when: rows brought together, followed and not followed between key frames."""

import pytest

from kinetics_builder.ava.sightings import Overlay, Sheet, followings, sheet_of, twice_at_once
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.records import Box

NAMES = {11: "sit", 12: "stand", 80: "watch"}
LEFT, RIGHT = (0.0, 0.2, 0.2, 0.8), (0.4, 0.2, 0.6, 0.8)


def row(
    time: float,
    corners: tuple[float, ...],
    action: int | None = 12,
    person: int | None = None,
    score: float | None = None,
) -> Box:
    return Box("film", time, *corners, action_id=action, person_id=person, score=score)


def overlay(*rows: Box, step: float = 1.0, hold: float = 0.2) -> Overlay:
    return Overlay(sheet_of(rows, NAMES), step, hold)


def test_rows_of_one_box_are_one_sighting_and_moments_are_all_key_frames() -> None:
    boxes = [
        row(3.0, LEFT, 80, 1),
        row(2.0, LEFT, 12, 1),
        row(3.0, LEFT, 12, 1),
        row(3.0, RIGHT, 99, 2),
        Box("film", 4.0),
    ]
    sheet = sheet_of(boxes, NAMES)
    assert sheet.moments == (2.0, 3.0, 4.0)
    said = [(s.time_seconds, s.person, [a.name for a in s.actions]) for s in sheet.sightings]
    assert said == [(2.0, 1, ["stand"]), (3.0, 1, ["watch", "stand"]), (3.0, 2, ["action 99"])]


def test_the_best_action_comes_first_and_those_below_the_threshold_go() -> None:
    sheet = sheet_of(
        [
            row(2.0, LEFT, 11, score=0.2),
            row(2.0, LEFT, 12, score=0.5),
            row(2.0, LEFT, 80, score=0.9),
            row(2.0, RIGHT, 11, score=0.49),
            row(3.0, RIGHT, None, score=0.7),
            row(3.0, LEFT, None, score=0.3),
        ],
        NAMES,
    ).at_least(0.5)
    assert [[a.name for a in s.actions] for s in sheet.sightings] == [["watch", "stand"], []]
    assert [s.score for s in sheet.sightings][1] == 0.7
    assert sheet.moments == (2.0, 3.0)


def test_a_person_at_two_neighbouring_key_frames_goes_from_one_to_the_other() -> None:
    shown = overlay(row(2.0, LEFT, 12, 7), row(3.0, RIGHT, 11, 7))
    (half,) = shown.shown(2.5, 2.54)
    assert half.corners == pytest.approx(Corners(0.2, 0.2, 0.4, 0.8))
    (early,) = shown.shown(2.25, 2.29)
    assert early.corners == pytest.approx(Corners(0.1, 0.2, 0.3, 0.8))
    assert [a.name for a in early.actions] == ["stand"]
    assert [a.name for a in shown.shown(2.75, 2.79)[0].actions] == ["sit"]
    assert [s.corners for s in shown.shown(3.0, 3.04)] == [Corners(*RIGHT)]
    assert not shown.shown(3.2, 3.24) and not shown.shown(1.8, 1.84)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([row(2.0, LEFT), row(3.0, RIGHT)], id="nobody says that it is the same"),
        pytest.param([row(2.0, LEFT, 12, 1), row(3.0, RIGHT, 12, 2)], id="another person"),
        pytest.param([row(2.0, LEFT, 12, 1), row(4.0, RIGHT, 12, 1)], id="further than a step"),
        pytest.param(
            [row(2.0, LEFT, 12, 1), Box("film", 2.8), row(3.0, RIGHT, 12, 1)],
            id="not there at a key frame between",
        ),
        pytest.param(
            [row(2.0, LEFT, 12, 1), row(3.0, RIGHT, 12, 1), row(3.0, LEFT, 12, 1)],
            id="two boxes of one person",
        ),
    ],
)
def test_who_is_not_followed_is_seen_around_the_key_frame_alone(rows: list[Box]) -> None:
    shown = overlay(*rows)
    assert [s.corners for s in shown.shown(2.0, 2.04)] == [Corners(*LEFT)]
    assert [s.corners for s in shown.shown(1.92, 1.96)] == [Corners(*LEFT)]
    assert not shown.shown(2.5, 2.54)
    assert not shown.shown(1.85, 1.89)


def test_a_picture_shows_the_key_frame_that_falls_into_its_time() -> None:
    """A film of one picture in 2 s, or a stamp that is a hair late."""
    shown = overlay(row(2.0, LEFT, 12, 1), row(3.0, RIGHT, 12, 1), hold=0.0)
    assert [s.corners for s in shown.shown(1.0, 2.5)] == [Corners(*LEFT)]
    assert [s.corners for s in shown.shown(2.0000005, 2.04)] == [Corners(*LEFT)]
    assert [s.corners for s in shown.shown(2.9, 3.4)] == [Corners(*RIGHT)]


def test_two_boxes_of_one_person_at_once_are_told() -> None:
    sheet = sheet_of([row(3.0, RIGHT, 12, 1), row(3.0, LEFT, 12, 1), row(3.0, LEFT)], NAMES)
    assert [s.corners for s in twice_at_once(sheet)] == [Corners(*LEFT), Corners(*RIGHT)]


def test_dense_boxes_follow_one_another_and_times_move_together() -> None:
    rows = [row(n / 25, LEFT, None, 1, 0.9) for n in range(5)]
    sheet = sheet_of(rows, NAMES).moved(900.0)
    assert followings(sheet, 1.0) == [1, 2, 3, 4, None]
    assert sheet.moments[0] == 900.0
    assert followings(sheet.within(900.0, 900.1), 1.0) == [1, 2, None]
    assert followings(Sheet(), 1.0) == []
