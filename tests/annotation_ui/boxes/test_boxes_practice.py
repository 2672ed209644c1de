"""Boxes beside the true ones: what was met, missed and too much, in words and in the browser."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import insert, select

from annotation_ui.server import serving
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import BoxAnswer, Gold, GoldBox, Task, TaskSlot
from tests.annotation_ui.boxes.conftest import FOUND
from tests.annotation_ui.boxes.test_boxes import ask, log_in, say
from tests.annotation_ui.boxes.test_boxes_browser import begin, drag, wait_for_picture
from tests.annotation_ui.conftest import World
from tests.annotation_ui.driving import complaints, position, press, resize, wait

THIRD = (0.8, 0.1, 0.95, 0.5)
_FITS = """
const dialog = document.getElementById("graded");
const seen = dialog.querySelector("svg").getBoundingClientRect();
const button = dialog.querySelector("button").getBoundingClientRect();
const at = dialog.getBoundingClientRect();
return at.left >= 0 && at.right <= innerWidth && at.bottom <= innerHeight
  && dialog.scrollWidth <= dialog.clientWidth && seen.width > 0.7 * at.width
  && button.bottom <= innerHeight;
"""


@pytest.fixture
def known(make_film) -> World:
    """The first picture's boxes are known, those found and a third; and one where nobody is."""
    world: World = make_film(num_frames=4, settings="box_answers = 2\n")
    with writing(world.workspace.engine) as session:
        slots = session.scalars(select(TaskSlot).order_by(TaskSlot.position)).all()
        for slot, boxes in ((slots[0], (*FOUND, THIRD)), (slots[2], ())):
            gold = Gold(key_frame_id=slot.key_frame_id)
            session.add(gold)
            session.flush()
            slot.gold_id = gold.id
            for number, box in enumerate(boxes):
                corners = dict(zip(("x1", "y1", "x2", "y2"), box, strict=True))
                session.execute(insert(GoldBox), {"gold_id": gold.id, "number": number, **corners})
    return world


def test_each_true_box_is_said_to_be_met_missed_or_met_too_little(known) -> None:
    person = log_in(known)
    slot = ask(person)["slot"]
    half = [0.6, 0.3, 0.675, 0.9, None]
    little = [0.8, 0.1, 0.83, 0.5, None]
    graded = say(person, slot, [[*FOUND[0], None], half, little]).json["graded"]
    assert (graded["is_right"], graded["words"]) == (False, "You met 2 of 3 people.")
    lines = [" ".join(part.split()) for part in graded["html"].split("<dd>")[1:]]
    assert [line.split("</dd>")[0] for line in lines] == [
        "✓ your box overlaps by 100 %",
        "✓ your box overlaps by 50 %",
        "✗ your box overlaps by 20 % only; 50 % is right",
    ]


def test_boxes_around_nobody_are_too_many_and_nobody_is_an_answer(known) -> None:
    first, second = log_in(known), log_in(known, 1)
    for person, boxes in ((first, [[*FOUND[0], None], [0.4, 0.0, 0.5, 0.1, None]]), (second, [])):
        assert say(person, ask(person)["slot"], boxes).json["graded"]["is_right"] is False
        assert say(person, ask(person)["slot"], []).json["graded"] is None
    found = [
        say(person, ask(person)["slot"], boxes).json["graded"]
        for person, boxes in ((first, [[*FOUND[0], None]]), (second, []))
    ]
    assert [(one["is_right"], one["words"]) for one in found] == [
        (False, "Nobody is there."),
        (True, "Nobody is there, as you said."),
    ]
    page = first.browser.get("/graded/1").text
    assert "You met 1 of 3 people; 1 of your boxes is around nobody." in page
    assert page.count("○ missed") == 2 and page.count("nobody is there") == 1


def close_by_key(browser: Any) -> None:
    """Press Enter until what is shown is closed: at once it is not, for nobody has seen it."""

    def closed() -> bool:
        if browser.find_element(By.ID, "graded").is_displayed():
            press(browser, Keys.ENTER)
        return not browser.find_element(By.ID, "graded").is_displayed()

    wait(browser, closed)


def shown(browser: Any) -> str:
    """Wait for the truth; return what is said."""
    wait(browser, lambda: browser.find_element(By.ID, "graded").is_displayed())
    return str(browser.find_element(By.ID, "graded").text)


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("is_phone", [False, True], ids=["on a desk", "on a phone"])
def test_the_truth_is_shown_over_the_next_picture_and_a_key_goes_on(
    browser: Any, known: World, is_phone: bool
) -> None:
    with serving(known.workspace) as address:
        if is_phone:
            resize(browser, 360, 640, touch=True)
        begin(browser, address, known)
        press(browser, Keys.ENTER)
        text = shown(browser)
        assert "Not quite" in text and "You met 2 of 3 people." in text and "○ missed" in text
        wait(browser, lambda: browser.execute_script(_FITS))
        assert position(browser) == "2 of 4", "the next picture is there below"
        seen = browser.find_elements(By.CSS_SELECTOR, "#graded rect")
        assert [one.get_attribute("class") for one in seen] == [
            *["true", "drawn"] * 2,
            "true missed",
        ]
        close_by_key(browser)
        wait_for_picture(browser, "2 of 4")
        assert not browser.find_element(By.ID, "back").is_displayed(), "it is changed no more"
        press(browser, Keys.ENTER)
        wait_for_picture(browser, "3 of 4")
        press(browser, Keys.ENTER)
        assert "Nobody is there." in shown(browser)
        close_by_key(browser)
        assert complaints(browser) == []
        resize(browser, 0, 0)


@pytest.mark.long
@pytest.mark.browser
def test_what_was_begun_on_the_next_picture_stays_when_the_truth_comes_late(
    browser: Any, known: World
) -> None:
    with serving(known.workspace) as address:
        begin(browser, address, known)
        browser.execute_script(
            "const before = window.fetch; window.fetch = async (...what) => {"
            "const reply = await before(...what); await new Promise((go) => { window.go = go; });"
            "return reply; };"
        )
        press(browser, Keys.ENTER)
        wait_for_picture(browser, "2 of 4")
        drag(browser, THIRD[:2], THIRD[2:])
        wait(browser, lambda: browser.execute_script("return Boolean(window.go)"))
        browser.execute_script("window.go()")
        assert "You met 2 of 3 people." in shown(browser)
        close_by_key(browser)
        assert browser.find_element(By.ID, "count").text == "3 people"
        assert browser.execute_script(
            "return Number(Graded.secondsSince(0)) < performance.now() / 1000 - 0.3"
        ), "the time of looking at the truth is not the next picture's"


def test_the_answer_counts_as_it_was_before_the_truth_was_seen(known) -> None:
    person = log_in(known)
    slot = ask(person)["slot"]
    say(person, slot, [[*FOUND[0], None]])
    truth = [[*box, None] for box in (*FOUND, THIRD)]
    assert say(person, slot, truth, revision="1").status_code == 409
    with writing(known.workspace.engine) as session:
        assert session.scalars(select(BoxAnswer.revision)).all() == [0]
        assert session.scalars(select(Task.kind)).all() == ["boxes"]
