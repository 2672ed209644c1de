"""Marking in a real browser: with keys alone, with the mouse, by touch; no flaw in its pages."""

from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select

from annotation_ui.server import serving
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import MarkedStretch, TimelineAnswer
from tests.annotation_ui.axe import watching
from tests.annotation_ui.conftest import World
from tests.annotation_ui.driving import (
    complaints,
    find_on,
    log_in_again,
    position,
    press,
    resize,
    text_of,
    wait,
)

pytestmark = pytest.mark.browser

# A video that has been there for longer than a blink: then the page takes answers.
_TAKES_ANSWERS = """
const main = document.querySelector("main.segments[data-ready]");
const film = document.getElementById("film");
if (!main || film.readyState < 2) return false;
const since = window.seen === main.dataset.slot ? window.seenAt : performance.now();
[window.seen, window.seenAt] = [main.dataset.slot, since];
return performance.now() - since > 300;
"""
_STANDS_AT = "const f = document.getElementById('film'); return f.seeking ? -1 : f.currentTime;"
_LINE = """
const at = document.getElementById("line").getBoundingClientRect();
return [at.left, at.top, at.width, at.height];
"""

_STRIP_IS_THERE = """
const all = [...document.querySelectorAll("#strip img")];
return all.length > 0 && all.every((one) => one.complete && one.naturalWidth > 0);
"""
_STANDS_ON_LINE = """
const line = document.getElementById("line").getBoundingClientRect();
const now = document.getElementById("position-now").getBoundingClientRect();
return now.left >= line.left && now.right <= line.right;
"""


def begin(browser: Any, address: str, world: World, number: int = 0) -> None:
    """Log in, read the instructions, and wait for the first video."""
    browser.delete_all_cookies()
    log_in_again(browser, address, world, number)
    find_on(browser, "/instructions/1", By.LINK_TEXT, "Next").click()
    find_on(browser, "/instructions/2", By.CSS_SELECTOR, "form.actions button.primary").click()
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))


def wait_for_video(browser: Any, text: str) -> None:
    wait(browser, lambda: position(browser) == text and browser.execute_script(_TAKES_ANSWERS))


def stand_at(browser: Any, seconds: float) -> None:
    wait(browser, lambda: abs(browser.execute_script(_STANDS_AT) - seconds) < 0.02)


def go_to(browser: Any, seconds: int) -> None:
    """Go there by keys, a second at a time, from where the video stands on a whole second."""
    now = round(browser.execute_script(_STANDS_AT))
    key = Keys.ARROW_RIGHT if seconds > now else Keys.ARROW_LEFT
    for number in range(1, abs(seconds - now) + 1):
        ActionChains(browser).key_down(Keys.SHIFT).send_keys(key).key_up(Keys.SHIFT).perform()
        stand_at(browser, now + number * (1 if seconds > now else -1))


def stored(world: World) -> list[tuple[bool, list[tuple[float, float]]]]:
    with reading(world.workspace.engine) as session:
        answers = session.execute(
            select(TimelineAnswer.id, TimelineAnswer.is_unsure).order_by(TimelineAnswer.id)
        ).all()
        columns = MarkedStretch.start_seconds, MarkedStretch.end_seconds
        return [
            (
                is_unsure,
                [
                    (start, end)
                    for start, end in session.execute(
                        select(*columns)
                        .where(MarkedStretch.answer_id == number)
                        .order_by(MarkedStretch.number)
                    )
                ],
            )
            for number, is_unsure in answers
        ]


def end_of_mark(browser: Any) -> float:
    end = browser.find_element(By.CSS_SELECTOR, ".mark .end[data-side='1']")
    return float(end.get_attribute("aria-valuenow"))


def test_all_is_done_by_keys_alone(browser, make_videos) -> None:
    world = make_videos(1)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        go_to(browser, 1)
        press(browser, "i")
        go_to(browser, 3)
        press(browser, "o")
        go_to(browser, 4)
        press(browser, "[")
        press(browser, Keys.ARROW_RIGHT)
        stand_at(browser, 4.1)
        press(browser, "]")
        assert text_of(browser, "count") == "2 times"
        press(browser, "z")
        press(browser, "z")
        assert text_of(browser, "count") == "1 time"
        browser.execute_script("document.querySelector('.mark .end[data-side=\"1\"]').focus()")
        stand_at(browser, 3)
        press(browser, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        stand_at(browser, 3.2)
        browser.execute_script("document.activeElement.blur()")
        press(browser, Keys.ENTER)
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert complaints(browser) == []
    assert stored(world) == [(False, [(1.0, 3.2)])]


@pytest.mark.long
def test_unsure_never_and_a_look_back_go_by_keys(browser, make_videos) -> None:
    world = make_videos(3)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        press(browser, "i")
        go_to(browser, 1)
        press(browser, "o", Keys.ENTER)
        wait_for_video(browser, "2 of 3")
        press(browser, "u")
        wait_for_video(browser, "3 of 3")
        press(browser, Keys.BACKSPACE, Keys.BACKSPACE)
        wait(browser, lambda: text_of(browser, "said") == "1 time")
        assert len(browser.find_elements(By.CSS_SELECTOR, ".mark")) == 1
        wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))
        press(browser, Keys.ESCAPE)
        wait_for_video(browser, "3 of 3")
        press(browser, Keys.ENTER)
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert complaints(browser) == []
    assert stored(world) == [(False, [(0.0, 1.0)]), (True, []), (False, [])]


