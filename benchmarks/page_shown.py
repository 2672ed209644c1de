"""How soon the next question of a kind is seen after an answer's key, in a real browser.

Used by `page_kinds`, whose workspace it asks about. Chromium without a window answers on the real
page over loopback, and what its compositor shows is looked at (`benchmarks.screen`): the time runs
from the key's event to the first picture from which on the screen is as it is a second later. So
nothing counts that is promised and not seen, whatever it is made of. A question that looks like
the one before it is left out.
"""

import statistics
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from annotation_ui.kinds.registry import KINDS
from annotation_ui.server import serving
from benchmarks.delay import delayed
from benchmarks.page import chromium, draw
from benchmarks.page_grids import COLOURS, until
from benchmarks.screen import complete_after, watching
from kinetics_builder.workspace import Workspace

ANSWER_KEYS = {"clip": "2", "boxes": Keys.ENTER, "links": Keys.ENTER}
"""What answers a question of each kind that is measured: one picture, one box or eighty."""
ROUND_TRIPS_MS = (0, 150)
LOOK_SECONDS = 1.0
"""How long a question is looked at before the next key."""
NUM_STILLS = 35
"""Of key frames one after the other none has the colour of the next."""

_NOTE_KEYS = """
window.pressed = [];
const note = (event) => window.pressed.push(performance.timeOrigin + event.timeStamp);
document.addEventListener("keydown", note, { capture: true });
"""
_IS_READY = """
const main = document.querySelector("main[data-ready]");
const still = [...document.querySelectorAll("main img, main video.is-current")];
return main && still.every((one) => one.tagName === "IMG" ? one.complete : one.readyState > 2)
  && (typeof Strips === "undefined" || Strips.isReady());
"""


class Waits(NamedTuple):
    """How long somebody waited for each next question of a kind."""

    kind: str
    round_trip_ms: int
    milliseconds: list[float]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.milliseconds)

    def line(self, of_a_clip: float) -> str:
        """Return the row of the table; `of_a_clip` is the median of clips."""
        high = statistics.quantiles(self.milliseconds, n=10, method="inclusive")[-1]
        return (
            f"| {self.kind} | {self.round_trip_ms} | {len(self.milliseconds)} | {self.median:.0f} "
            f"| {self.median / of_a_clip:.2f} | {high:.0f} | {max(self.milliseconds):.0f} |"
        )


def draw_media(workspace: Workspace, persons: int) -> None:
    """Write the files that the workspace's rows name: every question has another colour."""
    for number, colour in enumerate(COLOURS):
        draw(workspace.clips / f"{number}.mp4", colour)
    (workspace.root / "stills").mkdir(exist_ok=True)
    grain = np.random.default_rng(1)
    for number in range(NUM_STILLS):
        colour = COLOURS[number % len(COLOURS)]
        image = np.full((480, 640, 3), colour, np.int16)
        for person in range(persons):
            left = 64 * person
            image[96:432, left : left + 51] = [255 - value + 4 * person for value in colour]
        image += grain.integers(-12, 12, (480, 640, 1), dtype=np.int16)
        picture = Image.fromarray(image.clip(0, 255).astype(np.uint8))
        picture.save(workspace.root / "stills" / f"{number}.jpg", quality=85)


def measure_waits(workspace: Workspace, codes: Sequence[str], num_answers: int) -> list[Waits]:
    """Answer so many questions of each kind, at each distance; every time as a new worker."""
    left = iter(codes)
    return [
        Waits(kind, away, _measure(workspace, next(left), kind, away, num_answers))
        for away in ROUND_TRIPS_MS
        for kind in ANSWER_KEYS
    ]


def _measure(
    workspace: Workspace, code: str, kind: str, away: int, num_answers: int
) -> list[float]:
    with (
        serving(workspace) as origin,
        delayed(origin, away / 2000) as address,
        chromium() as browser,
    ):
        _enter(browser, address, code, kind)
        with watching(browser) as pictures:
            browser.execute_script(_NOTE_KEYS)
            time.sleep(LOOK_SECONDS)
            for _ in range(num_answers):
                browser.find_element(By.TAG_NAME, "body").send_keys(ANSWER_KEYS[kind])
                time.sleep(LOOK_SECONDS)
                until(browser, _IS_READY)
            pressed = browser.execute_script("return window.pressed")
    assert len(pressed) == num_answers
    ends = [*pressed[1:], pressed[-1] + 1000 * LOOK_SECONDS]
    waits = [complete_after(pictures, start, end) for start, end in zip(pressed, ends, strict=True)]
    return [wait for wait in waits if wait is not None]


def _enter(browser: Any, address: str, code: str, kind: str) -> None:
    """Log in, read what the kind is about, and wait for the first question."""
    browser.get(f"{address}/login")
    browser.find_element(By.ID, "name").send_keys(f"ada {code[:4]}")
    browser.find_element(By.ID, "code").send_keys(code, Keys.ENTER)
    until(browser, "return location.pathname !== '/login'")
    screens = next(one.num_screens for one in KINDS if one.name == kind)
    browser.get(f"{address}/instructions/{screens}?kind={kind}")
    browser.find_element(By.CSS_SELECTOR, "form.actions button.primary").click()
    until(browser, "return location.pathname === '/task'")
    until(browser, _IS_READY)
