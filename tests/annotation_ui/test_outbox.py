"""Answers on their way: none is lost, none is sent for somebody else, and the page says so."""

import time
from collections.abc import Iterator
from typing import Any

import flask
import pytest
from selenium.webdriver.common.by import By
from sqlalchemy import select

from annotation_ui.server import serving
from kinetics_builder.crowd import people
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, Vote, Worker
from tests.annotation_ui.driving import (
    find_on,
    log_in,
    log_in_again,
    position,
    press,
    stored,
    text_of,
    wait,
    wait_for_clip,
    wait_for_position,
    wait_for_question,
    wait_until_saved,
)

pytestmark = pytest.mark.browser

YES, NO, UNSURE, BAD = Answer

# Requests of scripts fail while the tab's line is cut; "deaf" sends them and loses the reply.
_LINE = """
const real = window.fetch;
window.fetch = async (...what) => {
  if (sessionStorage.line === "cut") throw new TypeError("no line");
  const response = await real(...what);
  if (sessionStorage.line === "deaf") { delete sessionStorage.line; throw new TypeError("lost"); }
  return response;
};
"""
_NO_STORE = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, {get() { throw new DOMException("no", "SecurityError"); }});
"""


@pytest.fixture
def line(browser: Any) -> Iterator[Any]:
    """The browser with a line that tests cut and mend; its store is emptied at the end."""
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _LINE})
    yield browser
    browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    browser.execute_script("localStorage.clear(); sessionStorage.clear()")
    browser.get_log("browser")


def set_line(browser: Any, state: str) -> None:
    browser.execute_script("sessionStorage.line = arguments[0]", state)


def mend_line(browser: Any) -> None:
    browser.execute_script("delete sessionStorage.line; dispatchEvent(new Event('online'))")


def votes(world: Any) -> list[tuple[str, Answer]]:
    with reading(world.workspace.engine) as session:
        rows = select(Worker.name, Vote.answer).join(Worker, Worker.id == Vote.worker_id)
        return [tuple(row) for row in session.execute(rows.order_by(Vote.id))]


def trouble(browser: Any) -> str:
    return text_of(browser, "trouble")


def test_work_goes_on_while_the_server_is_away_and_is_saved_when_it_is_back(
    line, make_world
) -> None:
    world = make_world([4])
    with serving(world.workspace) as address:
        port = int(address.rsplit(":", 1)[1])
        log_in(line, address, world)
        ready = "return [...document.querySelectorAll('video')].every((v) => v.readyState >= 3)"
        wait(line, lambda: line.execute_script(ready))
    for number, key in enumerate("135", start=2):
        press(line, key)
        wait_for_position(line, f"{number} of 4")
    wait(line, lambda: "No connection" in trouble(line))
    assert "kept in this browser" in trouble(line)
    assert text_of(line, "saved") == "3 not saved yet"
    assert stored(world) == []
    with serving(world.workspace, port=port):
        wait_until_saved(line)
        assert trouble(line) == ""
        assert [answer for answer, *_ in stored(world)] == [YES, NO, BAD]
        press(line, "4")
        find_on(line, "/task", By.LINK_TEXT, "Look again")


def test_unsent_answers_survive_a_reload_and_are_not_asked_again(line, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "cut")
        press(line, "4")
        wait_for_position(line, "2 of 3")
        wait(line, lambda: text_of(line, "saved") == "1 not saved yet")
        line.refresh()
        wait_for_question(line)
        assert position(line) == "2 of 3"
        wait(line, lambda: text_of(line, "saved") == "1 not saved yet")
        assert stored(world) == []
        mend_line(line)
        wait_until_saved(line)
    assert votes(world) == [("worker 0", UNSURE)]


# The page before mends its line and sends its answer when it was already left.
_LEAVE_AND_SEND = """
setTimeout(() => { delete sessionStorage.line; dispatchEvent(new Event("online")); }, 200);
location.assign("/task");
"""


@pytest.mark.long
def test_an_answer_that_the_page_before_sent_late_is_not_asked_again(
    line, make_world, monkeypatch
) -> None:
    world = make_world([3])
    is_left = False

    def render_and_wait(*names: Any, **shown: Any) -> str:
        html = flask.render_template(*names, **shown)
        deadline = time.monotonic() + 30
        while is_left and not stored(world) and time.monotonic() < deadline:
            time.sleep(0.02)
        # Time for the page before to hear that its answer is saved.
        time.sleep(0.5 if is_left else 0)
        return html

    monkeypatch.setattr("annotation_ui.work.render_template", render_and_wait)
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "cut")
        press(line, "4")
        wait_for_position(line, "2 of 3")
        wait(line, lambda: text_of(line, "saved") == "1 not saved yet")
        is_left = True
        line.execute_script(_LEAVE_AND_SEND)
        wait_for_position(line, "2 of 3")
        wait_until_saved(line)
    assert votes(world) == [("worker 0", UNSURE)]


def test_an_answer_whose_receipt_was_lost_is_stored_once(line, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "deaf")
        press(line, "4")
        wait_for_position(line, "2 of 3")
        wait_until_saved(line)
        press(line, "3")
        wait_for_position(line, "3 of 3")
        wait_until_saved(line)
    assert votes(world) == [("worker 0", UNSURE), ("worker 0", NO)]


@pytest.mark.long
def test_a_change_of_mind_before_the_first_answer_is_saved_keeps_both(line, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "cut")
        press(line, "1")
        wait_for_position(line, "2 of 3")
        press(line, "\ue012")
        wait_for_clip(line, 1)
        press(line, "3")
        wait_for_clip(line, 2)
        mend_line(line)
        wait_until_saved(line)
    assert [answer for answer, *_ in stored(world)] == [YES, NO]


@pytest.mark.long
def test_who_is_logged_out_keeps_the_answers_until_the_next_login(line, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        line.delete_all_cookies()
        press(line, "4")
        wait(line, lambda: "You are logged out" in trouble(line))
        assert text_of(line, "saved") == "1 not saved yet"
        assert stored(world) == []
        # In one step: the words are written anew whenever sending is tried again.
        line.execute_script("document.querySelector('#trouble a').click()")
        kept = find_on(line, "/login", By.ID, "kept")
        assert "1 of worker 0, sent when worker 0 logs in here" in kept.text
        log_in_again(line, address, world)
        wait_for_question(line)
        assert position(line) == "2 of 3"
        wait_until_saved(line)
    assert votes(world) == [("worker 0", UNSURE)]


@pytest.mark.long
def test_answers_are_not_sent_for_somebody_else_of_the_same_browser(line, make_world) -> None:
    world = make_world([3, 3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "cut")
        press(line, "4")
        wait_for_position(line, "2 of 3")
        first = line.current_window_handle
        line.delete_all_cookies()
        line.switch_to.new_window("tab")
        log_in(line, address, world, number=1)
        press(line, "3")
        wait_for_position(line, "2 of 3")
        wait_until_saved(line)
        second = line.current_window_handle
        line.switch_to.window(first)
        mend_line(line)
        wait(line, lambda: "Somebody else is logged in" in trouble(line))
        assert votes(world) == [("worker 1", NO)]
        line.switch_to.window(second)
        log_in_again(line, address, world, number=0)
        wait_for_question(line)
        wait_until_saved(line)
        wait(line, lambda: len(votes(world)) == 2)
        line.close()
        line.switch_to.window(first)
        line.execute_script("dispatchEvent(new Event('focus'))")
        wait_until_saved(line)
    assert votes(world) == [("worker 1", NO), ("worker 0", UNSURE)]


def join(world: Any, kept: int, other: int) -> None:
    with writing(world.workspace.engine) as session:
        rows = [session.get_one(Worker, number + 1) for number in (kept, other)]
        people.join(session, *rows, world.workspace.config.verify)


@pytest.mark.long
def test_answers_of_two_who_were_joined_are_sent_when_one_logs_in(line, make_world) -> None:
    world = make_world([3, 3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "cut")
        press(line, "4")
        wait_for_position(line, "2 of 3")
        press(line, "5")
        wait_for_position(line, "3 of 3")
        join(world, kept=1, other=0)
        assert votes(world) == []
        line.delete_all_cookies()
        log_in(line, address, world, number=1)
        set_line(line, "")
        press(line, "3")
        wait_until_saved(line)
        wait(line, lambda: len(votes(world)) == 3)
        assert line.execute_script("return Outbox.others().size") == 0
        left = "return Object.keys(localStorage).filter((n) => n.startsWith('kbuild-answer/'))"
        assert line.execute_script(left) == []
        assert position(line) == "2 of 3", "of the task that this worker holds"
    assert sorted(votes(world)) == [("worker 1", BAD), ("worker 1", NO), ("worker 1", UNSURE)]


@pytest.mark.long
def test_a_tab_of_before_the_join_sends_for_the_one_they_are_now(line, make_world) -> None:
    world = make_world([3, 3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "cut")
        press(line, "4")
        wait_for_position(line, "2 of 3")
        join(world, kept=1, other=0)
        mend_line(line)
        wait(line, lambda: "You are logged out" in trouble(line))
        first = line.current_window_handle
        line.switch_to.new_window("tab")
        line.delete_all_cookies()
        log_in(line, address, world, number=1)
        wait(line, lambda: votes(world) == [("worker 1", UNSURE)])
        line.close()
        line.switch_to.window(first)
        line.execute_script("dispatchEvent(new Event('focus'))")
        wait_until_saved(line)
    assert votes(world) == [("worker 1", UNSURE)]


@pytest.mark.long
def test_what_a_closed_tab_left_is_sent_by_another(line, make_world) -> None:
    world = make_world([4])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        first = line.current_window_handle
        line.switch_to.new_window("tab")
        line.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _LINE})
        line.get(f"{address}/task")
        wait_for_question(line)
        set_line(line, "cut")
        press(line, "3")
        wait_for_position(line, "2 of 4")
        wait(line, lambda: text_of(line, "saved") == "1 not saved yet")
        line.close()
        line.switch_to.window(first)
        line.execute_script("dispatchEvent(new Event('focus'))")
        wait(line, lambda: votes(world) == [("worker 0", NO)])
        wait_until_saved(line)


@pytest.mark.long
def test_the_second_tab_hears_that_the_first_has_answered(line, make_world) -> None:
    world = make_world([4])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        first = line.current_window_handle
        line.switch_to.new_window("tab")
        line.get(f"{address}/task")
        wait_for_question(line)
        press(line, "1")
        wait_for_position(line, "2 of 4")
        wait_until_saved(line)
        line.close()
        line.switch_to.window(first)
        wait_for_position(line, "1 of 4")
        press(line, "3")
        wait(line, lambda: "“waving hand”: your answer “Yes, all the time” was" in trouble(line))
        wait_for_position(line, "2 of 4")
        wait_until_saved(line)
    assert votes(world) == [("worker 0", YES)]


@pytest.mark.long
def test_a_browser_that_keeps_nothing_still_saves(browser, make_world) -> None:
    world = make_world([2])
    source = {"source": _NO_STORE}
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", source)
    try:
        with serving(world.workspace) as address:
            log_in(browser, address, world)
            press(browser, "1")
            wait_for_position(browser, "2 of 2")
            wait_until_saved(browser)
            press(browser, "3")
            find_on(browser, "/task", By.LINK_TEXT, "Look again")
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    assert votes(world) == [("worker 0", YES), ("worker 0", NO)]


@pytest.mark.long
def test_logging_out_with_unsent_answers_asks_first(line, make_world) -> None:
    world = make_world([3])
    with serving(world.workspace) as address:
        log_in(line, address, world)
        set_line(line, "cut")
        press(line, "4")
        wait_for_position(line, "2 of 3")
        line.find_element(By.CSS_SELECTOR, "#log-out button").click()
        question = line.switch_to.alert
        assert "1 of your answers is not saved yet" in question.text
        question.dismiss()
        assert position(line) == "2 of 3"
        mend_line(line)
        wait_until_saved(line)
        line.find_element(By.CSS_SELECTOR, "#log-out button").click()
        words = find_on(line, "/login", By.CSS_SELECTOR, ".notice[role=status]:not([hidden])")
        assert "Saved answers of yours: 1" in words.text
