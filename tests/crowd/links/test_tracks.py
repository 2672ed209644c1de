"""What most say of who is who, how right it is, and what linking is told of it."""

import random
from itertools import pairwise

import pytest

from kinetics_builder.ava.linking import track_boxes
from kinetics_builder.ava.settings import LinkConfig
from kinetics_builder.ava.tracks import Sighting
from kinetics_builder.config import AssignConfig
from kinetics_builder.crowd.links.tracks import (
    agree,
    edits_of,
    grade,
    in_order,
    with_error,
)
from kinetics_builder.crowd.links.windows import Moment, windows
from kinetics_builder.formats.boxes.pixels import Corners

# Two people, four moments: 1, 3, 5, 7 and 2, 4, 6, 8.
ONE, OTHER = [1, 3, 5, 7], [2, 4, 6, 8]
MOMENTS = {box: float((box - 1) // 2) for box in ONE + OTHER}
SWITCHED = [[1, 3, 6, 8], [2, 4, 5, 7]]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([[OTHER, ONE]], [ONE, OTHER], id="one answer is what it says"),
        pytest.param([[ONE, OTHER], SWITCHED, SWITCHED], SWITCHED, id="two of three"),
        pytest.param(
            [[ONE, OTHER], SWITCHED], [[1, 3], [2, 4], [5, 7], [6, 8]], id="one each is no majority"
        ),
        pytest.param(
            [[ONE, OTHER], [ONE[:2], ONE[2:], OTHER], [ONE[:1], ONE[1:], OTHER]],
            [ONE, OTHER],
            id="breaks at different places hold nowhere",
        ),
        pytest.param(
            [[ONE], [OTHER], [[2, 4], [6, 8]]],
            [ONE, [2, 4], [6, 8]],
            id="who knows neither of two boxes says nothing of them",
        ),
        pytest.param([], [[box] for box in (1, 2, 3, 4, 5, 6, 7, 8)], id="nobody"),
    ],
)
def test_what_most_say_holds(answers: list[list[list[int]]], expected: list[list[int]]) -> None:
    assert agree(answers, MOMENTS) == in_order(expected, MOMENTS)
    assert agree(answers[::-1], MOMENTS) == in_order(expected, MOMENTS)


def test_pairs_that_do_not_fit_together_never_put_two_boxes_of_a_moment_in_one_track() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        answers = []
        for _ in range(3):
            tracks = [list(ONE), list(OTHER), []]
            for box in MOMENTS:
                if chance.random() < 0.3:
                    mine = next(track for track in tracks if box in track)
                    free = [t for t in tracks if MOMENTS[box] not in {MOMENTS[b] for b in t}]
                    if free:
                        mine.remove(box)
                        chance.choice(free).append(box)
            answers.append([track for track in tracks if track])
        found = agree(answers, MOMENTS)
        assert sorted(box for track in found for box in track) == sorted(MOMENTS)
        assert all(len({MOMENTS[b] for b in track}) == len(track) for track in found)


@pytest.mark.parametrize(
    ("said", "share"),
    [
        pytest.param([OTHER, ONE], 1.0, id="the same in another order"),
        pytest.param(SWITCHED, 4 / 6, id="two links of six are another person's"),
        pytest.param([[1, 3], [5, 7], OTHER], 5 / 6, id="a break is one link"),
        pytest.param([[1, 3, 5, 7, 9], OTHER], 1.0, id="a box that nobody knows counts nothing"),
        pytest.param([[1, 5, 7], OTHER], 1.0, id="nor does one that is gone by now"),
        pytest.param([[box] for box in MOMENTS], 0.0, id="nobody is followed"),
    ],
)
def test_links_are_right_or_wrong_one_by_one(said: list[list[int]], share: float) -> None:
    assert grade(said, [ONE, OTHER], []).score.share == pytest.approx(share)


