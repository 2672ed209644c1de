"""Clips that a browser cannot play: told to the owner, left to others, never a vote."""

import json

import pytest
from selenium.webdriver.common.keys import Keys
from sqlalchemy import func, select

from annotation_ui.owner.progress import read_progress
from annotation_ui.server import serving
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import PassedSlot, TaskSlot, Vote
from kinetics_builder.ways import Way
from tests.annotation_ui.driving import come_in, press, text_of, wait

BROWSER = "Format error Firefox/140"


def count(world, table) -> int:
    with reading(world.workspace.engine) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def pass_on(person, slot: int, **fields: str):
    return person.answer(slot, "unplayable", browser=BROWSER, **fields)


def test_a_clip_that_does_not_play_is_no_vote_and_the_next_one_comes(make_world) -> None:
    world = make_world([3])
    person = world.client().log_in()
    first = person.next()
    reply = pass_on(person, first["slot"])
    assert (reply.status_code, reply.json["outcome"]) == (200, "saved")
    assert reply.json["stored"]["choice"] == "unplayable"
    assert reply.json["next"]["position"] == 2
    assert person.next()["slot"] != first["slot"], "it is not asked again"
    assert (count(world, Vote), count(world, PassedSlot)) == (0, 1)


def test_sent_again_it_is_one_row(make_world) -> None:
    world = make_world([2])
    person = world.client().log_in()
    slot = person.next()["slot"]
    replies = [pass_on(person, slot).json for _ in range(2)]
    assert replies[0] == replies[1]
    assert count(world, PassedSlot) == 1


def test_others_are_asked_at_once_in_the_place_of_who_could_not_see_it(make_world) -> None:
    """Three may have the clip at a time; the fourth sits idle until one of them passes it on."""
    world = make_world([1], num_workers=4)
    app = world.app()
    three = [world.client(number, app=app).log_in() for number in range(3)]
    slots = [person.next()["slot"] for person in three]
    fourth = world.client(3, app=app).log_in()
    assert fourth.next() is None
    pass_on(three[0], slots[0])
    assert three[0].next() is None, "and nothing else waits"
    assert fourth.next()["slot"] == slots[0]


def test_who_sees_it_after_all_may_answer(make_world) -> None:
    world = make_world([2])
    person = world.client().log_in()
    slot = person.next()["slot"]
    pass_on(person, slot)
    reply = person.answer(slot, "no", revision="1")
    assert (reply.status_code, reply.json["stored"]["answer"]) == (200, "no")
    assert reply.json["stored"]["revision"] == 0
    assert count(world, Vote) == 1


def test_gold_that_does_not_play_judges_nobody(make_world) -> None:
    world = make_world([1], num_gold=1)
    person = world.client().log_in()
    asked = []
    while slot := person.next():
        asked.append(slot["slot"])
        assert pass_on(person, slot["slot"]).json["graded"] is None
    assert len(asked) == 2
    assert count(world, Vote) == 0
    person.next()


def test_of_a_grid_the_rest_is_answered(make_grid) -> None:
    world = make_grid([3])
    person = world.client().log_in()
    person.next()
    with reading(world.workspace.engine) as session:
        slots = session.scalars(select(TaskSlot.id)).all()
    answers = [{"slot": slot, "answer": "yes-seen", "seconds": 2} for slot in slots]
    answers[1] = {"slot": slots[1], "answer": "unplayable", "browser": BROWSER}
    reply = person.browser.post(
        "/answers",
        data={"answers": json.dumps(answers)},
        headers={"Accept": "application/json", "X-CSRFToken": person.csrf},
    )
    assert [one["outcome"] for one in reply.json["results"]] == ["saved"] * 3
    assert (count(world, Vote), count(world, PassedSlot)) == (2, 1)


def test_the_owner_sees_who_could_not_play_what(make_world) -> None:
    world = make_world([2])
    person = world.client().log_in()
    pass_on(person, person.next()["slot"])
    with reading(world.workspace.engine) as session:
        (trouble,) = read_progress(session, world.workspace.config).troubles
    assert (trouble.worker, trouble.said) == ("worker 0", f"does not play: {BROWSER}")
    assert trouble.title.startswith("Title ")


def test_a_browser_that_says_much_is_cut_short(make_world) -> None:
    world = make_world([1])
    person = world.client().log_in()
    person.answer(person.next()["slot"], "unplayable", browser="x\n" * 1000)
    with reading(world.workspace.engine) as session:
        assert len(session.scalars(select(PassedSlot.browser)).one()) == 300


@pytest.mark.browser
@pytest.mark.parametrize(("way", "where"), [(Way.CLIP, "stage-note"), (Way.GRID, "trouble")])
def test_a_browser_that_plays_no_clip_at_all_passes_none_on(browser, make_grid, way, where) -> None:
    world = make_grid([2], way)
    (world.workspace.clips / "one.mp4").write_bytes(b"no film at all" * 40)
    lacks = {"source": "HTMLMediaElement.prototype.canPlayType = () => '';"}
    script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", lacks)
    try:
        with serving(world.workspace) as address:
            come_in(browser, address, world)
            wait(browser, lambda: "plays no H.264" in text_of(browser, where))
            press(browser, "5", Keys.ENTER)
            assert text_of(browser, "position")[0] in "01"
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
        browser.get_log("browser")
    assert (count(world, Vote), count(world, PassedSlot)) == (0, 0)


@pytest.mark.on_both
def test_the_row_goes_with_its_question(make_world) -> None:
    world = make_world([1])
    person = world.client().log_in()
    pass_on(person, person.next()["slot"])
    with writing(world.workspace.engine) as session:
        session.delete(session.scalars(select(TaskSlot)).one())
    assert count(world, PassedSlot) == 0
