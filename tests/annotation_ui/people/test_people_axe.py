"""axe-core finds nothing serious or moderate where actions are named and confirmed."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from annotation_ui.server import serving
from tests.annotation_ui.axe import watching
from tests.annotation_ui.driving import press, wait
from tests.annotation_ui.people.test_people_browser import start
from tests.annotation_ui.people.test_verification import proposed

pytestmark = pytest.mark.browser
__all__ = ["proposed"]


@pytest.mark.long
def test_the_page_on_which_actions_are_named_has_no_flaw(browser, make_meeting) -> None:
    world = make_meeting(1)
    world.assign()
    with serving(world.workspace) as address, watching(browser) as (look, found):
        start(browser, address, world, 0, "actions")
        look("question")
        press(browser, Keys.ENTER)
        wait(browser, browser.find_element(By.ID, "fault").is_displayed)
        look("something is missing", "light", "dark")
        browser.find_element(By.ID, "pose").click()
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#pose-options li"))
        look("choices", "light", "dark", "high contrast")
        press(browser, Keys.ESCAPE, "?")
        wait(browser, browser.find_element(By.ID, "keys").is_displayed)
        look("keys", "light", "200 %")
    assert found == {}


@pytest.mark.long
def test_the_page_on_which_actions_are_confirmed_has_no_flaw(browser, proposed) -> None:
    with serving(proposed.workspace) as address, watching(browser) as (look, found):
        start(browser, address, proposed, 2, "verification")
        look("question")
        press(browser, "?")
        wait(browser, browser.find_element(By.ID, "keys").is_displayed)
        look("keys", "light", "200 %")
    assert found == {}