def test_an_error_that_is_shown_must_be_mended_however_small_it_is() -> None:
    truth = [list(range(0, 80, 2)), list(range(1, 80, 2))]
    moments = {box: float(box // 2) for track in truth for box in track}
    shown = with_error(truth, moments)
    left = grade(shown, truth, shown)
    assert (left.score, left.num_left) == ((76, 78), 2), "two people change places once"
    assert not left.is_right(0.9), "a share of 0.97 alone is not enough"
    assert grade(truth, truth, shown).is_right(1.0)
    broken = [truth[0][:5], truth[0][5:], truth[1]]
    slip = grade(broken, truth, shown)
    assert slip.is_right(0.9) and not slip.is_right(1.0)
    assert slip.wrong == [(truth[0][5], None, truth[0][4])]
    assert grade(broken, truth, truth).num_left == 0, "a slip where nothing was wrong"


@pytest.mark.parametrize(
    "tracks", [[ONE], [ONE, [2]], [[1, 3], [6, 8]]], ids=["alone", "beside one box", "never met"]
)
def test_where_nobody_can_be_mixed_up_a_row_is_broken(tracks: list[list[int]]) -> None:
    shown = with_error(tracks, MOMENTS)
    assert len(shown) == len(tracks) + 1
    assert sorted(b for t in shown for b in t) == sorted(b for t in tracks for b in t)
    (right, num), *_ = grade(shown, tracks, shown)
    assert right == num - 1
    assert with_error([[1], [2]], MOMENTS) == [[1], [2]]


def _film(chance: random.Random) -> tuple[list[Sighting], dict[int, float], list[list[int]]]:
    """Return boxes as a machine, or a file, numbers them, and what people say of most of them."""
    boxes, moments, shot = [], {}, 0
    said: dict[int, list[int]] = {}
    is_of_file = chance.random() < 0.5
    for frame in range(chance.randint(2, 8)):
        shot += chance.random() < 0.15
        numbers = chance.sample(range(4), 4)
        for person in (one for one in range(4) if chance.random() < 0.6):
            left, number = 0.1 * chance.randrange(5), len(boxes) + 1
            corners = Corners(left, 0.0, left + 0.3, 1.0)
            given = numbers[person] if is_of_file and chance.random() < 0.9 else None
            boxes.append(Sighting(number, frame, shot, corners, given=given))
            if chance.random() < 0.9:
                said.setdefault(person, []).append(number)
                moments[number] = float(frame)
    tracks = []
    for track in said.values():
        at = chance.randrange(len(track))
        tracks += [track[:at], track[at:]] if chance.random() < 0.3 else [track]
    return boxes, moments, in_order(tracks, moments)


def test_linking_keeps_to_what_is_said_whatever_the_machine_or_a_file_says() -> None:
    for seed in range(2000):
        chance = random.Random(seed)
        boxes, moments, tracks = _film(chance)
        config = LinkConfig(
            min_likeness=chance.choice([0.0, 0.3, 0.55]), max_gap=chance.randint(0, 3)
        )
        found = track_boxes(boxes, config, edits_of(tracks, moments))
        assert in_order([[box.id for box in one] for one in found], moments) == tracks, seed


CONFIG = AssignConfig(stretch_frames=5, stretch_boxes=12)


def _times(found: list[list[Moment]]) -> list[list[float]]:
    return [[moment.at_seconds for moment in window] for window in found]


def test_each_link_lies_in_one_window_and_neighbours_share_a_key_frame() -> None:
    moments = [Moment(float(n), 2) for n in range(12)]
    found = _times(windows(moments, [], CONFIG))
    assert found == [[0, 1, 2, 3, 4], [4, 5, 6, 7, 8], [8, 9, 10, 11]]
    links = [pair for window in found for pair in pairwise(window)]
    assert links == list(pairwise(map(float, range(12))))
    assert windows(moments, [(0.0, 4.0), (4.0, 8.0), (8.0, 11.0)], CONFIG) == []
    assert _times(windows(moments, [(0.0, 8.0)], CONFIG)) == [[8, 9, 10, 11]]


def test_a_crowd_makes_short_windows_of_two_key_frames_at_least() -> None:
    moments = [Moment(0.0, 4), Moment(1.0, 4), Moment(2.0, 4), Moment(3.0, 40), Moment(4.0, 1)]
    assert _times(windows(moments, [], CONFIG)) == [[0, 1, 2], [2, 3], [3, 4]]


def test_a_window_ends_where_nobody_is_missed_and_never_at_what_is_not_ready() -> None:
    moments = [Moment(float(n), 1, is_jumped=n == 4) for n in range(9)]
    assert _times(windows(moments, [], CONFIG))[:2] == [[0, 1, 2, 3], [3, 4, 5, 6, 7]]
    moments[2] = Moment(2.0, 1, is_ready=False)
    assert _times(windows(moments, [], CONFIG)) == [[0, 1], [3, 4, 5, 6, 7], [7, 8]]
