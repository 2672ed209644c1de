"""Gold of persons that comes late enters tasks that are not finished, and its want is told."""

from collections import Counter

from sqlalchemy import insert

from kinetics_builder.config import Config
from kinetics_builder.crowd.gold_cover import gold_warnings
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Gold, PersonBox, Task, TaskSlot
from tests.annotation_ui.people.test_actions import SIT, come, say
from tests.annotation_ui.people.test_verification import next_of, vote


def warnings(world) -> list[str]:
    with reading(world.workspace.engine) as session:
        return gold_warnings(session, Config().assign)


def know(world, expected: Answer, action: int | None = None, place: int = 0) -> None:
    (frame, box) = world.rows(PersonBox.key_frame_id, PersonBox.id)[place]
    row = {"key_frame_id": frame, "person_box_id": box, "action_id": action, "expected": expected}
    with writing(world.workspace.engine) as session:
        session.execute(insert(Gold), row)


def slots(world) -> list[tuple[str, bool]]:
    """Return (kind, whether it is gold) of all questions, in the order of their tasks."""
    kinds = dict(world.rows(Task.id, Task.kind))
    rows = world.rows(TaskSlot.task_id, TaskSlot.position, TaskSlot.gold_id.is_not(None))
    return [(kinds[task], is_gold) for task, _, is_gold in rows]


def test_gold_of_persons_enters_what_was_dealt_before(make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    assert [one.startswith("No task of actions holds") for one in warnings(world)] == [True]
    know(world, Answer.YES)
    assert world.assign().people[0].num_gold_mixed_in == 0, "the task asks about that person"
    with writing(world.workspace.engine) as session:
        row = {"key_frame_id": 2, "x1": 0.4, "y1": 0.0, "x2": 0.5, "y2": 0.2}
        session.add(PersonBox(**row))
    know(world, Answer.BAD, place=-1)
    report = world.assign().people[0]
    assert report.num_gold_mixed_in == 1
    assert Counter(slots(world))["actions", False] == 5
    assert Counter(slots(world))["actions", True] >= 2, "in the new task too"
    assert world.assign().people[0].num_gold_mixed_in == 0


def test_gold_to_be_confirmed_enters_too_and_gold_of_one_sort_alone_is_told(make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    for number in (0, 1):
        person = come(world, number)
        while question := person.browser.get("/task.json?kind=actions").json["next"]:
            person.csrf = person.browser.get("/session.json").json["csrf_token"]
            assert say(person, question["slot"], pose="stand").status_code == 200
    world.assign()
    assert any(one.startswith("No task of verification holds") for one in warnings(world))
    know(world, Answer.NO, SIT)
    assert world.assign().people[1].num_gold_mixed_in == 1
    assert any(
        one.startswith("No gold question of verification has the answer yes")
        for one in warnings(world)
    )
    know(world, Answer.YES, SIT, place=1)
    assert world.assign().people[1].num_gold_mixed_in == 1
    assert not any("verification" in one for one in warnings(world))
    assert [one for one in slots(world) if one == ("verification", True)] != []
    rater = come(world, 2)
    graded = []
    while question := next_of(rater):
        graded.append(vote(rater, question["slot"], "yes").json["graded"])
    assert sorted(one["is_right"] for one in graded if one) == [False, True]