@pytest.mark.long
def test_the_mouse_marks_and_drags_the_ends(browser, make_videos) -> None:
    world = make_videos(1)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        left, top, width, height = browser.execute_script(_LINE)

        def at(seconds: float) -> tuple[int, int]:
            return round(left + width * seconds / 6), round(top + height / 2)

        def pointer() -> tuple[ActionChains, Any]:
            chain = ActionChains(browser, duration=50)
            return chain, chain.w3c_actions.pointer_action

        for seconds, button in ((1.5, "begin"), (3.0, "end")):
            chain, mouse = pointer()
            mouse.move_to_location(*at(seconds)).pointer_down().pointer_up()
            chain.perform()
            wait(browser, lambda: browser.execute_script(_STANDS_AT) > 1)
            browser.find_element(By.ID, button).click()
        chain, mouse = pointer()
        mouse.move_to_location(*at(3.0)).pointer_down()
        mouse.move_to_location(*at(3.7)).move_to_location(*at(4.5)).pointer_up()
        chain.perform()
        end = browser.find_element(By.CSS_SELECTOR, ".mark .end[data-side='1']")
        assert abs(float(end.get_attribute("aria-valuenow")) - 4.5) < 0.05
        browser.find_element(By.ID, "done").click()
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    ((_, ((start, end_seconds),)),) = stored(world)
    assert abs(start - 1.5) < 0.05 and abs(end_seconds - 4.5) < 0.05


@pytest.mark.long
def test_the_page_has_no_flaw_and_all_is_seen_on_a_phone(browser, make_videos) -> None:
    world = make_videos(2)
    with serving(world.workspace) as address, watching(browser) as (look, found):
        begin(browser, address, world)
        look("question")
        go_to(browser, 1)
        press(browser, "i")
        go_to(browser, 2)
        press(browser, "o")
        look("marked")
        _, _, width, _ = browser.execute_script(_LINE)
        assert width > 0.9 * browser.execute_script("return innerWidth")
        browser.find_element(By.ID, "show-keys").click()
        wait(browser, browser.find_element(By.ID, "keys").is_displayed)
        look("keys")
        press(browser, Keys.ESCAPE)
        try:
            resize(browser, 375, 667, touch=True)
            for name in ("film", "line", "begin", "end", "unsure", "done"):
                box = browser.execute_script(
                    f"const b = document.getElementById('{name}').getBoundingClientRect();"
                    "return [b.left, b.top, b.right, b.bottom, b.width, b.height]"
                )
                assert box[0] >= 0 and box[1] >= 0 and box[2] <= 375 and box[3] <= 667, name
                assert min(box[4:]) >= 24, name
                is_wide = name in ("film", "line", "done")
                assert not is_wide or (box[4] > 300 and (name == "film" or box[5] < 100)), name
        finally:
            resize(browser, 0, 0)
    assert found == {}


@pytest.mark.long
def test_the_line_shows_stills_and_is_looked_at_closer(browser, make_videos) -> None:
    world = make_videos(1)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        wait(browser, lambda: browser.execute_script(_STRIP_IS_THERE))
        assert not browser.find_element(By.ID, "wider").is_enabled()
        press(browser, "=")
        assert browser.find_element(By.ID, "wider").is_enabled()
        left, _, width, _ = browser.execute_script(_LINE)
        go_to(browser, 2)
        now = browser.execute_script(
            "const b = document.getElementById('position-now').getBoundingClientRect();"
            "return b.left + b.width / 2"
        )
        assert abs((now - left) / width - 2 / 3) < 0.02, "the line is of three seconds now"
        go_to(browser, 5)
        assert browser.execute_script(_STANDS_ON_LINE), "the line has followed the video"
        press(browser, "-")
        assert not browser.find_element(By.ID, "wider").is_enabled()
    assert complaints(browser) == []


def test_a_finger_drags_the_end_of_a_mark(browser, make_videos) -> None:
    world = make_videos(1)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        try:
            resize(browser, 375, 667, touch=True)
            press(browser, "i")
            go_to(browser, 2)
            press(browser, "o")
            left, top, width, height = browser.execute_script(_LINE)

            def touch(kind: str, *seconds: float) -> None:
                points = [{"x": left + width * one / 6, "y": top + height / 2} for one in seconds]
                browser.execute_cdp_cmd(
                    "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
                )

            touch("touchStart", 2.0)
            for seconds in (2.5, 3.2, 4.0):
                touch("touchMove", seconds)
            touch("touchEnd")
            wait(browser, lambda: abs(end_of_mark(browser) - 4.0) < 0.1)
            browser.find_element(By.ID, "undo").click()
            assert abs(end_of_mark(browser) - 2.0) < 0.1, "one step of undo"
        finally:
            resize(browser, 0, 0)
    assert complaints(browser) == []
