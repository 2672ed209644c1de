"""Several annotators' boxes become those that stand: pure rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.crowd.boxes.policy import Changes, Drawn, changes_of, grade, merge

LEFT = Drawn(0.0, 0.0, 0.4, 1.0)
RIGHT = Drawn(0.6, 0.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("answers", "stand"),
    [
        pytest.param([[]], [], id="nobody is there"),
        pytest.param([[LEFT, RIGHT]], [LEFT, RIGHT], id="one annotator says it all"),
        pytest.param([[LEFT], [LEFT, RIGHT]], [LEFT], id="half is no majority"),
        pytest.param([[LEFT], [LEFT, RIGHT], [RIGHT]], [LEFT, RIGHT], id="two of three"),
        pytest.param([[], [], [LEFT]], [], id="one of three saw a ghost"),
        pytest.param(
            [[Drawn(0.0, 0.0, 0.5, 1.0)], [Drawn(0.1, 0.0, 0.6, 0.9)]],
            [Drawn(0.05, 0.0, 0.55, 0.95)],
            id="the mean box stands",
        ),
        pytest.param(
            [[Drawn(0.0, 0.0, 0.3, 1.0)], [Drawn(0.15, 0.0, 0.5, 1.0)]],
            [],
            id="boxes that hardly meet are of two persons, with one vote each",
        ),
    ],
)
def test_merge(answers: list[list[Drawn]], stand: list[Drawn]) -> None:
    assert merge(answers, 0.5) == stand


def test_a_merged_box_began_as_most_of_its_boxes_did() -> None:
    answers = [[LEFT._replace(began_as=number)] for number in (9, 7, 7)]
    assert merge([*answers, [LEFT]], 0.5) == [LEFT._replace(began_as=7)]


corner = st.integers(0, 40).map(lambda n: n / 100)
boxes = st.builds(
    lambda x, y, w, h: Drawn(x, y, round(x + 0.1 + w, 2), round(y + 0.1 + h, 2)),
    corner,
    corner,
    corner,
    corner,
)


@given(st.lists(st.lists(boxes, max_size=4), min_size=1, max_size=5), st.randoms())
def test_neither_the_order_of_answers_nor_of_boxes_matters(answers, random) -> None:
    shuffled = [random.sample(answer, len(answer)) for answer in answers]
    random.shuffle(shuffled)
    assert merge(shuffled, 0.5) == merge(answers, 0.5)


@given(st.lists(boxes, max_size=4, unique=True))
def test_annotators_who_agree_are_left_as_they_are(answer) -> None:
    assert merge([answer], 0.5) == sorted(answer, key=lambda box: box[:4])


@pytest.mark.parametrize(
    ("drawn", "truth", "is_right"),
    [
        pytest.param([], [], True, id="nobody, rightly"),
        pytest.param([], [LEFT], False, id="somebody was missed"),
        pytest.param([LEFT], [], False, id="a box where nobody is"),
        pytest.param([RIGHT, LEFT], [LEFT, RIGHT], True, id="in any order"),
        pytest.param([LEFT, LEFT], [LEFT, RIGHT], False, id="one twice, the other not"),
        pytest.param([Drawn(0, 0, 0.2, 1)], [LEFT], True, id="an overlap of just a half"),
        pytest.param([Drawn(0, 0, 0.19, 1)], [LEFT], False, id="an overlap of less"),
    ],
)
def test_gold_is_right_if_every_true_box_is_met_and_none_is_too_many(
    drawn, truth, is_right
) -> None:
    assert grade(drawn, truth, 0.5).is_right is is_right


def test_changes_are_what_was_added_moved_and_dropped() -> None:
    shown = [LEFT._replace(began_as=1), RIGHT._replace(began_as=2)]
    assert changes_of(shown, shown) == Changes(0, 0, 0)
    assert changes_of([], shown) == Changes(0, 0, 2)
    moved = Drawn(0.1, 0.0, 0.4, 1.0, began_as=1)
    assert changes_of([moved, RIGHT], shown) == Changes(1, 1, 1)
