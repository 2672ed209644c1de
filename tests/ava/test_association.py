"""How much actions go together, held against the definition counted one by one."""

import math
from collections import Counter
from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.ava import association
from kinetics_builder.ava.association import Counts, Labelled, Sides, counts_of, npmi, together

NUM_ACTIONS = 5
units = st.lists(st.sets(st.integers(0, NUM_ACTIONS - 1), max_size=4), min_size=2, max_size=12)


def labelled(sets: list[set[int]]) -> Labelled:
    rows = [(unit, action) for unit, actions in enumerate(sets) for action in actions]
    unit_N, action_N = np.array(rows, np.int64).reshape(-1, 2).T
    return Labelled.of(unit_N, action_N, len(sets), NUM_ACTIONS)


@given(units, st.integers(1, 30))
def test_what_follows_is_counted_as_the_definition_says(sets: list[set[int]], chunk: int) -> None:
    of = labelled(sets)
    before, after = np.arange(len(sets) - 1), np.arange(1, len(sets))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(association, "_CHUNK", chunk)
        pairs = together(of, of, before, after)
    counts = counts_of(pairs, of.totals(before), of.totals(after), len(before), Sides.TWO)
    steps = list(pairwise(sets))
    expected = Counter((x, y) for first, second in steps for x in first for y in second)
    found = zip(map(tuple, counts.pairs_P2.tolist()), counts.counts_P.tolist(), strict=True)
    assert dict(found) == expected
    for pair in counts.pairs(least=1):
        p_x = sum(pair.first in first for first, _ in steps) / len(steps)
        p_y = sum(pair.second in second for _, second in steps) / len(steps)
        p_xy = expected[pair.first, pair.second] / len(steps)
        assert pair.num_units == expected[pair.first, pair.second]
        assert pair.expected == pytest.approx(p_x * p_y * len(steps))
        value = math.log(p_xy / (p_x * p_y)) / -math.log(p_xy) if p_xy else -1.0
        assert pair.npmi == pytest.approx(value)
        assert -1 <= pair.npmi <= 1 + 1e-12


def counted(sides: Sides) -> Counts:
    return Counts(
        num_units=100,
        sides=sides,
        first_K=np.array([50, 40, 1, 0]),
        second_K=np.array([50, 40, 1, 0]),
        pairs_P2=np.array([(0, 0), (0, 2), (2, 2)]),
        counts_P=np.array([50, 1, 1]),
    )


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        (Sides.TWO, {(0, 0): 50, (1, 0): 0, (0, 1): 0, (1, 1): 0}),
        (Sides.EQUAL, {(0, 0): 50, (0, 1): 0, (1, 1): 0}),
    ],
)
def test_pairs_are_told_that_are_met_or_expected_often_enough(
    sides: Sides, expected: dict[tuple[int, int], int]
) -> None:
    pairs = counted(sides).pairs(least=16)
    assert {pair[:2]: pair.num_units for pair in pairs} == expected
    # 0 and 0: ln(0.5 / 0.25) / -ln 0.5; the others never meet, the most expected of them last.
    assert [pair.npmi for pair in pairs] == [1.0] + [-1.0] * (len(expected) - 1)
    assert [pair.expected for pair in pairs[1:]] == sorted(pair.expected for pair in pairs[1:])
    assert {pair[:2] for pair in counted(sides).pairs(least=21)} == {(0, 0)}


def test_what_all_units_have_tells_nothing() -> None:
    of = labelled([{0, 1}, {0, 1}])
    both = np.arange(2)
    totals = of.totals(both)
    counts = counts_of(together(of, of, both, both), totals, totals, 2, Sides.ONE)
    assert counts.counts_P.tolist() == [2]
    assert counts.pairs(least=1) == []


def test_npmi_by_hand() -> None:
    # p(x, y) = 0.1, p(x) = 0.2, p(y) = 0.25: ln 2 / -ln 0.1.
    assert npmi(10, 5, 100) == pytest.approx(math.log(2) / math.log(10))


@given(st.lists(units, min_size=1, max_size=4))
def test_pairs_of_different_units_are_what_is_left_of_all_pairs(frames: list) -> None:
    """Two boxes of a key frame: all pairs of its labels but those of one box."""
    boxes = [box for frame in frames for box in frame]
    of_boxes = labelled(boxes)
    frame_B = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])
    frame_L = frame_B[of_boxes.unit_L()]
    of_frames = Labelled.of(frame_L, of_boxes.action_L, len(frames), NUM_ACTIONS)
    all_B, all_F = np.arange(len(boxes)), np.arange(len(frames))
    own = together(of_boxes, of_boxes, all_B, all_B)
    left = own.added_to(together(of_frames, of_frames, all_F, all_F), sign=-1)
    expected = Counter(
        x * NUM_ACTIONS + y
        for frame in frames
        for one, other in permutations(frame, 2)
        for x in one
        for y in other
    )
    assert dict(zip(left.key_P.tolist(), left.count_P.tolist(), strict=True)) == expected
