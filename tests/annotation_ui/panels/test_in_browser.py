"""Panels in a real browser: keys up to the last question, and a frame of another site."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from selenium.webdriver.common.by import By

from annotation_ui.server import serving
from kinetics_builder.workspace import Workspace
from tests.annotation_ui.conftest import UNHURRIED, fill
from tests.annotation_ui.driving import (
    complaints,
    find_on,
    press,
    wait,
    wait_for_position,
)
from tests.annotation_ui.panels.conftest import STUDY, Panel, id_of
from tests.annotation_ui.panels.double import in_thread
from tests.annotation_ui.panels.test_external import SENT

pytestmark = pytest.mark.browser


def click(browser: Any, words: str) -> None:
    """Click at a link or a button of these words, once it is there."""
    path = f"//a[normalize-space()='{words}'] | //button[normalize-space()='{words}']"
    wait(browser, lambda: browser.find_elements(By.XPATH, path))[0].click()


def heading(browser: Any) -> str:
    return str(browser.find_element(By.TAG_NAME, "h1").text)


def answer_two(browser: Any) -> None:
    """Go from the agreement to the end of a session of two questions, by mouse and keys."""
    click(browser, "I agree. Begin")
    click(browser, "Next")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "form.actions button.primary"))
    browser.find_element(By.CSS_SELECTOR, "form.actions button.primary").click()
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "main.task[data-ready]"))
    for number in ("1 of 2", "2 of 2"):
        wait_for_position(browser, number)
        press(browser, "3")
    wait(browser, lambda: heading(browser) == "You are done. Thank you")
    click(browser, "Finish")


@pytest.mark.long
def test_a_session_ends_after_its_last_question_and_shows_the_code(
    browser: Any, make_panel: Callable[..., Panel]
) -> None:
    panel = make_panel()
    sent = {"PROLIFIC_PID": id_of(1), "STUDY_ID": STUDY, "SESSION_ID": id_of(2)}
    with serving(panel.world.workspace) as address:
        browser.delete_all_cookies()
        browser.get(f"{address}/panel/prolific-1?{urlencode(sent)}")
        answer_two(browser)
        code = find_on(browser, "/finish", By.CSS_SELECTOR, "strong.code")
        assert code.text == "C1DONE"
        assert complaints(browser) == []


class Workers:
    """A platform that shows a page in a frame, and notes the form that comes back."""

    def __init__(self) -> None:
        self.shown = ""
        self.sent: list[dict[str, list[str]]] = []

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve from a thread, as `localhost`: to a browser another site than 127.0.0.1."""
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                frame = (
                    f'<iframe src="{escape(platform.shown)}" width="1000" height="800"></iframe>'
                )
                self._reply(frame if urlsplit(self.path).path == "/" else "")

            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                platform.sent.append(parse_qs(self.rfile.read(size).decode()))
                self._reply("<h1>Task sent</h1>")

            def _reply(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        with in_thread(server):
            yield f"http://localhost:{server.server_port}"


def test_a_task_is_done_in_a_frame_of_another_site_that_keeps_no_cookies(
    browser: Any, tmp_path: Any, clip_bytes: bytes
) -> None:
    platform = Workers()
    with platform.running() as origin:
        host = urlsplit(origin).netloc
        settings = (
            f'{UNHURRIED}[[panels]]\nname = "hits"\nplatform = "external"\nmax_answers = 2\n'
            f'frame_origin = "{origin}"\nsubmit_hosts = ["{host}"]\n'
        )
        workspace = Workspace.create(tmp_path / "workspace", settings)
        fill(workspace, clip_bytes, [3])
        with serving(workspace) as address:
            sent = urlencode({**SENT, "turkSubmitTo": f"{origin}/"})
            platform.shown = f"{address}/panel/hits?{sent}"
            browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
            browser.get(origin)
            browser.switch_to.frame(0)
            answer_two(browser)
            assert browser.get_cookies() == []
            click(browser, "Send the task in")
            wait(browser, lambda: heading(browser) == "Task sent")
            browser.switch_to.default_content()
            assert complaints(browser) == []
    (form,) = platform.sent
    assert form == {"assignmentId": ["3ASSIGNMENT"], "outcome": ["complete"]}
