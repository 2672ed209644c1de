"""axe-core finds nothing serious or moderate on the pages of a paid panel."""

from urllib.parse import urlencode

import pytest
from selenium.webdriver.common.by import By

from annotation_ui.server import serving
from tests.annotation_ui.axe import watching
from tests.annotation_ui.driving import find_on, wait
from tests.annotation_ui.panels.conftest import STUDY, id_of
from tests.annotation_ui.panels.test_in_browser import answer_two

pytestmark = pytest.mark.browser


@pytest.mark.long
def test_the_pages_of_a_panel_have_no_flaw(browser, make_panel) -> None:
    panel = make_panel()
    sent = {"PROLIFIC_PID": id_of(1), "STUDY_ID": STUDY, "SESSION_ID": id_of(2)}
    with serving(panel.world.workspace) as address, watching(browser) as (look, found):
        browser.delete_all_cookies()
        browser.get(f"{address}/panel/prolific-1")
        wait(browser, lambda: browser.find_elements(By.TAG_NAME, "h1"))
        look("an address without its parameters", "light", "dark")
        browser.get(f"{address}/panel/prolific-1?{urlencode(sent)}")
        wait(browser, lambda: browser.find_elements(By.TAG_NAME, "h1"))
        look("agreement")
        answer_two(browser)
        find_on(browser, "/finish", By.CSS_SELECTOR, "strong.code")
        look("end")
        another = {**sent, "PROLIFIC_PID": id_of(7), "SESSION_ID": id_of(8)}
        browser.get(f"{address}/panel/prolific-1?{urlencode(another)}")
        wait(browser, lambda: browser.find_elements(By.TAG_NAME, "h1"))
        look("somebody else came in before", "light", "dark", "200 %")
    assert found == {}
