"""How soon the next grid is seen after Enter: in pictures of the screen, from outside.

Every clip has a colour, and no clip of a grid has that of the clip in its place before. The page is
not asked when it was done: looking at each of its clips from inside takes it longer than that.

Clips are halted before the key. What takes the compositor's pictures keeps to the pace of whatever
plays, and once that has changed takes none for a quarter of a second: the waits would be its own.
With all clips playing up to the key the browser itself says when it showed the frame after it
(Event Timing, in steps of 8 ms); that all of the grid was in that frame, only the pictures tell.
"""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from benchmarks.screen import IS_SAME, Picture, watching

GRID_SIZE = 24
LOOK_SECONDS = 1.0
"""How long is looked at least before the next key."""
HALT_SECONDS = 0.5
"""How long clips stand still before the key, where pictures are taken."""
COLOURS = ((200, 40, 40), (40, 160, 40), (40, 60, 200), (190, 170, 30), (150, 40, 170))
"""Of clips, by their number from 1 on, in turn."""

_NOTE_KEYS = """
window.pressed = [];
const note = (event) => window.pressed.push(performance.timeOrigin + event.timeStamp);
document.addEventListener("keydown", note, { capture: true });
"""
_IS_READY = """
const videos = (walls) => [...document.querySelectorAll(walls + " video")];
const ahead = videos(".wall:not(.is-current)");
return ahead.length === arguments[0] && ahead.every((video) => video.readyState >= 3)
  && document.querySelectorAll(".wall.is-current .tile.is-seen").length === arguments[0];
"""
_PLAYS = """
const videos = [...document.querySelectorAll(".wall.is-current video")];
return videos.length && !videos[0].src.endsWith(arguments[0])
  && videos.every((video) => !video.paused);
"""
_HALT = """
for (const video of document.querySelectorAll(".wall.is-current video")) video.pause();
"""
_TIME_FRAMES = """
window.frames_ms = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.name === "keydown") window.frames_ms.push(entry.duration);
  }
}).observe({type: "event", durationThreshold: 16});
"""
_PLACES = """
return [...document.querySelectorAll(".wall.is-current video")].map((video) => {
  const {left, top, width, height} = video.getBoundingClientRect();
  const number = Number(video.src.match(/(\\d+)\\.mp4/)[1]);
  return [number, (left + width / 2) / innerWidth, (top + height / 2) / innerHeight];
});
"""


class Place(NamedTuple):
    """Where the middle of a clip is, as shares of the page's width and height."""

    clip: int
    across: float
    down: float


def until(browser: Any, script: str, *values: Any) -> None:
    """Wait until a script says yes."""
    WebDriverWait(browser, 60, 0.02).until(lambda _: browser.execute_script(script, *values))


def send_grids(browser: Any, num_grids: int, *, is_halted: bool = False) -> list[list[Place]]:
    """Send grids, each once all its clips were seen and the next is there.

    Return where the clips were of the grid that came after each.
    """
    found = []
    for _ in range(num_grids):
        until(browser, _IS_READY, GRID_SIZE)
        time.sleep(LOOK_SECONDS)
        first = browser.execute_script(_PLACES)[0][0]
        if is_halted:
            browser.execute_script(_HALT)
            time.sleep(HALT_SECONDS)
        browser.find_element(By.CSS_SELECTOR, ".is-current .is-active button").send_keys(Keys.ENTER)
        until(browser, _PLAYS, f"/{first}.mp4")
        found.append([Place(*place) for place in browser.execute_script(_PLACES)])
    time.sleep(LOOK_SECONDS)
    return found


def answer_grids(browser: Any, num_grids: int) -> list[float]:
    """Send grids; return for each the milliseconds until all clips of the next one were seen."""
    browser.execute_script(_NOTE_KEYS)
    with watching(browser) as pictures:
        grids = send_grids(browser, num_grids, is_halted=True)
        pressed = browser.execute_script("return window.pressed")
    return [
        next(one.at_ms - at_ms for one in pictures if one.at_ms > at_ms and shows(one, grid))
        for at_ms, grid in zip(pressed, grids, strict=True)
    ]


def time_grids(browser: Any, num_grids: int) -> list[float]:
    """Send grids whose clips play; return the milliseconds until the frame after each key."""
    browser.execute_script(_TIME_FRAMES)
    send_grids(browser, num_grids)
    found: list[float] = browser.execute_script("return window.frames_ms")
    return found


def shows(picture: Picture, grid: Sequence[Place]) -> bool:
    """Tell whether each clip of a grid is seen in its place."""
    points_HWC = picture.points()
    high, wide = points_HWC.shape[:2]
    seen = [points_HWC[int(place.down * high), int(place.across * wide)] for place in grid]
    wanted = [COLOURS[(place.clip - 1) % len(COLOURS)] for place in grid]
    return bool((np.abs(np.array(seen) - wanted) < IS_SAME).all())
