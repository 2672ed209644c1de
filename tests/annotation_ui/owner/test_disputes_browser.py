"""Disputed clips are decided by keys alone, and nothing stands out of the page."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import select, update

from annotation_ui.server import serving
from kinetics_builder.crowd.clips.auditing import draw_audit, list_waiting
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Answer,
    ClassVersion,
    Decision,
    Gold,
    Ruling,
    Verdict,
)
from tests.annotation_ui.driving import come_in_as_owner, complaints, press, resize, wait

pytestmark = pytest.mark.browser

_CURRENT = "return document.activeElement.closest('.disputed')?.id"
_PLAYING = """
return [...document.querySelectorAll(".disputed video")].some((video) => video.currentTime > 0);
"""
_TOO_WIDE = """
return [document.documentElement, ...document.querySelectorAll(".told")].some(
  (part) => part.scrollWidth > part.clientWidth);
"""


_SLOW = """
window.numReplies = 0;
const plain = window.fetch;
window.fetch = async (...asked) => {
  const reply = await plain(...asked);
  await new Promise((go) => setTimeout(go, 500));
  setTimeout(() => window.numReplies++, 100);
  return reply;
};
"""


def golds(world):
    with reading(world.workspace.engine) as session:
        return session.execute(select(Gold.clip_id, Gold.expected)).all()


def counterexamples(world):
    with reading(world.workspace.engine) as session:
        return session.scalar(select(ClassVersion.refused).order_by(ClassVersion.id.desc()))


def ruled(world):
    with reading(world.workspace.engine) as session:
        words = select(Ruling.clip_id, Ruling.verdict, Ruling.reason).order_by(Ruling.id)
        return [tuple(row) for row in session.execute(words)]


def test_keys_alone_decide_take_back_and_make_gold(make_disputes, browser) -> None:
    world = make_disputes(3)
    with serving(world.workspace) as address:
        come_in_as_owner(browser, address, world.workspace)
        browser.get(f"{address}/owner/disputes")
        wait(browser, lambda: browser.execute_script(_PLAYING))
        press(browser, Keys.ARROW_RIGHT, "y", Keys.ENTER)
        assert ruled(world) == [], "nothing is decided without a reason"
        press(browser, "seen twice", Keys.ENTER)
        wait(browser, lambda: ruled(world) == [(1, Verdict.ACCEPTED, "seen twice")])
        wait(browser, lambda: browser.execute_script(_CURRENT) == "clip-2")
        press(browser, "n", "no hand", Keys.ESCAPE)
        press(browser, "h", Keys.ARROW_LEFT, "u", "too soon", Keys.ENTER)
        wait(browser, lambda: len(ruled(world)) == 2)
        wait(browser, lambda: golds(world) == [(2, Answer.NO)])
        assert ruled(world)[-1] == (1, Verdict.OPEN, "too soon")
        wait(browser, lambda: "Taken back" not in browser.find_element(By.ID, "clip-1").text)
        browser.execute_script("document.getElementById('clip-3').focus()")
        press(browser, "x")
        wait(browser, lambda: counterexamples(world) == [3])
        wait(browser, lambda: "An example" in browser.find_element(By.ID, "clip-3").text)
        press(browser, "?")
        assert browser.find_element(By.ID, "keys").is_displayed()
        press(browser, Keys.ESCAPE)
        for width, height, touch in ((1366, 768, False), (360, 640, True), (683, 384, False)):
            resize(browser, width, height, touch=touch)
            assert not browser.execute_script(_TOO_WIDE), (width, height)
        resize(browser, 0, 0)
        assert complaints(browser) == []
    assert golds(world) == [(2, Answer.NO)]


@pytest.mark.long
def test_what_is_typed_while_an_answer_is_under_way_stays(make_disputes, browser) -> None:
    world = make_disputes(3)
    with serving(world.workspace) as address:
        come_in_as_owner(browser, address, world.workspace)
        browser.get(f"{address}/owner/disputes")
        wait(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, ".disputed")) == 3)
        browser.execute_script(_SLOW)
        press(browser, Keys.ARROW_RIGHT, "g", "n", "no h")
        wait(browser, lambda: browser.execute_script("return window.numReplies") == 1)
        press(browser, "and", Keys.ENTER)
        wait(browser, lambda: ruled(world) == [(1, Verdict.REJECTED, "no hand")])
    assert golds(world) == [(1, Answer.YES)]


@pytest.mark.long
def test_keys_alone_judge_what_an_audit_drew(make_disputes, browser) -> None:
    world = make_disputes(4)
    with writing(world.workspace.engine) as session:
        session.execute(update(Decision).values(verdict=Verdict.ACCEPTED))
        draw_audit(session, 3)
        first, second, third = list_waiting(session)
    with serving(world.workspace) as address:
        come_in_as_owner(browser, address, world.workspace)
        browser.get(f"{address}/owner/audit")
        wait(browser, lambda: browser.execute_script(_PLAYING))
        assert "worker 0" not in browser.find_element(By.ID, f"clip-{first}").text
        browser.execute_script(_SLOW)
        press(browser, Keys.ARROW_RIGHT, "y", "y")
        wait(browser, lambda: browser.execute_script(_CURRENT) == f"clip-{second}")
        assert ruled(world) == [(first, Verdict.ACCEPTED, "audit")], "two presses are one answer"
        assert "worker 0" in browser.find_element(By.ID, f"clip-{first}").text
        press(browser, "n")
        wait(browser, lambda: browser.execute_script(_CURRENT) == f"clip-{third}")
        press(browser, "u", "g", "e")
        press(browser, Keys.ARROW_LEFT, "u", "saw it wrong", Keys.ENTER)
        wait(browser, lambda: len(ruled(world)) == 3)
        assert ruled(world)[1:] == [
            (second, Verdict.REJECTED, "audit"),
            (second, Verdict.OPEN, "saw it wrong"),
        ]
        for width, height, touch in ((1366, 768, False), (360, 640, True), (683, 384, False)):
            resize(browser, width, height, touch=touch)
            assert not browser.execute_script(_TOO_WIDE), (width, height)
        resize(browser, 0, 0)
        assert complaints(browser) == []
    assert golds(world) == [], "of a clip that waits nothing else can be said"
