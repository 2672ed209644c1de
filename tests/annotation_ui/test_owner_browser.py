"""The owner's page in a real browser: it moves by itself, and leads to whom to look at."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from annotation_ui.security import load_secret, owner_code
from annotation_ui.server import serving
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.records import keep
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Answer, TaskSlot, Vote, Worker


def answer(world, worker: int, count: int) -> None:
    """Let a worker say no so many times, as another process that serves the page would."""
    with writing(world.workspace.engine) as session:
        session.get_one(Worker, worker).name = f"worker {worker}"
        for slot_id in range(1, count + 1):
            slot = session.get_one(TaskSlot, slot_id)
            subject = {"clip_id": slot.clip_id, "label_id": slot.label_id, "slot_id": slot_id}
            session.add(Vote(worker_id=worker, answer=Answer.NO, **subject))
        session.flush()
        keep(session, VerifyConfig())


def test_the_owners_page_moves_by_itself_and_excludes_with_a_reason(make_world, browser) -> None:
    world = make_world([25])
    with serving(world.workspace) as address:
        browser.get(f"{address}/owner")
        code = owner_code(load_secret(world.workspace))
        browser.find_element(By.ID, "code").send_keys(code)
        browser.find_element(By.CSS_SELECTOR, "form.stack button").click()
        wait = WebDriverWait(browser, 120)
        wait.until(lambda page: page.find_elements(By.CSS_SELECTOR, ".tiles"))
        assert not browser.find_elements(By.CSS_SELECTOR, ".flagged li")
        answer(world, 1, 25)
        wait.until(lambda page: "25 times in a row" in page.find_element(By.ID, "main").text)
        width = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert browser.execute_script(width) == 0, "nothing stands out of the page"

        def press(page) -> bool:
            page.execute_script("document.querySelector('.flagged a').click()")
            return True

        wait.until(press)
        wait.until(lambda page: page.find_elements(By.ID, "exclude-why"))
        browser.find_element(By.ID, "exclude-why").send_keys("always no", Keys.ENTER)
        wait.until(lambda page: "excluded by the owner" in page.find_element(By.ID, "main").text)
        browser.get(f"{address}/owner")
        assert not browser.find_elements(By.CSS_SELECTOR, ".flagged li")
    with reading(world.workspace.engine) as session:
        assert session.get_one(Worker, 1).excluded_at is not None
