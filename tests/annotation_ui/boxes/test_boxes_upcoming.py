"""Boxes are read for the pictures that come next, not for all of a task; each has its own."""

from annotation_ui.desk import NUM_FOLLOWING
from annotation_ui.desk_rows import Seat, read_desk
from annotation_ui.kinds.boxes.kind import BOXES
from kinetics_builder.database.engine import writing
from tests.annotation_ui.boxes.conftest import FOUND
from tests.annotation_ui.boxes.test_boxes import ask, log_in, say


def test_every_picture_comes_with_its_boxes_though_few_are_read_at_a_time(make_film) -> None:
    world = make_film(num_frames=12)
    with writing(world.workspace.engine) as session:
        seat = Seat(1, 1, 0.0, slots=frozenset({12}))
        read = read_desk(BOXES, session, seat, world.workspace.config.verify).questions
    with_boxes = [place for place, question in enumerate(read) if question.boxes]
    assert with_boxes == [*range(NUM_FOLLOWING + 2), 11], "what comes next, and what is answered"
    person = log_in(world)
    shown = ask(person)
    for number in range(12):
        assert [box[:4] for box in shown["boxes"]] == [list(box) for box in FOUND], number
        reply = say(person, shown["slot"], shown["boxes"])
        assert all(len(one["boxes"]) == len(FOUND) for one in reply.json["following"])
        shown = reply.json["next"]
    assert shown is None
