"""Unclear classes on the page that moves: shown with links, and not looked for at every request."""

from sqlalchemy import select

from annotation_ui.owner import unclear
from annotation_ui.owner.unclear import UnclearClasses
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import Answer, TaskSlot, Vote, Worker
from tests.annotation_ui.owner.conftest import open_owner


def test_the_page_that_moves_names_unclear_classes_and_leads_to_their_clips(make_world) -> None:
    world = make_world([30], num_gold=8)
    with writing(world.workspace.engine) as session:
        for number in (1, 2):
            session.get_one(Worker, number).name = f"worker {number}"
            for slot in session.scalars(select(TaskSlot)).all():
                is_yes = slot.gold_id is not None or slot.label_id != 2 or number == 1
                about = {"clip_id": slot.clip_id, "label_id": slot.label_id, "slot_id": slot.id}
                said = Answer.YES if is_yes else Answer.NO
                session.add(Vote(worker_id=number, answer=said, **about))
        keep(session, world.workspace.config.verify)
    text = open_owner(world, world.app()).browser.get("/owner/progress").text
    assert "disagree about 10 of 13 clips, elsewhere about 0 of 25" in text
    assert 'href="/owner/disputes?label=clapping"' in text and 'href="/owner/flags"' in text
    assert "label=jumping" not in text


def test_nothing_is_said_where_all_classes_are_clear(make_world) -> None:
    world = make_world([3])
    assert "guideline" not in open_owner(world, world.app()).browser.get("/owner").text


def test_a_look_is_taken_no_sooner_than_a_minute_and_nineteen_looks_later(monkeypatch) -> None:
    now, looks = [0.0], []

    def look(_) -> list[int]:
        looks.append(now[0])
        now[0] += 10.0
        return [len(looks)]

    monkeypatch.setattr(unclear, "read_unclear", look)
    found = UnclearClasses(clock=lambda: now[0])
    for now[0], told in ((0.0, 1), (199.0, 1), (200.0, 2), (201.0, 2)):
        assert found.read(None) == [told]
    monkeypatch.setattr(unclear, "read_unclear", lambda _: ["quick"])
    for now[0], told in ((400.0, "quick"), (459.0, "quick")):
        assert found.read(None) == [told]
    monkeypatch.setattr(unclear, "read_unclear", lambda _: [])
    for now[0], told in ((459.9, ["quick"]), (460.0, [])):
        assert found.read(None) == told
