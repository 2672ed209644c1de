"""Sums about persons: kept with every answer, and when boxes are taken back and come again."""

from sqlalchemy import select, update

from annotation_ui.owner.progress import read_progress
from kinetics_builder.crowd.records import remake
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import DetectedBox, KeyFrame, PersonBox, Task
from pipelines.ava.detect import show_boxes
from pipelines.ava.withdrawing import take_back_frame
from tests.annotation_ui.people.test_actions import NAMES, SIT, STAND, TALK, come, say
from tests.annotation_ui.people.test_verification import next_of, vote
from tests.annotation_ui.test_owner_page import kept, recount


def answer_all(world) -> None:
    """Two name the actions of all; three judge them, one against the others."""
    for number, what in ((0, {"pose": "stand"}), (1, {"pose": "sit", "person_1": NAMES[TALK]})):
        person = come(world, number)
        while question := person.browser.get("/task.json?kind=actions").json["next"]:
            person.csrf = person.browser.get("/session.json").json["csrf_token"]
            assert say(person, question["slot"], **what).status_code == 200
    world.assign()
    for number in (2, 3, 4):
        rater = come(world, number)
        while question := next_of(rater):
            said = "yes" if (question["label"] == NAMES[STAND]) is (number != 4) else "no"
            assert vote(rater, question["slot"], said).status_code == 200


def test_actions_are_summed_up_by_class_and_the_hardest_comes_first(make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    assert kept(world.workspace) == recount(world.workspace) == {("actions", 0): [4, 0, 0, 0, 0]}
    answer_all(world)
    found = kept(world.workspace)
    assert found == recount(world.workspace)
    assert found["actions", 0] == [4, 4, 0, 8, 0]
    assert found["verification", STAND][:3] == [4, 4, 0]
    assert found["verification", SIT][:3] == [4, 0, 4]
    with world.app().app_context(), reading(world.workspace.engine) as session:
        naming, confirming = read_progress(session, world.workspace.config).kinds
    assert not naming.has_classes
    assert {row.label for row in confirming.classes} == {NAMES[n] for n in (STAND, SIT, TALK)}
    shares = [row.overruled_share for row in confirming.classes]
    assert shares == sorted(shares, reverse=True)
    with writing(world.workspace.engine) as session:
        remake(session, world.workspace.config.verify)
    assert kept(world.workspace) == found


def test_what_is_taken_back_counts_no_more_and_counts_again_when_it_comes_back(
    make_meeting,
) -> None:
    world = make_meeting(2)
    with writing(world.workspace.engine) as session:
        for box in session.scalars(select(PersonBox)).all():
            corners = {name: getattr(box, name) for name in ("x1", "y1", "x2", "y2")}
            found = DetectedBox(
                key_frame_id=box.key_frame_id, **corners, score=0.5 + box.id / 10, origin="test"
            )
            session.add(found)
            session.flush()
            box.detected_box_id = found.id
    world.assign()
    answer_all(world)
    before = kept(world.workspace)
    with writing(world.workspace.engine) as session:
        show_boxes(session, min_score=0.75)
    fewer = kept(world.workspace)
    assert fewer == recount(world.workspace)
    assert fewer["actions", 0][0] == 2
    with writing(world.workspace.engine) as session:
        show_boxes(session, min_score=0.5)
    assert kept(world.workspace) == before == recount(world.workspace)
    with writing(world.workspace.engine) as session:
        frame = session.scalars(select(KeyFrame)).first()
        assert frame is not None
        session.execute(update(PersonBox).values(detected_box_id=None))
        session.expire_all()
        take_back_frame(session, frame)
    assert kept(world.workspace) == recount(world.workspace)
    assert kept(world.workspace)["actions", 0][0] == 2


def test_a_box_that_comes_back_undecided_opens_its_task_again(make_meeting) -> None:
    world = make_meeting(1)
    with writing(world.workspace.engine) as session:
        for box in session.scalars(select(PersonBox)).all():
            corners = {name: getattr(box, name) for name in ("x1", "y1", "x2", "y2")}
            found = DetectedBox(key_frame_id=box.key_frame_id, **corners, score=0.6, origin="test")
            session.add(found)
            session.flush()
            box.detected_box_id = found.id
    world.assign()
    for least, is_finished in ((0.9, True), (0.5, False)):
        with writing(world.workspace.engine) as session:
            show_boxes(session, min_score=least)
            assert session.scalars(select(Task.is_finished)).all() == [is_finished]
