"""What is strange is shown to the owner, with the clips that show it."""

from sqlalchemy import select

from kinetics_builder.crowd.records import keep
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Answer, TaskSlot, Vote, Worker
from tests.annotation_ui.owner.conftest import open_owner


def test_the_owner_sees_who_is_strange_and_the_clips(make_world) -> None:
    world = make_world([30])
    with writing(world.workspace.engine) as session:
        for number in range(1, 5):
            session.get_one(Worker, number).name = f"worker {number}"
            for slot in session.scalars(select(TaskSlot)).all():
                is_yes = slot.id % 2 == 0 if number == 4 else slot.id % 3 != slot.id % 2
                about = {"clip_id": slot.clip_id, "label_id": slot.label_id, "slot_id": slot.id}
                said = Answer.YES if is_yes else Answer.NO
                session.add(Vote(worker_id=number, answer=said, **about))
        keep(session, world.workspace.config.verify)
    owner = open_owner(world, world.app())
    text = owner.browser.get("/owner/flags").text
    assert "repeated no, yes over 30 answers" in text
    assert text.count("repeated") == 1 and text.count('href="/owner/clips/') == 30
    assert "Careful workers disagree about no class" in text
    assert "Repeated no, yes over 30 answers." in owner.browser.get("/owner/workers/4").text
    assert "Repeated" not in owner.browser.get("/owner/workers/1").text
    assert 'href="/owner/flags"' in owner.browser.get("/owner").text


def test_nobody_else_sees_them(make_world) -> None:
    world = make_world([1])
    assert world.client().log_in().browser.get("/owner/flags").location == "/owner/login"
