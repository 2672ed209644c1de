"""Who left a shot and who comes later on: no two boxes that may be one person's stay unmet."""

import random

from kinetics_builder.crowd.links.reunions import (
    Present,
    Return,
    Shown,
    gone_beside,
    returns,
    unmet,
)


def film(*frames: str, cuts: tuple[int, ...] = ()) -> list[list[Present]]:
    """Return the boxes of key frames: a letter is a person; box 23 is the third of frame 2."""
    return [
        [
            Present(10 * place + index, ord(name), float(place), sum(place >= cut for cut in cuts))
            for index, name in enumerate(names)
        ]
        for place, names in enumerate(frames)
    ]


def moments(frames: list[list[Present]]) -> dict[int, float]:
    return {seen.box: seen.at_seconds for frame in frames for seen in frame}


def test_who_comes_may_be_any_who_left_the_last_first() -> None:
    frames = film("abc", "ab", "a", "ad")
    assert returns(frames) == [Return(31, 11), Return(31, 2)]
    assert returns(frames, num_gone=1) == [Return(31, 11)]


def test_who_is_followed_over_a_gap_may_be_somebody_else() -> None:
    assert returns(film("ab", "a", "ab")) == [Return(21, 1)]
    assert returns(film("ab", "ab", "ab")) == []


def test_nobody_comes_back_in_another_shot() -> None:
    assert returns(film("ab", "a", "ac", cuts=(2,))) == []
    assert returns(film("ab", "a", "c", "cd", "c", "ce", cuts=(2,))) == [Return(51, 31)]


def test_what_one_question_shows_is_met_and_the_rest_belongs_beside_the_stretch() -> None:
    frames = film("ab", "a", "a", "a", "ac")
    at, found = moments(frames), returns(frames)
    assert unmet(found, at, [Shown(0.0, 4.0)]) == []
    neighbours = [Shown(0.0, 2.0), Shown(2.0, 4.0)]
    left = unmet(found, at, neighbours)
    assert left == [Return(41, 1)]
    assert gone_beside(2.0, 4.0, left, at) == {1}
    assert gone_beside(0.0, 2.0, left, at) == frozenset()
    assert unmet(found, at, [*neighbours, Shown(2.0, 4.0, frozenset({1}))]) == []


def test_with_them_beside_it_no_two_boxes_that_may_be_one_persons_stay_apart() -> None:
    for seed in range(300):
        chance = random.Random(seed)
        names = ["".join(c for c in "abcdef" if chance.random() < 0.6) or "a" for _ in range(14)]
        frames = film(*names, cuts=(chance.randrange(14),))
        at, found = moments(frames), returns(frames)
        shown: list[Shown] = []
        for start in range(0, 13, 4):
            end = min(start + 4, 13)
            gone = gone_beside(start, end, unmet(found, at, shown), at)
            assert len(gone) <= 8 and all(at[box] < start for box in gone)
            shown.append(Shown(start, end, gone))
        assert unmet(found, at, shown) == []
