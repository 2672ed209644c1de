"""A tree of questions in a real browser: keys, the trail, back, a phone; and axe-core."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from annotation_ui.server import serving
from kinetics_builder.database.tables import TreeAnswer
from tests.annotation_ui.axe import watching
from tests.annotation_ui.driving import (
    complaints,
    find_on,
    log_in_again,
    press,
    resize,
    text_of,
    wait,
    wait_until_saved,
)
from tests.annotation_ui.questionnaire.conftest import NONE, SPLIT, SWITCH

pytestmark = pytest.mark.browser

_TAKES_ANSWERS = """
const video = document.querySelector("video.is-current");
const asked = document.querySelector("main").dataset.question + video.src;
if (video.readyState < 2) return false;
const since = window.seen === asked ? window.seenAt : performance.now();
[window.seen, window.seenAt] = [asked, since];
return performance.now() - since > 350;
"""


def start(browser: Any, address: str, gym: Any) -> None:
    browser.delete_all_cookies()
    log_in_again(browser, address, gym, 0)
    wait(browser, lambda: browser.find_elements(By.ID, "log-out"))
    browser.get(f"{address}/task?kind=questionnaire")
    find_on(browser, "/instructions/1", By.CSS_SELECTOR, "form.actions button.primary").click()
    find_on(browser, "/task", By.CSS_SELECTOR, "main.task[data-ready]")


def question(browser: Any) -> str:
    return str(browser.find_element(By.CSS_SELECTOR, "h1.question").text)


def say(browser: Any, asked: str, key: str) -> None:
    """Answer a question once it is asked and takes answers."""
    wait(browser, lambda: question(browser) == asked)
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))
    press(browser, key)


def trail(browser: Any) -> list[str]:
    return [one.text for one in browser.find_elements(By.CSS_SELECTOR, "#trail li button")]


LEAP, TURN, HALF, LEGS = (
    "Both feet off the floor?",
    "Does she turn?",
    "Half a turn?",
    "Legs split?",
)


def wait_for(browser: Any, asked: str) -> None:
    """Wait for a question, and until it takes answers."""
    wait(browser, lambda: question(browser) == asked)
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))


def test_a_path_is_walked_by_keys_with_its_trail_and_back(browser, make_gym) -> None:
    gym = make_gym(2)
    gym.assign()
    with serving(gym.workspace) as address:
        start(browser, address, gym)
        say(browser, LEAP, "y")
        wait_for(browser, TURN)
        assert text_of(browser, "examples") == "For example: a half turn"
        press(browser, "1")
        say(browser, HALF, Keys.BACKSPACE)
        say(browser, TURN, "n")
        wait_for(browser, LEGS)
        assert trail(browser) == [f"{LEAP} Yes", f"{TURN} No"]
        assert browser.switch_to.active_element.tag_name == "h1"
        browser.find_elements(By.CSS_SELECTOR, "#trail li button")[1].click()
        say(browser, TURN, "2")
        say(browser, LEGS, "y")
        wait(browser, lambda: "split leap" in text_of(browser, "reached"))
        wait_until_saved(browser)
        assert complaints(browser) == []
    assert gym.rows(TreeAnswer.path) == [(SPLIT,)]


@pytest.mark.long
def test_the_clip_before_is_changed(browser, make_gym) -> None:
    gym = make_gym(2)
    gym.assign()
    with serving(gym.workspace) as address:
        start(browser, address, gym)
        say(browser, LEAP, "n")
        wait(browser, lambda: "none of these" in text_of(browser, "reached"))
        say(browser, LEAP, Keys.ARROW_LEFT)
        wait(browser, lambda: browser.find_element(By.ID, "review").is_displayed())
        assert text_of(browser, "said") == "none of these"
        say(browser, LEAP, "y")
        say(browser, TURN, "y")
        say(browser, HALF, "y")
        wait(browser, lambda: len(gym.rows(TreeAnswer.id)) == 2)
        assert complaints(browser) == []
    answers = gym.rows(TreeAnswer.id, TreeAnswer.path, TreeAnswer.revision)
    assert [one[1:] for one in answers] == [(NONE, 0), (SWITCH, 1)]


@pytest.mark.long
def test_on_a_phone_all_answers_are_in_sight(browser, make_gym) -> None:
    gym = make_gym(2)
    gym.assign()
    with serving(gym.workspace) as address:
        start(browser, address, gym)
        resize(browser, 360, 640, touch=True)
        say(browser, LEAP, "y")
        wait_for(browser, TURN)
        for button in browser.find_elements(By.CSS_SELECTOR, "#answers button"):
            box = button.rect
            assert box["x"] >= 0 and box["x"] + box["width"] <= 360
            assert box["y"] + box["height"] <= 640 and box["height"] >= 40
        browser.find_element(By.CSS_SELECTOR, "#answers [value=unsure]").click()
        wait(browser, lambda: len(gym.rows(TreeAnswer.id)) == 1)
        resize(browser, 0, 0)
    assert gym.rows(TreeAnswer.path) == [([["leap", "yes"], ["turn", "unsure"]],)]


@pytest.mark.long
def test_the_page_of_a_tree_has_no_flaw(browser, make_gym) -> None:
    gym = make_gym(2)
    gym.assign()
    with serving(gym.workspace) as address, watching(browser) as (look, found):
        start(browser, address, gym)
        look("question")
        say(browser, LEAP, "y")
        say(browser, TURN, "y")
        wait(browser, lambda: question(browser) == HALF)
        look("trail")
        press(browser, "?")
        wait(browser, browser.find_element(By.ID, "keys").is_displayed)
        look("keys", "light", "200 %")
        slot = browser.find_element(By.CSS_SELECTOR, "main").get_attribute("data-slot")
        press(browser, Keys.ESCAPE)
        say(browser, HALF, "y")
        wait_until_saved(browser)
        browser.get(f"{address}/earlier/{slot}")
        look("an earlier answer", "light", "dark")
    assert found == {}
