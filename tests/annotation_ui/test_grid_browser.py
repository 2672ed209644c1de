"""Grids in a real browser: keys, mouse and touch, what was seen, what is lost and comes back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select

from annotation_ui.server import serving
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Assignment, ClipFile, PassedSlot
from tests.annotation_ui.driving import (
    come_in,
    complaints,
    find_on,
    press,
    resize,
    stored,
    text_of,
    wait,
    wait_until_saved,
)

pytestmark = pytest.mark.browser

YES, NO, UNSURE, BAD = Answer
_LARGE = (1366, 768)
_TILES = """
return [...document.querySelectorAll(".wall.is-current .tile")].map((tile) => ({
  choice: tile.dataset.choice, isSeen: tile.classList.contains("is-seen"),
  isPaused: tile.querySelector("video").paused, isActive: tile.classList.contains("is-active"),
  name: tile.querySelector("button").getAttribute("aria-label"),
  clip: Number(tile.querySelector("video").src.match(/(\\d+)\\.mp4/)[1]),
}));
"""
_READY = """
const ahead = [...document.querySelectorAll(".wall:not(.is-current) video")];
return ahead.length === arguments[0] && ahead.every((video) => video.readyState >= 2);
"""

_COVERED = """
return [...document.querySelectorAll(".tile.is-covered canvas")].filter((cover) => {
  const middle = [cover.width / 2, cover.height / 2, 1, 1];
  return cover.getContext("2d").getImageData(...middle).data[3] === 255;
}).length;
"""


def tiles(browser: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.execute_script(_TILES)
    return found


def choices(browser: Any) -> list[str]:
    return [tile["choice"] for tile in tiles(browser)]


def wait_until_seen(browser: Any, number: int) -> None:
    wait(browser, lambda: text_of(browser, "position") == f"{number} of {number} seen")


@contextmanager
def offline(browser: Any) -> Iterator[None]:
    """Cut the browser off from the network for a while."""
    speed = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": True, **speed})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": False, **speed})


def tap(browser: Any, element: Any) -> None:
    """Touch an element near its corner."""
    corner = "const box = arguments[0].getBoundingClientRect(); return [box.x + 20, box.y + 20];"
    x, y = browser.execute_script(corner, element)
    for kind, points in (("touchStart", [{"x": x, "y": y}]), ("touchEnd", [])):
        event = {"type": kind, "touchPoints": points}
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)


@pytest.fixture
def sized(browser: Any) -> Iterator[Any]:
    resize(browser, *_LARGE)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": False})


def test_a_grid_is_answered_by_keys_alone(sized, make_grid) -> None:
    world = make_grid([6])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 6)
        press(browser, " ", Keys.ARROW_RIGHT, "u", Keys.ARROW_RIGHT, "b", Keys.ARROW_RIGHT)
        press(browser, "t", "opening bottle", Keys.ENTER, Keys.END, " ", " ")
        wait(browser, lambda: choices(browser) == ["no", "unsure", "bad", "no"] + ["yes-seen"] * 2)
        spoken = [tile["name"] for tile in tiles(browser)]
        assert spoken[0] == "Clip 1 of 6: struck out"
        assert spoken[3] == "Clip 4 of 6: struck out, it is opening bottle"
        wait(
            browser,
            lambda: (
                browser.find_element(By.ID, "live").get_attribute("textContent")
                == "6 of 6 seen, 2 struck out, 1 unsure, 1 bad"
            ),
        )
        press(browser, Keys.ENTER)
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
        assert complaints(browser) == []
    assert stored(world) == [
        (NO, None, None),
        (UNSURE, None, None),
        (BAD, None, None),
        (NO, None, "opening bottle"),
        (YES, None, None),
        (YES, None, None),
    ]


@pytest.mark.long
def test_a_click_strikes_out_and_the_buttons_mark_the_clip_in_the_frame(sized, make_grid) -> None:
    world = make_grid([3])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 3)
        buttons = browser.find_elements(By.CSS_SELECTOR, ".tile button")
        buttons[0].click()
        buttons[1].click()
        buttons[1].click()
        buttons[2].click()
        browser.find_element(By.CSS_SELECTOR, "[data-mark=unsure]").click()
        wait(browser, lambda: choices(browser) == ["no", "yes-seen", "unsure"])
        browser.find_element(By.ID, "send").click()
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert [answer for answer, *_ in stored(world)] == [NO, YES, UNSURE]


def test_a_grid_is_answered_by_touch_and_only_what_is_on_the_screen_plays(sized, make_grid) -> None:
    world = make_grid([12])
    browser = sized
    resize(browser, 360, 640, touch=True)
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait(browser, lambda: tiles(browser)[0]["isSeen"])
        first = tiles(browser)
        assert not first[0]["isPaused"] and first[-1]["isPaused"]
        assert not first[-1]["isSeen"], "it was never on the screen"
        browser.find_element(By.ID, "send").click()
        wait(browser, browser.find_element(By.ID, "unseen").is_displayed)
        assert stored(world) == [], "nothing is sent before all is seen"

        def scroll_to_the_end() -> bool:
            unseen = ".wall.is-current .tile:not(.is-seen)"
            browser.execute_script(f"document.querySelector('{unseen}')?.scrollIntoView()")
            return all(tile["isSeen"] for tile in tiles(browser))

        wait(browser, scroll_to_the_end)
        wait(browser, lambda: tiles(browser)[0]["isPaused"])
        tap(browser, browser.find_elements(By.CSS_SELECTOR, ".wall.is-current button")[-1])
        wait(browser, lambda: choices(browser)[-1] == "no")
        browser.find_element(By.ID, "send").click()
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert [answer for answer, *_ in stored(world)] == [YES] * 11 + [NO]


@pytest.mark.long
def test_the_next_grid_is_ready_and_the_one_before_may_be_changed(sized, make_grid) -> None:
    world = make_grid([2, 3])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 2)
        wait(browser, lambda: browser.execute_script(_READY, 3))
        first = [tile["clip"] for tile in tiles(browser)]
        press(browser, Keys.ENTER)
        assert len(tiles(browser)) == 3, "it is there at once"
        wait_until_saved(browser)
        wait_until_seen(browser, 3)
        press(browser, "u", Keys.BACKSPACE)
        wait(browser, browser.find_element(By.ID, "review").is_displayed)
        assert [tile["clip"] for tile in tiles(browser)] == first
        press(browser, Keys.ARROW_RIGHT, " ")
        wait(browser, lambda: choices(browser) == ["yes-seen", "no"])
        wait(browser, lambda: press(browser, Keys.ENTER) or len(tiles(browser)) == 3)
        assert choices(browser) == ["unsure", "yes-seen", "yes-seen"], "what was begun stays"
        wait_until_saved(browser)
        press(browser, Keys.BACKSPACE)
        wait(browser, lambda: choices(browser) == ["yes-seen", "no"])
        press(browser, Keys.ESCAPE)
        wait(browser, lambda: len(tiles(browser)) == 3)
        assert complaints(browser) == []
    assert [answer for answer, *_ in stored(world)] == [YES, YES, NO]


@pytest.mark.long
def test_pictures_of_the_next_grid_lie_over_its_clips_until_these_play(sized, make_grid) -> None:
    world = make_grid([2, 3])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 2)
        wait(browser, lambda: browser.execute_script(_COVERED) == 3)
        press(browser, Keys.ENTER)
        wait(browser, lambda: not any(tile["isPaused"] for tile in tiles(browser)))
        wait(browser, lambda: browser.execute_script(_COVERED) == 0)
        press(browser, " ")
        shown = "return getComputedStyle(document.querySelector('.is-active canvas')).visibility"
        assert browser.execute_script(shown) == "hidden", "what is struck out pales before nothing"
        wait_until_saved(browser)


def test_a_lost_network_loses_nothing_of_a_grid(sized, make_grid) -> None:
    world = make_grid([2, 2, 2])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 2)
        wait(browser, lambda: browser.execute_script(_READY, 2))
        with offline(browser):
            press(browser, " ", Keys.ENTER)
            wait(browser, lambda: "2 not saved yet" in text_of(browser, "saved"))
            assert "No connection" in text_of(browser, "trouble")
            wait_until_seen(browser, 2)
            wait(browser, lambda: press(browser, Keys.ENTER) or not tiles(browser))
            assert "4 not saved yet" in text_of(browser, "saved")
            assert stored(world) == []
        wait_until_seen(browser, 2)
        wait_until_saved(browser)
    assert [answer for answer, *_ in stored(world)] == [NO, YES, YES, YES]
    with reading(world.workspace.engine) as session:
        assert len(session.scalars(select(Assignment)).all()) == 3


@pytest.mark.long
def test_what_was_not_saved_when_the_page_was_closed_is_sent_by_the_next_page(
    sized, make_grid
) -> None:
    world = make_grid([2, 2])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 2)
        with offline(browser):
            press(browser, Keys.ENTER)
            wait(browser, lambda: "2 not saved yet" in text_of(browser, "saved"))
            browser.execute_script("window.onbeforeunload = null; Outbox.put = null;")
            browser.get("about:blank")
        browser.get(f"{address}/task")
        wait_until_saved(browser)
        wait_until_seen(browser, 2)
    assert [answer for answer, *_ in stored(world)] == [YES, YES]


@pytest.mark.long
def test_a_grid_that_was_answered_on_another_device_is_told_and_passed(sized, make_grid) -> None:
    world = make_grid([2, 1])
    browser, app = sized, world.app()
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 2)
        elsewhere = world.client(app=app).log_in(read_instructions=False)
        question = elsewhere.next()
        assert elsewhere.answer(question["slot"], "no").json["saved"]
        press(browser, Keys.ENTER)
        wait(browser, lambda: "kept as they were: 1." in text_of(browser, "trouble"))
        wait_until_seen(browser, 1)
    assert sorted(answer for answer, *_ in stored(world)) == [NO, YES]


@pytest.mark.long
def test_a_clip_that_the_browser_cannot_play_is_left_to_others_and_the_rest_is_answered(
    sized, make_grid
) -> None:
    world = make_grid([2])
    (world.workspace.clips / "two.mp4").write_bytes(b"no film at all" * 40)
    with writing(world.workspace.engine) as session:
        session.get_one(ClipFile, 2).file = "clips/two.mp4"
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        wait_until_seen(browser, 2)
        assert choices(browser) == ["yes-seen", "unplayable"]
        press(browser, Keys.ARROW_RIGHT, " ")
        assert "does not play here" in tiles(browser)[1]["name"]
        press(browser, Keys.ENTER)
        find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert [answer for answer, *_ in stored(world)] == [YES]
    with reading(world.workspace.engine) as session:
        assert ["Chrome" in told for told in session.scalars(select(PassedSlot.browser))] == [True]


@pytest.mark.long
def test_where_nothing_plays_by_itself_the_clip_in_the_frame_does(sized, make_grid) -> None:
    world = make_grid([3])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        press(browser, "?")
        wait(browser, browser.find_element(By.ID, "self-playing").is_displayed)
        browser.find_element(By.ID, "self-playing").click()
        press(browser, Keys.ESCAPE)
        browser.refresh()
        find_on(browser, "/task", By.CSS_SELECTOR, "main[data-ready]")
        wait(browser, lambda: [t["isPaused"] for t in tiles(browser)] == [False, True, True])
        press(browser, Keys.ARROW_RIGHT)
        wait(browser, lambda: [t["isPaused"] for t in tiles(browser)] == [True, False, True])
        press(browser, Keys.ARROW_RIGHT)
        wait(browser, lambda: [t["isPaused"] for t in tiles(browser)] == [True, True, False])
        wait_until_seen_of(browser, 3)
        browser.execute_script("localStorage.clear()")


def wait_until_seen_of(browser: Any, number: int) -> None:
    """Look at each clip in turn until all were seen."""

    def look() -> bool:
        press(browser, Keys.HOME)
        for _ in range(number):
            wait(browser, lambda: any(t["isSeen"] and t["isActive"] for t in tiles(browser)))
            press(browser, Keys.ARROW_RIGHT)
        return text_of(browser, "position") == f"{number} of {number} seen"

    wait(browser, look)


def test_names_of_classes_are_offered_for_what_it_is_instead(sized, make_grid) -> None:
    world = make_grid([1])
    browser = sized
    with serving(world.workspace) as address:
        come_in(browser, address, world)
        press(browser, "t")
        options = "return [...document.querySelectorAll('#class-names option')].map(o => o.value)"
        wait(
            browser,
            lambda: browser.execute_script(options) == ["clapping", "jumping", "waving hand"],
        )
        ActionChains(browser).send_keys(Keys.ESCAPE).perform()
        wait(browser, lambda: not browser.find_element(By.ID, "better-name").is_displayed())


@pytest.mark.long
def test_controls_of_a_grid_have_names_and_the_stage_never_is_white(sized, make_grid) -> None:
    world = make_grid([12])
    browser = sized
    with serving(world.workspace) as address:
        for size in ((1366, 768), (683, 384), (360, 640)):
            resize(browser, *size)
            come_in(browser, address, world) if size == (1366, 768) else browser.refresh()
            find_on(browser, "/task", By.CSS_SELECTOR, "main[data-ready]")
            shown = [
                e
                for e in browser.find_elements(By.CSS_SELECTOR, "a, button, summary, progress, ul")
                if e.is_displayed()
            ]
            assert [e.get_attribute("outerHTML") for e in shown if not e.accessible_name] == []
            wide, high = browser.execute_script(
                "return [document.documentElement.scrollWidth, innerWidth]"
            )
            assert wide <= high, f"nothing lies beside the page at {size}"
            send = browser.find_element(By.ID, "send").rect
            assert send["y"] + send["height"] <= size[1]
        for what in (".stage", ".tile button"):
            script = f"return getComputedStyle(document.querySelector('{what}')).backgroundColor"
            assert browser.execute_script(script) == "rgb(0, 0, 0)"
