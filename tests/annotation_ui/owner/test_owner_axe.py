"""axe-core finds nothing serious or moderate on the owner's pages, and in messages to workers."""

import pytest
from selenium.webdriver.common.by import By

from annotation_ui.edit_effects import SaidEdit
from annotation_ui.server import serving
from kinetics_builder.crowd import people
from kinetics_builder.crowd.class_texts.versions import ClassText, write_version
from kinetics_builder.crowd.messages import write_message
from kinetics_builder.database.engine import writing
from kinetics_builder.database.tables import ClassGate, Label, Worker
from pipelines.publishing.curating.class_edits import ClassEdits
from tests.annotation_ui.axe import watching
from tests.annotation_ui.driving import come_in, come_in_as_owner, resize, wait

pytestmark = pytest.mark.browser
_WIDER = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


def prepare(world) -> None:
    """Let there be something on every page."""
    verify = world.workspace.config.verify
    with writing(world.workspace.engine) as session:
        for number in (1, 2):
            write_message(session, session.get_one(Worker, number), "Slower, please.")
        people.exclude(session, session.get_one(Worker, 2), verify, why="always no")
        measured = {"num_decided": 20, "num_yes": 3, "is_closed": True}
        session.add(ClassGate(label_id=2, **measured))
        text = ClassText("A hand moves.", "hello", accepted=(3,), refused=(6,), target=5)
        write_version(session, session.get_one(Label, 1), text, why="shorter")


@pytest.mark.long
def test_the_owners_pages_have_no_flaw(browser, make_disputes) -> None:
    world = make_disputes(12, num_gold=1)
    prepare(world)
    editing = ClassEdits(world.workspace.config)
    with (
        serving(world.workspace, class_editing=editing) as address,
        watching(browser) as (look, found),
    ):
        browser.delete_all_cookies()
        browser.get(f"{address}/owner/login")
        look("login", "light", "dark")
        come_in_as_owner(browser, address, world.workspace)
        look("progress")
        paths = (
            "workers/1",
            "workers/2",
            "classes",
            "classes/1",
            "disputes",
            "audit",
            "flags",
            "log",
        )
        for path in paths:
            browser.get(f"{address}/owner/{path}")
            wait(browser, lambda: browser.find_elements(By.TAG_NAME, "h1"))
            look(path)
            resize(browser, 390, 800)
            assert browser.execute_script(_WIDER) == 0, f"{path} is wider than a phone"
        browser.get(f"{address}/owner/classes")
        for name, text in zip(
            SaidEdit.__slots__, ("drop jumping", "Ana", "rare", "a"), strict=True
        ):
            field = browser.find_element(By.NAME, name)
            field.clear()
            field.send_keys(text)
        field.submit()
        wait(browser, lambda: "would do" in browser.find_element(By.TAG_NAME, "h1").text)
        look("plan", "light", "dark")
        assert browser.execute_script(_WIDER) == 0, "the plan is wider than a phone"
    assert found == {}


@pytest.mark.long
def test_what_a_worker_is_told_has_no_flaw(browser, make_world) -> None:
    world = make_world([6])
    with serving(world.workspace) as address, watching(browser) as (look, found):
        come_in(browser, address, world, 0)
        with writing(world.workspace.engine) as session:
            write_message(session, session.get_one(Worker, 1), "Slower, please.")
            text = ClassText("A hand moves.", "hello", accepted=(1,), refused=(4,))
            write_version(session, session.get_one(Label, 1), text, why="shorter")
        for path in ("messages", "classes/1"):
            browser.get(f"{address}/{path}")
            wait(browser, lambda: browser.find_elements(By.TAG_NAME, "h1"))
            look(path)
    assert found == {}
