"""axe-core finds nothing serious or moderate, in whatever state a worker's page is."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from annotation_ui.server import serving
from kinetics_builder.ways import Way
from tests.annotation_ui.axe import LOOKS, troubles, watching
from tests.annotation_ui.conftest import UNHURRIED
from tests.annotation_ui.driving import come_in, find_on, press, wait, wait_for_question

pytestmark = pytest.mark.browser

PRACTICE = f"{UNHURRIED}practice_answers = 1\n"
SEEN = """
const tiles = [...document.querySelectorAll(".is-current .tile")];
return tiles.length > 0 && tiles.every((tile) => tile.matches(".is-seen"));
"""


def answer(browser: Any, way: Way) -> None:
    """Answer the question, or all of the grid, once it was seen."""
    if way is Way.GRID:
        wait(browser, lambda: browser.execute_script(SEEN))
        press(browser, Keys.ENTER)
    else:
        wait_for_question(browser)
        press(browser, "3")


def set_offline(browser: Any, *, offline: bool) -> None:
    network = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", network)


def is_shown(browser: Any, css: str) -> bool:
    return bool(browser.find_element(By.CSS_SELECTOR, css).is_displayed())


def see_what_opens(browser: Any, look: Any) -> None:
    """Look at the question, and at all that opens over it."""
    look("question")
    press(browser, "t")
    wait(browser, lambda: is_shown(browser, "#better-name"))
    look("what is it instead")
    press(browser, Keys.ESCAPE)
    browser.find_element(By.ID, "pause").click()
    look("paused", "light", "dark")
    browser.find_element(By.ID, "pause").click()
    browser.find_element(By.ID, "show-keys").click()
    wait(browser, lambda: is_shown(browser, "#keys"))
    look("keys")
    press(browser, Keys.ESCAPE)


def go_through(browser: Any, look: Any, way: Way) -> None:
    """Answer to the end: look at the verdict, at a network that is gone, and at the end."""
    for _ in range(1 if way is Way.GRID else 3):
        browser.execute_script("document.activeElement.blur()")
        answer(browser, way)
    wait(browser, lambda: is_shown(browser, "#graded"))
    look("verdict")
    wait(browser, lambda: press(browser, Keys.ENTER) or not is_shown(browser, "#graded"))
    if way is Way.GRID:
        wait(browser, lambda: browser.execute_script(SEEN))
    else:
        wait_for_question(browser)
    set_offline(browser, offline=True)
    press(browser, Keys.ENTER if way is Way.GRID else "3")
    wait(browser, lambda: is_shown(browser, "#trouble"))
    look("no connection")
    set_offline(browser, offline=False)
    find_on(browser, "/task", By.LINK_TEXT, "Look again")
    look("ended")


@pytest.mark.parametrize(
    "way",
    [Way.CLIP, *(pytest.param(way, marks=pytest.mark.long) for way in (Way.GRID, Way.STREAM))],
)
def test_a_page_of_clips_has_no_flaw_in_any_state(browser, make_grid, way) -> None:
    world = make_grid([2, 1], way, num_gold=1, settings=PRACTICE)
    with serving(world.workspace) as address, watching(browser) as (look, found):
        come_in(browser, address, world)
        see_what_opens(browser, look)
        try:
            go_through(browser, look, way)
        finally:
            set_offline(browser, offline=False)
    assert found == {}


@pytest.mark.long
def test_the_pages_around_have_no_flaw_in_any_language(browser, make_grid) -> None:
    world = make_grid([2], Way.GRID)
    with serving(world.workspace) as address, watching(browser) as (look, found):
        browser.delete_all_cookies()
        browser.get(f"{address}/login")
        look("login")
        browser.find_element(By.CSS_SELECTOR, ".language summary").click()
        look("languages", "light", "dark", "high contrast")
        come_in(browser, address, world)
        for language in ("pt", "es"):
            browser.get(f"{address}/login?as=another")
            browser.find_element(By.CSS_SELECTOR, ".language summary").click()
            browser.find_element(By.CSS_SELECTOR, f".language [value={language}]").click()
            wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, f"[lang={language}]"))  # noqa: B023
            for path in ("/instructions/1", "/instructions/2", "/earlier", "/nowhere", "/task"):
                browser.get(f"{address}{path}")
                look(f"{path} in {language}", "light", "200 %")
    assert found == {}


def test_axe_sees_a_flaw(browser, world) -> None:
    with serving(world.workspace) as address:
        browser.get(f"{address}/login")
        browser.execute_script("document.querySelector('label').remove()")
        assert "critical label" in [line.split(":")[0] for line in troubles(browser)]
    assert len(LOOKS) == 4
