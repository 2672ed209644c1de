"""Naming and confirming actions in a real browser: keys, mouse, a phone, changes of mind."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from annotation_ui.server import serving
from kinetics_builder.database.tables import (
    ActionAnswer,
    ActionVote,
    Answer,
    BoxFlag,
    ProposedAction,
)
from tests.annotation_ui.driving import (
    complaints,
    find_on,
    log_in_again,
    position,
    press,
    resize,
    text_of,
    wait,
    wait_until_saved,
)
from tests.annotation_ui.people.test_actions import NAMES, SIT, STAND, TALK, WALK
from tests.annotation_ui.people.test_verification import come, next_of, proposed, vote

on_a_phone = pytest.mark.parametrize(
    "size",
    [
        pytest.param((390, 780), id="upright"),
        pytest.param((780, 390), marks=pytest.mark.long, id="on its side"),
    ],
)
pytestmark = pytest.mark.browser
__all__ = ["proposed"]

_TAKES_ANSWERS = """
const still = document.querySelector(".still.is-current:not(.first)");
const slot = document.querySelector("main").dataset.slot;
if (!still) return false;
const since = window.seen === slot ? window.seenAt : performance.now();
[window.seen, window.seenAt] = [slot, since];
return performance.now() - since > 800 && still.querySelector("image").getBBox().width > 0;
"""


def start(browser: Any, address: str, world: Any, number: int, kind: str) -> None:
    browser.delete_all_cookies()
    log_in_again(browser, address, world, number)
    wait(browser, lambda: browser.find_elements(By.ID, "log-out"))
    browser.get(f"{address}/task?kind={kind}")
    find_on(browser, "/instructions/1", By.CSS_SELECTOR, "form.actions button.primary").click()
    find_on(browser, "/task", By.CSS_SELECTOR, "main.task[data-ready]")
    wait_for(browser, 1)


def wait_for(browser: Any, number: int) -> None:
    """Wait for a question, and until it takes answers."""
    shown = f"{number} of "
    wait(browser, lambda: position(browser).startswith(shown))
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))


def pick(browser: Any, text: str) -> None:
    """Type and take what is marked."""
    press(browser, text)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".options:not([hidden]) li"))
    press(browser, Keys.ENTER)


def click(browser: Any, selector: str) -> None:
    browser.find_element(By.CSS_SELECTOR, selector).click()


def test_actions_are_named_by_keys_alone(browser, make_meeting) -> None:
    world = make_meeting(2)
    world.assign()
    with serving(world.workspace) as address:
        start(browser, address, world, 0, "actions")
        pick(browser, "stan")
        pick(browser, "talk to")  # typed into the field of objects, goes to that of persons
        assert browser.find_element(By.ID, "person_1").get_attribute("value") == NAMES[TALK]
        press(browser, Keys.ENTER)
        wait_for(browser, 2)
        assert "As at 0:02: stand, talk to" in text_of(browser, "same")
        press(browser, "=")
        wait(browser, lambda: browser.find_element(By.ID, "pose").get_attribute("value") == "stand")
        press(browser, Keys.ENTER)
        wait_for(browser, 3)
        wait_until_saved(browser)
        assert complaints(browser) == []
    named = world.rows(ProposedAction.answer_id, ProposedAction.action_id)
    first, second = sorted({answer for answer, _ in named})
    assert named == [(answer, number) for answer in (first, second) for number in (STAND, TALK)]


@pytest.mark.long
def test_boxes_are_flagged_by_keys_and_what_was_said_is_changed(browser, make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    with serving(world.workspace) as address:
        start(browser, address, world, 0, "actions")
        press(browser, Keys.ENTER)
        assert "Name a pose first" in text_of(browser, "fault")
        press(browser, "?")
        wait(browser, browser.find_element(By.ID, "keys").is_displayed)
        click(browser, "#keys form[method=dialog] button")
        wait(browser, lambda: not browser.find_element(By.ID, "keys").is_displayed())
        click(browser, "#pose")
        press(browser, Keys.ESCAPE, "!")
        wait_for(browser, 2)
        press(browser, Keys.ARROW_LEFT)
        wait(browser, lambda: text_of(browser, "said") == "Wrong box")
        wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))
        pick(browser, "wal")
        press(browser, Keys.ENTER)
        wait_for(browser, 2)
        press(browser, "-")
        wait(browser, lambda: "Look again" in browser.page_source)
    columns = (ActionAnswer.id, ActionAnswer.flag, ActionAnswer.revision)
    assert [row[1:] for row in world.rows(*columns)] == [
        (BoxFlag.WRONG_BOX, 0),
        (None, 1),
        (BoxFlag.BLOCKED, 0),
    ]
    assert world.rows(ProposedAction.action_id) == [(WALK,)]


@pytest.mark.long
def test_actions_are_named_by_mouse_and_shown_with_their_meaning(browser, make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    with serving(world.workspace) as address:
        start(browser, address, world, 0, "actions")
        click(browser, "#pose")
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#pose-options li"))
        option = browser.find_element(By.CSS_SELECTOR, "#pose-options li:nth-child(3)")
        name, meaning = option.text.split("\n", 1)
        assert meaning
        option.click()
        assert browser.find_element(By.ID, "pose").get_attribute("value") == name
        browser.find_element(By.ID, "other").send_keys("waves a flag")
        click(browser, "#named-actions button")
        wait_for(browser, 2)
        click(browser, "#flags button[value=wrong_box]")
        wait(browser, lambda: "Look again" in browser.page_source)
    assert [
        row[1:] for row in world.rows(ActionAnswer.id, ActionAnswer.flag, ActionAnswer.other)
    ] == [
        (None, "waves a flag"),
        (BoxFlag.WRONG_BOX, None),
    ]


def test_actions_are_confirmed_by_keys_and_changed(browser, proposed) -> None:
    with serving(proposed.workspace) as address:
        start(browser, address, proposed, 2, "verification")
        asked = []
        for number, key in enumerate("12312", start=1):
            wait_for(browser, number)
            asked.append(text_of(browser, "label"))
            press(browser, key)
        wait_for(browser, 6)
        press(browser, Keys.ARROW_LEFT)
        wait(browser, lambda: text_of(browser, "said") == "No")
        wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))
        press(browser, "1")
        wait_for(browser, 6)
        wait_until_saved(browser)
        assert complaints(browser) == []
    answers = [answer for _, answer in proposed.rows(ActionVote.id, ActionVote.answer)]
    yes, no, unsure = Answer.YES, Answer.NO, Answer.UNSURE
    assert answers == [yes, no, unsure, yes, no, yes]
    assert set(asked) == {NAMES[number] for number in (STAND, SIT, TALK)}


@on_a_phone
def test_both_fit_a_phone_and_take_touches(browser, proposed, size) -> None:
    with serving(proposed.workspace) as address:
        resize(browser, *size, touch=True)
        try:
            start(browser, address, proposed, 2, "verification")
            assert faults(browser) == []
            click(browser, "#answers button[value=no]")
            wait_for(browser, 2)
            proposed_again = come(proposed, 3)
            assert vote(proposed_again, next_of(proposed_again)["slot"], "no").status_code == 200
        finally:
            resize(browser, 0, 0)
    assert proposed.rows(ActionVote.answer)[0] == (Answer.NO,)


@pytest.mark.long
@on_a_phone
def test_actions_are_named_on_a_phone(browser, make_meeting, size) -> None:
    world = make_meeting(1)
    world.assign()
    with serving(world.workspace) as address:
        resize(browser, *size, touch=True)
        try:
            start(browser, address, world, 0, "actions")
            assert faults(browser) == []
            browser.find_element(By.ID, "pose").send_keys("sit")
            wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#pose-options li"))
            click(browser, "#pose-options li")
            button = browser.find_element(By.CSS_SELECTOR, "#named-actions button")
            browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
            button.click()
            wait_for(browser, 2)
            wait_until_saved(browser)
        finally:
            resize(browser, 0, 0)
    assert world.rows(ProposedAction.action_id) == [(SIT,)]


@pytest.mark.long
@pytest.mark.parametrize(
    "size",
    [(1280, 640), (1100, 700), (1366, 768), (1920, 1080)],
    ids=str,
)
def test_all_fields_and_answers_are_in_sight_on_a_desk(browser, make_meeting, size) -> None:
    """Also when the offer of the answer before is there, and when something is missing."""
    world = make_meeting(2)
    world.assign()
    with serving(world.workspace) as address:
        resize(browser, *size)
        try:
            start(browser, address, world, 0, "actions")
            assert (faults(browser), unseen(browser)) == ([], [])
            press(browser, Keys.ENTER)
            wait(browser, browser.find_element(By.ID, "fault").is_displayed)
            assert (faults(browser), unseen(browser)) == ([], [])
            for text in ("stan", "carry/hold", "talk to", "listen to"):
                pick(browser, text)
            press(browser, Keys.ENTER)
            wait_for(browser, 2)
            wait(browser, browser.find_element(By.ID, "same").is_displayed)
            assert (faults(browser), unseen(browser)) == ([], [])
            press(browser, Keys.ENTER)
            wait(browser, browser.find_element(By.ID, "fault").is_displayed)
            assert (faults(browser), unseen(browser)) == ([], [])
        finally:
            resize(browser, 0, 0)


_UNSEEN = """
const panel = document.querySelector(".replies");
const told = "label:not(.visually-hidden), .notice";
const parts = [...panel.querySelectorAll(`input:not([type=hidden]), button, ${told}`)];
const isWhole = (part) => {
  const box = part.getBoundingClientRect();
  const points = [[box.left + 6, box.top + 6], [box.right - 6, box.bottom - 6]];
  return points.every(([x, y]) => part.contains(document.elementFromPoint(x, y)));
};
const hidden = parts.filter((part) => part.checkVisibility() && !isWhole(part));
if (panel.scrollHeight > panel.clientHeight) hidden.push(panel);
return hidden.map((part) => part.id || part.textContent.trim() || part.className);
"""


def unseen(browser: Any) -> list[str]:
    """Return what of the answers lies outside of the screen or behind something."""
    found: list[str] = browser.execute_script(_UNSEEN)
    return found


_FAULTS = """
const root = document.documentElement;
const place = (one) => document.querySelector(one).getBoundingClientRect();
const [stage, replies] = [place(".stage"), place(".replies")];
const faults = [];
if (root.scrollWidth > root.clientWidth) faults.push("wider than the screen");
if (root.scrollHeight > root.clientHeight) faults.push("higher than the screen");
if (stage.height < 100 || stage.width < 100) faults.push("too small to see anything");
if (replies.bottom > root.clientHeight + 1) faults.push("answers below the screen");
const isApart = stage.right <= replies.left + 1 || stage.bottom <= replies.top + 1;
if (!isApart) faults.push("answers over the picture");
return faults;
"""


def faults(browser: Any) -> list[str]:
    """Return what does not fit the screen."""
    found: list[str] = browser.execute_script(_FAULTS)
    return found
