"""Agreement of boxes: the share that others drew too, and how far those overlap."""

import pytest

from kinetics_builder.database.engine import reading
from pipelines.inspecting.agreement import read_agreement
from tests.annotation_ui.boxes.conftest import FOUND
from tests.annotation_ui.boxes.test_boxes import NEW, ask, log_in, say


def overlap(one, other) -> float:
    wide = max(0, min(one[2], other[2]) - max(one[0], other[0]))
    high = max(0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return wide * high / (sum(areas) - wide * high)


def test_boxes_agree_by_what_others_drew_too_and_how_near(make_film) -> None:
    world = make_film(num_frames=2, settings="box_answers = 2\n")
    moved = [0.1, 0.2, 0.3, 0.7, None]
    far = [0.6, 0.3, 0.64, 0.9, None]
    answers = ([*map(list, FOUND)], [moved, far, NEW])
    for number, boxes in enumerate(answers):
        person = log_in(world, number)
        drawn = [box if len(box) == 5 else [*box, None] for box in boxes]
        assert say(person, ask(person)["slot"], drawn).status_code == 200
        assert say(person, ask(person)["slot"], []).status_code == 200
    with reading(world.workspace.engine) as session:
        (found,) = read_agreement(session, world.workspace)
    shared, near = found.measures
    # Of 2 + 3 boxes one pair overlaps by half or more, the other by 4/15; the second is empty.
    assert overlap(far, FOUND[1]) < 0.5
    assert shared.value == pytest.approx(2 * 1 / (2 + 3))
    assert near.value == pytest.approx(overlap(moved, FOUND[0]))
    assert (shared.num_questions, near.num_questions) == (2, 2)
