"""Driving the page in a browser. All waits are for conditions: a busy machine is no failure."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import requests
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import select

from annotation_ui.security import load_secret, owner_code
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Answer, Vote
from kinetics_builder.workspace import Workspace
from tests.annotation_ui.conftest import CSRF

# What the question takes answers by: a picture that has been there for longer than a blink.
_TAKES_ANSWERS = """
const video = document.querySelector("video.is-current");
if (!video || video.readyState < 2) return false;
const since = window.seen === video.src ? window.seenAt : performance.now();
[window.seen, window.seenAt] = [video.src, since];
return performance.now() - since > 300;
"""


def come_in_as_owner(browser: Any, address: str, workspace: Workspace) -> None:
    """Log in as the owner, and wait for the page that shows how the work stands."""
    browser.get(f"{address}/owner/login")
    code = owner_code(load_secret(workspace))
    browser.find_element(By.ID, "code").send_keys(code, Keys.ENTER)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".tiles"))


def press(browser: Any, *keys: str) -> None:
    """Press one key after another."""
    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def wait(browser: Any, condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Wait until a condition holds; return what it returned.

    A page that is turned while the condition looks at it is looked at again.
    """
    turned = [StaleElementReferenceException, NoSuchElementException]
    waiting = WebDriverWait(browser, seconds, poll_frequency=0.05, ignored_exceptions=turned)
    return waiting.until(lambda _: condition())


def text_of(browser: Any, element_id: str) -> str:
    """Return the text that is seen of an element."""
    found: str = browser.find_element(By.ID, element_id).text
    return found


def position(browser: Any) -> str:
    """Return which question is shown, such as `2 of 6`."""
    return text_of(browser, "position")


def wait_for_position(browser: Any, text: str) -> None:
    """Wait for the question, and until it takes answers."""
    wait(browser, lambda: position(browser) == text and browser.execute_script(_TAKES_ANSWERS))


def wait_for_clip(browser: Any, slot: int) -> None:
    """Wait for the clip of a question, and until it takes answers."""
    shown = "return Number(document.querySelector('main').dataset.slot)"
    wait(browser, lambda: browser.execute_script(shown) == slot)
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))


def wait_until_saved(browser: Any) -> None:
    """Wait until the page says that all is saved."""
    wait(browser, lambda: text_of(browser, "saved").endswith("Saved"))


def find_on(browser: Any, path: str, by: str, what: str) -> Any:
    """Wait for the page at `path`, and for an element of it: a click only asks for it."""
    wait(browser, lambda: urlsplit(browser.current_url).path == path)
    return wait(browser, lambda: browser.find_elements(by, what))[0]


def log_in(browser: Any, address: str, world: Any, number: int = 0) -> None:
    """Log in as a new worker and go to the first question."""
    come_in(browser, address, world, number)
    wait_for_question(browser)


def come_in(browser: Any, address: str, world: Any, number: int = 0) -> None:
    """Log in as a new worker, and wait for the script of the first page of work.

    The forms on the way are sent without the browser: `come_in_by_forms` fills them in.
    """
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    with requests.Session() as person:
        name, code = f"worker {number}", world.codes[number]
        _send(person, address, "/login", {"name": name, "code": code})
        _send(person, address, "/instructions", {}, shown="/instructions/2")
        for cookie in person.cookies:
            kept = {"name": cookie.name, "value": cookie.value, "url": address, "httpOnly": True}
            browser.execute_cdp_cmd("Network.setCookie", kept)
    browser.get(f"{address}/task")
    find_on(browser, "/task", By.CSS_SELECTOR, "main.task[data-ready]")


def _send(
    person: requests.Session, address: str, path: str, form: dict[str, str], shown: str = ""
) -> None:
    """Send a form as the page that shows it does."""
    token = CSRF.search(person.get(f"{address}{shown or path}", timeout=60).text)
    assert token
    said = {**form, "csrf_token": token[1]}
    sent = person.post(f"{address}{path}", said, timeout=60, allow_redirects=False)
    assert sent.status_code == 302, sent.text


def come_in_by_forms(browser: Any, address: str, world: Any, number: int = 0) -> None:
    """Log in as a new worker does, page by page, and wait for the first question."""
    browser.delete_all_cookies()
    log_in_again(browser, address, world, number)
    find_on(browser, "/instructions/1", By.LINK_TEXT, "Next").click()
    find_on(browser, "/instructions/2", By.CSS_SELECTOR, "form.actions button.primary").click()
    find_on(browser, "/task", By.CSS_SELECTOR, "main.task[data-ready]")
    wait_for_question(browser)


def log_in_again(browser: Any, address: str, world: Any, number: int = 0) -> None:
    """Fill in the login form."""
    browser.get(f"{address}/login?as=another")
    browser.find_element(By.ID, "name").send_keys(f"worker {number}")
    browser.find_element(By.ID, "code").send_keys(world.codes[number], Keys.ENTER)


def wait_for_question(browser: Any) -> None:
    """Wait for a question with its script at work, and until it takes answers."""
    find_on(browser, "/task", By.CSS_SELECTOR, "main.task[data-ready]")
    wait(browser, lambda: browser.execute_script(_TAKES_ANSWERS))


def resize(browser: Any, width: int, height: int, *, touch: bool = False) -> None:
    """Make the viewport as large as a screen, in CSS pixels; 0 x 0 takes it back."""
    if (width, height) == (0, 0):
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    else:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": touch})


def prefer(browser: Any, **features: str) -> None:
    """Set what the person prefers, such as `color_scheme="dark"`; nothing takes all back."""
    chosen = [
        {"name": f"prefers-{name.replace('_', '-')}", "value": value}
        for name, value in features.items()
    ]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": chosen})


def stored(world: Any) -> Sequence[Any]:
    """Return (answer, lasts_whole_clip, better_name) of all votes, in the order they came."""
    with reading(world.workspace.engine) as session:
        rows = select(Vote.answer, Vote.lasts_whole_clip, Vote.better_name).order_by(Vote.id)
        return session.execute(rows).all()


def say_everything(browser: Any, world: Any, keys: Sequence[str]) -> None:
    """Give the five answers by their keys, and a sixth by a name; see that they are kept."""
    for number, key in enumerate(keys, start=1):
        wait_for_position(browser, f"{number} of 6")
        press(browser, key)
    wait_for_position(browser, "6 of 6")
    press(browser, "t", "opening bottle", Keys.ENTER)
    find_on(browser, "/task", By.LINK_TEXT, "Look again")
    assert complaints(browser) == []
    assert stored(world) == [
        (Answer.YES, True, None),
        (Answer.YES, False, None),
        (Answer.NO, None, None),
        (Answer.UNSURE, None, None),
        (Answer.BAD, None, None),
        (Answer.NO, None, "opening bottle"),
    ]


def complaints(browser: Any) -> list[str]:
    """Return what the console says, such as violations of the content security policy.

    But for the note that whoever types before a page has come to its end keeps the field.
    """
    said = [entry["message"] for entry in browser.get_log("browser")]
    return [message for message in said if "Autofocus processing was blocked" not in message]
