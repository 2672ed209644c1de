"""Drawing boxes in a real browser: with the mouse, with keys alone, with a finger on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select

from annotation_ui.server import serving
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import BoxAnswer, DrawnBox
from tests.annotation_ui.boxes.conftest import FOUND
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
    wait_until_saved,
)

pytestmark = pytest.mark.browser

MakeFilm = Callable[..., World]

# A picture that has been there for longer than a blink: then the page takes answers.
_TAKES_ANSWERS = """
const main = document.querySelector("main.boxes[data-ready]");
const still = document.getElementById("still");
if (!main || !still.complete || !still.naturalWidth) return false;
const since = window.seen === main.dataset.slot ? window.seenAt : performance.now();
[window.seen, window.seenAt] = [main.dataset.slot, since];
return performance.now() - since > 300;
"""
_BOXES = """
const frame = document.getElementById("frame").getBoundingClientRect();
return [...document.querySelectorAll(".box")].map((box) => {
  const at = box.getBoundingClientRect();
  return [(at.left - frame.left) / frame.width, (at.top - frame.top) / frame.height,
          (at.right - frame.left) / frame.width, (at.bottom - frame.top) / frame.height];
});
"""
_FRAME = """
const at = document.getElementById("frame").getBoundingClientRect();
return [at.left, at.top, at.width, at.height];
"""


def begin(browser: Any, address: str, world: World, number: int = 0) -> None:
    """Log in, read the instructions about boxes, and wait for the first picture."""
    browser.delete_all_cookies()
    log_in_again(browser, address, world, number)
    find_on(browser, "/instructions/1", By.LINK_TEXT, "Next").click()
    find_on(browser, "/instructions/2", By.CSS_SELECTOR, "form.actions button.primary").click()
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))


def wait_for_picture(browser: Any, text: str) -> None:
    wait(browser, lambda: position(browser) == text and browser.execute_script(_TAKES_ANSWERS))


def seen(browser: Any) -> list[list[float]]:
    """Return the boxes as they lie on the picture, in shares of it, rounded to hundredths."""
    return [[round(value, 2) for value in box] for box in browser.execute_script(_BOXES)]


def drag(browser: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag the mouse over the picture, in shares of it."""
    left, top, width, height = browser.execute_script(_FRAME)
    at = [(round(left + x * width), round(top + y * height)) for x, y in (start, end)]
    chain = ActionChains(browser, duration=50)
    pointer = chain.w3c_actions.pointer_action
    pointer.move_to_location(*at[0]).pointer_down()
    pointer.move_to_location((at[0][0] + at[1][0]) // 2, (at[0][1] + at[1][1]) // 2)
    pointer.move_to_location(*at[1]).pointer_up()
    chain.perform()


def slide(browser: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw a finger over the picture, in shares of it."""
    left, top, width, height = browser.execute_script(_FRAME)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": left + x * width, "y": top + y * height} for x, y in points]
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    between = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    touch("touchStart", start)
    touch("touchMove", between)
    touch("touchMove", end)
    touch("touchEnd")


def stored(world: World) -> list[list[list[float]]]:
    """Return the boxes of all answers in the order they came, each rounded to hundredths."""
    columns = (DrawnBox.answer_id, DrawnBox.x1, DrawnBox.y1, DrawnBox.x2, DrawnBox.y2)
    with reading(world.workspace.engine) as session:
        ids = session.scalars(select(BoxAnswer.id).order_by(BoxAnswer.id)).all()
        rows = session.execute(select(*columns).order_by(DrawnBox.answer_id, DrawnBox.number)).all()
    return [[[round(v, 2) for v in row[1:]] for row in rows if row[0] == one] for one in ids]


def near(boxes: list[list[float]], expected: list[list[float]]) -> bool:
    """Tell whether boxes are where they should be, to a pixel or two."""
    pairs = zip(boxes, expected, strict=False)
    return len(boxes) == len(expected) and all(
        abs(one - other) <= 0.015
        for first, second in pairs
        for one, other in zip(first, second, strict=True)
    )


def test_boxes_are_drawn_moved_resized_and_dropped_with_the_mouse(
    browser: Any, make_film: MakeFilm
) -> None:
    world = make_film(num_frames=2)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        assert near(seen(browser), [list(box) for box in FOUND]), "the machine's boxes are there"
        assert text_of(browser, "count") == "2 people"
        drag(browser, (0.8, 0.1), (0.95, 0.5))
        assert near(seen(browser)[2:], [[0.8, 0.1, 0.95, 0.5]])
        drag(browser, (0.88, 0.3), (0.78, 0.4))
        assert near(seen(browser)[2:], [[0.7, 0.2, 0.85, 0.6]]), "moved"
        drag(browser, (0.85, 0.6), (0.9, 0.7))
        assert near(seen(browser)[2:], [[0.7, 0.2, 0.9, 0.7]]), "resized by a corner"
        drag(browser, (0.2, 0.5), (0.2, 0.5))
        browser.find_element(By.ID, "drop").click()
        assert near(seen(browser), [list(FOUND[1]), [0.7, 0.2, 0.9, 0.7]])
        browser.find_element(By.ID, "done").click()
        wait_for_picture(browser, "2 of 2")
        wait_until_saved(browser)
        assert near(stored(world)[0], [list(FOUND[1]), [0.7, 0.2, 0.9, 0.7]])
        assert not complaints(browser)


def press_with(browser: Any, held: str, key: str) -> None:
    ActionChains(browser).key_down(held).send_keys(key).key_up(held).perform()


def test_keys_alone_move_resize_drop_and_add(browser: Any, make_film: MakeFilm) -> None:
    world = make_film(num_frames=2)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        press(browser, Keys.TAB, *[Keys.ARROW_RIGHT] * 2)
        press_with(browser, Keys.SHIFT, Keys.ARROW_DOWN)
        press_with(browser, Keys.ALT, Keys.ARROW_RIGHT)
        assert near(seen(browser)[:1], [[0.11, 0.225, 0.315, 0.825]])
        press_with(browser, Keys.SHIFT, Keys.TAB)
        press(browser, Keys.TAB, Keys.TAB, Keys.DELETE)
        assert len(seen(browser)) == 1
        press(browser, "z")
        assert len(seen(browser)) == 2, "undone"
        press(browser, "n")
        assert near(seen(browser)[2:], [[0.4, 0.3, 0.6, 0.7]])
        press(browser, Keys.ENTER)
        wait_for_picture(browser, "2 of 2")
        wait_until_saved(browser)
        moved = [[0.11, 0.225, 0.315, 0.825], list(FOUND[1]), [0.4, 0.3, 0.6, 0.7]]
        assert near(stored(world)[0], moved)
        assert not complaints(browser)


@pytest.mark.long
def test_nobody_is_an_answer_and_keys_go_back_to_it(browser: Any, make_film: MakeFilm) -> None:
    world = make_film(num_frames=2)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        press(browser, Keys.TAB, Keys.DELETE, Keys.DELETE)
        assert text_of(browser, "count") == "Nobody"
        press(browser, Keys.ENTER)
        wait_for_picture(browser, "2 of 2")
        press(browser, Keys.BACKSPACE)
        wait(browser, lambda: text_of(browser, "said") == "nobody")
        wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))
        press(browser, "n", Keys.ENTER)
        wait_for_picture(browser, "2 of 2")
        wait_until_saved(browser)
        assert [len(boxes) for boxes in stored(world)] == [0, 1], "the later answer counts"


def test_a_finger_draws_on_a_phone_and_all_is_in_sight(browser: Any, make_film: MakeFilm) -> None:
    world = make_film(num_frames=2)
    with serving(world.workspace) as address:
        try:
            begin(browser, address, world)
            resize(browser, 360, 640, touch=True)
            wait(browser, lambda: browser.execute_script(_FRAME)[2] <= 360)
            overflow = "return document.documentElement.scrollWidth > 360"
            assert not browser.execute_script(overflow)
            for name in ("done", "add", "drop", "undo", "pause", "loop"):
                found = browser.find_element(By.ID, name).rect
                assert found["x"] >= 0 and found["x"] + found["width"] <= 360, name
                assert found["y"] + found["height"] <= 640, name
            slide(browser, (0.8, 0.1), (0.95, 0.5))
            wait(browser, lambda: near(seen(browser)[2:], [[0.8, 0.1, 0.95, 0.5]]))
            slide(browser, (0.88, 0.3), (0.78, 0.4))
            wait(browser, lambda: near(seen(browser)[2:], [[0.7, 0.2, 0.85, 0.6]]))
            browser.find_element(By.ID, "done").click()
            wait_for_picture(browser, "2 of 2")
            wait_until_saved(browser)
            assert len(stored(world)[0]) == 3
        finally:
            resize(browser, 0, 0)


@pytest.mark.long
def test_answers_outlive_a_lost_network_and_a_reload(browser: Any, make_film: MakeFilm) -> None:
    world = make_film(num_frames=3)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        browser.set_network_conditions(offline=True, latency=0, throughput=1)
        try:
            press(browser, "n", Keys.ENTER)
            wait(browser, lambda: "not saved yet" in text_of(browser, "saved"))
            assert stored(world) == []
        finally:
            browser.delete_network_conditions()
        browser.get(f"{address}/task?kind=boxes")
        wait_for_picture(browser, "2 of 3")
        wait_until_saved(browser)
        assert [len(boxes) for boxes in stored(world)] == [3]


_PLAYED = """
const video = document.getElementById("loop");
window.wraps = window.wraps || [];
if (video.currentTime < (window.before || 0)) window.wraps.push(window.before);
window.before = video.currentTime;
return video.readyState > 1 && window.wraps.length;
"""


@pytest.mark.long
def test_the_loop_plays_again_and_again_by_itself(browser: Any, make_film: MakeFilm) -> None:
    world = make_film(num_frames=1)
    with serving(world.workspace) as address:
        begin(browser, address, world)
        browser.execute_script("document.getElementById('loop').playbackRate = 8")
        wait(browser, lambda: browser.execute_script(_PLAYED))
        assert not browser.find_element(By.ID, "loop-note").is_displayed()


@pytest.mark.long
def test_a_loop_that_does_not_play_is_told_of_and_hinders_nothing(
    browser: Any, make_film: MakeFilm
) -> None:
    world = make_film(num_frames=2)
    (world.workspace.root / "stills" / "film.mp4").unlink()
    with serving(world.workspace) as address:
        begin(browser, address, world)
        wait(browser, lambda: "does not play" in text_of(browser, "loop-note"))
        press(browser, Keys.ENTER)
        wait_for_picture(browser, "2 of 2")
        wait_until_saved(browser)
