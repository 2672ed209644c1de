"""Makes the pictures of the page in docs/ava.md anew: `python -m docs.pictures.ava_page`.

A film of the demo world is collected with its true boxes; a person who is played by Chromium
then opens the four kinds of questions one after another, and answers the first ones of some.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from annotation_ui.server import serving
from docs.pictures.browser import chromium, keep
from kinetics_builder.database.engine import writing
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.demo.ava.truth import truth_of, write_rows
from pipelines.demo.ava.world import build_films, make_file
from pipelines.verifying.assign import assign

SEED, LEAST_SECONDS = 5, 20.0
SETTINGS = "[verify]\nproposers = 1\nhaste_seconds = 0.0\n"
SETTLES_SECONDS = 1.5
"""A question that was on the screen for less takes no answer."""

_SETTLED = """
const main = document.querySelector("main.task[data-ready]");
const pictures = [...document.querySelectorAll("main img")];
const videos = [...document.querySelectorAll("main video")].filter((one) => one.checkVisibility());
return main && pictures.every((one) => one.complete) && videos.every((one) => one.readyState > 2);
"""


def main() -> None:
    """Write the pictures of the four kinds and of the statistics beside this file."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "workspace"
        codes = build(Path(name), root)
        with serving(Workspace.open(root)) as address:
            for number, (kind, act) in enumerate(STEPS):
                deal(root, kind)
                picture = Path(name) / f"{kind}.png"
                show(address, codes[number], kind, act, picture)
                keep(picture, here / f"ava_{kind}.png")
        counted = Path(name) / "statistics.html"
        kbuild(root, "ava", "statistics", Path(name) / "truth.csv", "--least", 3, "--html", counted)
        with chromium() as browser:
            browser.get(counted.as_uri())
            browser.save_screenshot(str(counted.with_suffix(".png")))
        keep(counted.with_suffix(".png"), here / "ava_statistics.png")


def build(folder: Path, root: Path) -> list[str]:
    """Collect a film with its true boxes, and return codes for its annotators."""
    [film] = build_films(SEED, 1, LEAST_SECONDS)
    (folder / "films").mkdir()
    make_file(folder / "films", film)
    write_rows(folder / "truth.csv", [truth_of(film)])
    Workspace.create(root, SETTINGS)
    source = ["--source", f"folder:{folder / 'films'}"]
    kbuild(root, "ava", "collect", *source, "--boxes", folder / "truth.csv", "--format", "ava")
    said = kbuild(root, "annotate", "--invite", len(STEPS))
    return [word for word in said.split() if len(word.split("-")) == 4]


def deal(root: Path, kind: str) -> None:
    """Put the questions of a kind into tasks; those about actions before any about boxes."""
    if kind in ("boxes", "links"):
        kbuild(root, "assign", "--kind", kind)
        return
    workspace = Workspace.open(root)
    with writing(workspace.engine) as session:
        assign(session, workspace.config)


def kbuild(root: Path, *arguments: object) -> str:
    """Run a command in the workspace and return what it says."""
    result = CliRunner().invoke(group, ["-C", str(root), *map(str, arguments)])
    if result.exit_code:
        raise SystemExit(result.output)
    return result.output


def show(address: str, code: str, kind: str, act: Callable[[Any], None], target: Path) -> None:
    """Log in, read the instructions, save the screen with the first question, and act."""
    with chromium() as browser:
        browser.get(f"{address}/login?as=another")
        browser.find_element(By.ID, "name").send_keys(f"Ana of {kind}")
        browser.find_element(By.ID, "code").send_keys(code, Keys.ENTER)
        wait(browser, lambda: browser.find_elements(By.ID, "log-out"))
        browser.get(f"{address}/task?kind={kind}")
        while "/instructions/" in browser.current_url:
            read_on(browser)
        wait(browser, lambda: browser.execute_script(_SETTLED))
        act(browser)
        browser.save_screenshot(str(target))
        if kind == "actions":
            name_actions(browser)


def read_on(browser: Any) -> None:
    """Go to the next screen of the instructions, or to the work."""
    before = browser.current_url
    following = browser.find_elements(By.LINK_TEXT, "Next")
    button = "form.actions button.primary"
    (following or browser.find_elements(By.CSS_SELECTOR, button))[0].click()
    wait(browser, lambda: browser.current_url != before)


def wait(browser: Any, condition: Callable[[], Any]) -> None:
    """Wait until a condition holds."""
    WebDriverWait(browser, 60).until(lambda _: condition())


def press(browser: Any, *keys: str) -> None:
    """Press one key after another."""
    for key in keys:
        ActionChains(browser).send_keys(key).perform()


def choose_box(browser: Any) -> None:
    """Choose the first box, so that its handles are seen."""
    press(browser, Keys.TAB)


def type_action(browser: Any) -> None:
    """Type the beginning of an action, so that the vocabulary is seen."""
    time.sleep(SETTLES_SECONDS)
    browser.find_element(By.ID, "pose").click()
    press(browser, "sta")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".options:not([hidden]) li"))


def name_actions(browser: Any) -> None:
    """Say of some persons that they stand."""
    for number in range(2, 8):
        browser.find_element(By.ID, "pose").clear()
        browser.find_element(By.ID, "pose").send_keys("stan")
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".options:not([hidden]) li"))
        press(browser, Keys.ENTER, Keys.ENTER)
        place = f"{number} of"
        wait(browser, lambda: browser.find_element(By.ID, "position").text.startswith(place))  # noqa: B023
        time.sleep(SETTLES_SECONDS)
    wait(browser, lambda: browser.find_element(By.ID, "saved").text.endswith("Saved"))


def only_look(browser: Any) -> None:
    """Do nothing."""


STEPS: tuple[tuple[str, Callable[[Any], None]], ...] = (
    ("actions", type_action),
    ("verification", only_look),
    ("links", only_look),
    ("boxes", choose_box),
)


if __name__ == "__main__":
    main()
