"""A stream in a real browser: keys and swipes alone, undo, the next clips ready."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from annotation_ui.server import serving
from kinetics_builder.database.tables import Answer
from kinetics_builder.ways import Way
from tests.annotation_ui.driving import (
    log_in,
    press,
    resize,
    say_everything,
    stored,
    text_of,
    wait,
    wait_for_clip,
    wait_for_position,
    wait_until_saved,
)

pytestmark = pytest.mark.browser

YES, NO, UNSURE, BAD = Answer
Point = tuple[float, float]
_AHEAD = """
const ahead = [...document.querySelectorAll("video:not(.is-current)")];
return ahead.length >= 3 && ahead.every((video) => video.readyState >= 2);
"""


def touch(browser: Any, *points: Sequence[Point]) -> None:
    """Move fingers from point to point, each given by its share of the stage, and let go."""
    rect = browser.find_element(By.CSS_SELECTOR, ".stage").rect

    def at(fingers: Sequence[Point]) -> list[dict[str, float]]:
        return [
            {
                "x": rect["x"] + x * rect["width"],
                "y": rect["y"] + y * rect["height"],
                "id": number,
            }
            for number, (x, y) in enumerate(fingers)
        ]

    def send(kind: str, fingers: Sequence[Point]) -> None:
        event = {"type": kind, "touchPoints": at(fingers)}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)

    send("touchStart", points[0])
    for fingers in points[1:]:
        send("touchMove", fingers)
    send("touchEnd", ())


def swipe(browser: Any, start: Point, end: Point) -> None:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    touch(browser, [start], [middle], [end])


@pytest.fixture
def phone(browser: Any) -> Any:
    resize(browser, 412, 915, touch=True)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_each_arrow_is_an_answer_and_the_next_clips_are_ready(browser, make_grid) -> None:
    world = make_grid([6], Way.STREAM)
    keys = (Keys.ARROW_RIGHT, Keys.ARROW_UP, Keys.ARROW_LEFT, Keys.ARROW_DOWN, "5")
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        wait(browser, lambda: browser.execute_script(_AHEAD))
        say_everything(browser, world, keys)


@pytest.mark.long
@pytest.mark.parametrize("key", [Keys.BACKSPACE, "z"])
def test_a_key_undoes_the_last_answer(browser, make_grid, key) -> None:
    world = make_grid([3], Way.STREAM)
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        first = int(browser.execute_script("return document.querySelector('main').dataset.slot"))
        press(browser, Keys.ARROW_RIGHT)
        wait_for_position(browser, "2 of 3")
        press(browser, key)
        wait_for_clip(browser, first)
        assert text_of(browser, "said") == "Yes, all the time"
        press(browser, Keys.ARROW_LEFT)
        wait_for_position(browser, "2 of 3")
        wait_until_saved(browser)
    assert [answer for answer, *_ in stored(world)] == [YES, NO]


def test_swipes_alone_answer_everything(phone, make_grid) -> None:
    world = make_grid([6], Way.STREAM)
    browser = phone
    gestures: Sequence[Callable[[], None]] = (
        lambda: swipe(browser, (0.3, 0.5), (0.8, 0.5)),
        lambda: swipe(browser, (0.5, 0.7), (0.5, 0.3)),
        lambda: swipe(browser, (0.8, 0.5), (0.2, 0.5)),
        lambda: swipe(browser, (0.5, 0.3), (0.5, 0.7)),
    )
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        for number, gesture in enumerate(gestures, start=1):
            wait_for_position(browser, f"{number} of 6")
            gesture()
        wait_for_position(browser, "5 of 6")
        touch(browser, [(0.5, 0.5)])
        swipe(browser, (0.5, 0.5), (0.55, 0.5))
        assert browser.find_element(By.ID, "position").text == "5 of 6", "too short to mean it"
        touch(browser, [(0.3, 0.5), (0.7, 0.5)])
        wait(browser, lambda: text_of(browser, "said") == "Unsure")
        wait_for_position(browser, "5 of 6")
        swipe(browser, (0.8, 0.5), (0.2, 0.5))
        wait(browser, lambda: not browser.find_element(By.ID, "review").is_displayed())
        wait_until_saved(browser)
    assert [answer for answer, *_ in stored(world)] == [YES, YES, NO, UNSURE, NO]


@pytest.mark.long
def test_a_finger_that_stays_calls_the_clip_bad(phone, make_grid) -> None:
    world = make_grid([2], Way.STREAM)
    browser = phone
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        rect = browser.find_element(By.CSS_SELECTOR, ".stage").rect
        point = {"x": rect["x"] + rect["width"] / 2, "y": rect["y"] + rect["height"] / 2}
        event = {"type": "touchStart", "touchPoints": [point]}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)
        wait_for_position(browser, "2 of 2")
        event = {"type": "touchEnd", "touchPoints": []}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)
        wait_until_saved(browser)
        assert text_of(browser, "position") == "2 of 2", "letting go answers nothing more"
    assert [answer for answer, *_ in stored(world)] == [BAD]


@pytest.mark.few("360-640")
@pytest.mark.parametrize(
    ("width", "height"), [(1366, 768), (683, 384), (360, 640), (640, 360), (768, 1024)]
)
def test_nothing_lies_over_the_clip_and_nothing_beside_the_page(
    phone, make_grid, width, height
) -> None:
    world = make_grid([3], Way.STREAM)
    browser = phone
    resize(browser, width, height)
    with serving(world.workspace) as address:
        log_in(browser, address, world)
        press(browser, Keys.ARROW_LEFT)
        wait_for_position(browser, "2 of 3")
        stage = browser.find_element(By.CSS_SELECTOR, ".stage").rect
        assert stage["width"] == width
        assert stage["height"] >= 0.4 * height
        for what in (".ask", ".replies", "header"):
            rect = browser.find_element(By.CSS_SELECTOR, what).rect
            is_above = rect["y"] + rect["height"] <= stage["y"] + 1
            is_below = rect["y"] >= stage["y"] + stage["height"] - 1
            assert is_above or is_below, (what, rect, stage)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        assert browser.execute_script("return document.documentElement.scrollHeight") <= height
        selector = "a, button, summary, video, progress"
        shown = [e for e in browser.find_elements(By.CSS_SELECTOR, selector) if e.is_displayed()]
        assert [e.get_attribute("outerHTML") for e in shown if not e.accessible_name] == []
