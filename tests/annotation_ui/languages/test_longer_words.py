"""Words of other languages are longer: what is written on buttons stays on them all the same."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By

from annotation_ui.server import serving
from kinetics_builder.ways import Way
from tests.annotation_ui.driving import come_in, complaints, resize, wait
from tests.annotation_ui.test_looks import _MISFITS, SCREENS

pytestmark = pytest.mark.browser


def choose(browser: Any, language: str) -> None:
    """Choose a language in the bar, and wait for the page in it."""
    browser.find_element(By.CSS_SELECTOR, ".bar .language summary").click()
    browser.find_element(By.CSS_SELECTOR, f".bar .language [value={language}]").click()
    ready = f"html[lang={language}] main.task[data-ready]"
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ready))


def misfits_on(browser: Any, screen: Any) -> list[str]:
    width, height, touch, _ = screen.values
    resize(browser, width, height, touch=touch)
    wait(browser, lambda: browser.execute_script("return innerWidth") == width)
    found: list[str] = browser.execute_script(_MISFITS)
    return found


@pytest.mark.long
@pytest.mark.parametrize("way", [Way.GRID, Way.CLIP, Way.STREAM])
def test_words_stay_on_buttons_on_every_screen(browser, make_grid, way) -> None:
    world = make_grid([12], way)
    try:
        with serving(world.workspace) as address:
            resize(browser, 1366, 768)
            come_in(browser, address, world)
            found = {}
            for language in ("pt", "es"):
                resize(browser, 1366, 768)
                choose(browser, language)
                for screen in SCREENS:
                    if misfits := misfits_on(browser, screen):
                        found[f"{language}, {screen.id}"] = misfits
            assert found == {}
            assert complaints(browser) == []
    finally:
        resize(browser, 0, 0)
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
