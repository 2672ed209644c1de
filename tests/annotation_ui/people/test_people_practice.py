"""Named and confirmed actions beside the true ones."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import insert

from annotation_ui.server import serving
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import (
    ActionCandidate,
    Answer,
    Gold,
    GoldAction,
    PersonBox,
    Task,
    TaskSlot,
)
from tests.annotation_ui.driving import complaints, press, resize, wait
from tests.annotation_ui.people.test_actions import HOLD, NAMES, SIT, STAND, TALK, come, say
from tests.annotation_ui.people.test_people_browser import pick, start
from tests.annotation_ui.people.test_verification import next_of, vote


@pytest.fixture
def known(make_meeting):
    """Gold: the first person stands, talks and holds; the second box is nobody's."""
    world = make_meeting(2)
    ((first, nobody), (third, fourth)) = world.boxes
    frames = dict(world.rows(PersonBox.id, PersonBox.key_frame_id))
    about = {box: {"key_frame_id": frames[box], "person_box_id": box} for box in frames}
    with writing(world.workspace.engine) as session:
        ids = session.scalars(
            insert(Gold).returning(Gold.id, sort_by_parameter_order=True),
            [
                {**about[first], "action_id": None, "expected": Answer.YES},
                {**about[nobody], "action_id": None, "expected": Answer.BAD},
                {**about[third], "action_id": SIT, "expected": Answer.NO},
            ],
        ).all()
        truth = [{"gold_id": ids[0], "action_id": number} for number in (STAND, TALK, HOLD)]
        session.execute(insert(GoldAction), truth)
        naming, confirming = Task(kind="actions", round=0), Task(kind="verification", round=0)
        session.add_all([naming, confirming])
        session.flush()
        slots = [
            {"task_id": naming.id, "position": 0, "gold_id": ids[0], **about[first]},
            {"task_id": naming.id, "position": 1, "gold_id": ids[1], **about[nobody]},
            {"task_id": naming.id, "position": 2, "gold_id": None, **about[fourth]},
        ]
        session.execute(insert(TaskSlot), slots)
        known = {"gold_id": ids[2], "action_id": SIT, **about[third]}
        session.execute(insert(TaskSlot), {"task_id": confirming.id, "position": 0, **known})
    return world


def ask(person) -> int:
    slot: int = person.browser.get("/task.json?kind=actions").json["next"]["slot"]
    person.csrf = person.browser.get("/session.json").json["csrf_token"]
    return slot


def test_which_actions_agree_which_were_missed_and_which_are_too_many(known) -> None:
    person = come(known, 0)
    graded = say(person, ask(person), pose="sit", person_1=NAMES[TALK]).json["graded"]
    # Of 2 that were named and 3 that are true 1 agrees: F1 = 2 * 1 / (2 + 3).
    assert graded["words"] == (
        "You named 1 of 3 actions; agreement (F1) 0.40, at least 0.50 is right."
    )
    assert graded["is_right"] is False
    for title, names in (
        ("✓ Named rightly", [TALK]),
        ("○ Missed", [STAND, HOLD]),
        ("✗ Not shown", [SIT]),
    ):
        _, _, behind = graded["html"].partition(title)
        shown = behind.split("<dd>")[1].split("</dd>")[0]
        assert set(shown.split("; ")) == {
            ava_vocabulary().of_id(number).name for number in names
        }, title


def test_a_box_that_is_nobodys_is_right_with_any_flag(known) -> None:
    for number, what, is_right in ((0, {"flag": "wrong_box"}, True), (1, {"pose": "sit"}, False)):
        person = come(known, number)
        say(person, ask(person), pose="stand")
        graded = say(person, ask(person), **what).json["graded"]
        assert (graded["is_right"], graded["words"]) == (
            is_right,
            "Nobody can be judged in this box.",
        )
        assert say(person, ask(person), pose="stand").json["graded"] is None


@pytest.mark.parametrize(
    ("said", "is_right", "words"),
    [
        ("no", True, "You said no, and so it is."),
        ("yes", False, "You said yes; the known answer is no."),
        ("unsure", False, "You said unsure; the known answer is no."),
    ],
)
def test_a_confirmed_action_is_right_or_wrong(known, said, is_right, words) -> None:
    with writing(known.workspace.engine) as session:
        subject = {"key_frame_id": 1, "person_box_id": known.boxes[0][0], "action_id": TALK}
        session.execute(insert(TaskSlot), {"task_id": 2, "position": 1, **subject})
        candidate = {"person_box_id": known.boxes[0][0], "action_id": TALK, "num_proposed": 1}
        session.execute(insert(ActionCandidate), candidate)
    person = come(known, 3)
    question = next_of(person)
    graded = vote(person, question["slot"], said).json["graded"]
    assert (graded["is_right"], graded["words"]) == (is_right, words)
    assert NAMES[SIT] in graded["html"]


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 360])
def test_the_truth_about_actions_fits_a_screen_and_a_tap_goes_on(browser, known, width) -> None:
    with serving(known.workspace) as address:
        resize(browser, width, 720, touch=width < 500)
        start(browser, address, known, 0, "actions")
        browser.find_element(By.ID, "pose").click()
        pick(browser, "stan")
        press(browser, Keys.ENTER)
        dialog = browser.find_element(By.ID, "graded")
        wait(browser, dialog.is_displayed)
        assert "You named 1 of 3 actions" in dialog.text
        assert browser.execute_script(
            "return arguments[0].scrollWidth <= arguments[0].clientWidth", dialog
        )

        def closed() -> bool:
            if dialog.is_displayed():
                dialog.find_element(By.TAG_NAME, "button").click()
            return not dialog.is_displayed()

        wait(browser, closed)
        assert complaints(browser) == []
        resize(browser, 0, 0)
