"""What is released of a key frame, by what people said of it."""

import pytest

from kinetics_builder.ava.truth import (
    LESS_SURE_POSE,
    NO_ACTION,
    TIED_POSE,
    AnsweredBox,
    AnsweredFrame,
    Confirmed,
    faults_of,
    settle,
)
from kinetics_builder.ava.vocabulary import ava_vocabulary

STAND, SIT, WALK, TALK = 12, 11, 14, 79
BOX = (0.1, 0.2, 0.5, 0.9)
ACTIONS = ava_vocabulary()


def said(action: int, yes: int = 2, no: int = 0, named: int = 2) -> Confirmed:
    return Confirmed(action, yes, no, named)


def box(*actions: Confirmed, person: int | None = 0, **more: str) -> AnsweredBox:
    return AnsweredBox(corners=BOX, person=person, actions=actions, **more)


def frame(*boxes: AnsweredBox, **more: str) -> AnsweredFrame:
    return AnsweredFrame(seconds=902.0, boxes=boxes, **more)


@pytest.mark.parametrize(
    ("poses", "stays", "reason"),
    [
        pytest.param([said(STAND)], {STAND}, None, id="one"),
        pytest.param([said(STAND, 3), said(SIT, 2)], {STAND}, LESS_SURE_POSE, id="more yes"),
        pytest.param([said(STAND, 2, 1), said(SIT)], {SIT}, LESS_SURE_POSE, id="fewer others"),
        pytest.param(
            [said(STAND, named=1), said(WALK, named=2)], {WALK}, LESS_SURE_POSE, id="more named it"
        ),
        pytest.param([said(STAND), said(SIT)], set(), TIED_POSE, id="as many of both"),
        pytest.param([said(STAND), said(SIT), said(WALK, 1)], set(), None, id="two tied, one less"),
    ],
)
def test_of_two_poses_the_surer_one_stays_and_the_other_is_told(poses, stays, reason) -> None:
    found = settle(frame(box(*poses, said(TALK))), ACTIONS)
    (person,) = found.boxes
    assert set(person.actions) == stays | {TALK} and not found.is_excluded
    gone = {one.action_id: one.reason for one in found.left_out}
    assert gone.keys() == {one.action_id for one in poses} - stays
    assert reason is None or set(gone.values()) == {reason}


def test_tied_poses_are_both_kept_where_that_is_asked_for() -> None:
    found = settle(frame(box(said(STAND), said(SIT), said(WALK, 1))), ACTIONS, keep_tied=True)
    assert found.boxes[0].actions == (SIT, STAND)
    assert [(one.action_id, one.reason) for one in found.left_out] == [(WALK, LESS_SURE_POSE)]


def test_a_box_without_a_pose_is_released() -> None:
    (person,) = settle(frame(box(said(TALK))), ACTIONS).boxes
    assert person.actions == (TALK,)


def test_a_key_frame_without_anybody_counts() -> None:
    found = settle(frame(), ACTIONS)
    assert found.boxes == () and not found.is_excluded and not found.left_out


def test_a_person_of_whom_nothing_was_confirmed_is_left_out_and_the_key_frame_counts() -> None:
    found = settle(frame(box()), ACTIONS)
    assert found.boxes == () and not found.is_excluded
    assert [(one.box, one.reason) for one in found.left_out] == [(BOX, NO_ACTION)]


def test_a_rejected_box_is_left_out_and_a_key_frame_of_such_alone_is_excluded() -> None:
    blocked = box(said(STAND), person=1, rejected="hidden or blocked")
    some = settle(frame(box(said(STAND)), blocked), ACTIONS)
    assert [one.person for one in some.boxes] == [0] and not some.is_excluded
    assert [(one.person, one.reason) for one in some.left_out] == [
        (1, "box rejected: hidden or blocked")
    ]
    alone = settle(frame(blocked), ACTIONS)
    assert alone.boxes == () and alone.is_excluded


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        pytest.param(frame(open="nobody said who is there"), "nobody said who", id="boxes"),
        pytest.param(frame(box(said(STAND)), box(open="votes")), "votes", id="a box of two"),
    ],
)
def test_a_key_frame_that_waits_is_excluded_and_says_for_what(asked, waits) -> None:
    found = settle(asked, ACTIONS)
    assert found.is_excluded and found.boxes == () and waits in found.waits_for


def test_a_key_frame_that_can_never_be_verified_is_excluded_and_waits_for_nothing() -> None:
    found = settle(frame(box(said(STAND)), unusable="gold alone"), ACTIONS)
    assert found.is_excluded and found.waits_for is None
    assert [one.reason for one in found.left_out] == ["gold alone"]


@pytest.mark.parametrize(
    ("boxes", "words"),
    [
        pytest.param([box(said(STAND)), box(said(SIT), person=1)], [], id="sound"),
        pytest.param([box(said(STAND), person=None)], ["nobody's yet"], id="nobody"),
        pytest.param([box(said(STAND)), box(said(SIT))], ["person 0 has two boxes"], id="twice"),
        pytest.param([box(said(81))], ["action 81 is not"], id="unknown action"),
        pytest.param(
            [AnsweredBox(corners=(0.5, 0.1, 1.2, 0.9), person=0, actions=(said(STAND),))],
            ["inside"],
            id="outside",
        ),
        pytest.param(
            [AnsweredBox(corners=(0.5, 0.1, 0.5, 0.9), person=0, actions=(said(STAND),))],
            ["with an area"],
            id="no area",
        ),
    ],
)
def test_what_no_release_may_say_is_found(boxes, words) -> None:
    found = [fault for _, fault in faults_of(settle(frame(*boxes), ACTIONS), ACTIONS)]
    assert len(found) == len(words)
    assert all(word in fault for word, fault in zip(words, found, strict=True))
