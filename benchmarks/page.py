"""How soon the next clip is seen after an answer's key, in a real browser, in each of the ways.

    .venv/bin/python -m benchmarks.page [--out FILE] [--answers N] [--grids N] [--away MS ...]

Headless Chromium answers clips of 10 s on the real page over loopback, first directly, then
through a proxy that holds every piece of data back for half of a round trip in each direction.
Each clip has a colour. The time runs from the key's event to the animation frame after the one
in which the clip on the stage holds the next clip's colour, so a picture that is promised but
not decoded does not count. How it is with grids, see `benchmarks.page_grids`. At the end every
answer must be in the database. The page of results is written anew with each line of it: who stops
this keeps what was measured.
"""

import argparse
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import av
import numpy as np
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotation_ui.server import serving
from benchmarks.delay import delayed
from benchmarks.page_grids import (
    COLOURS,
    GRID_SIZE,
    HALT_SECONDS,
    LOOK_SECONDS,
    answer_grids,
    time_grids,
    until,
)
from benchmarks.page_memory import grid_memory_mib, memory_mib
from benchmarks.page_white import whitest_percent
from benchmarks.report import machine
from kinetics_builder.crowd.invitations import make_invitations
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    Clip,
    ClipFile,
    Label,
    Method,
    Task,
    TaskSlot,
    Video,
    Vote,
)
from kinetics_builder.ways import Way
from kinetics_builder.workspace import Workspace

ROOT = Path(__file__).parent.parent
ROUND_TRIPS_MS = (0, 150)
BARS_MS = {0: 30.0, 150: 60.0}
SLOTS_PER_TASK, WIDTH, HEIGHT, SECONDS, RATE = 20, 340, 256, 10, 25
UNHURRIED = "[verify]\nhaste_seconds = 0.0\n"
"""A program may be faster than people."""
PLAYING = "grid, playing"
GRID_SIZES = (GRID_SIZE, 48)
"""Of which memory is measured."""
NUM_WATCHED = 6
"""Answers during which the screen is watched for white; that takes time, and is not timed."""

# Notes for every digit key how long it takes until the next clip's colour is on the stage.
STOPWATCH = """
window.waits = [];
const colours = arguments[0];
const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
const shows = (colour) => {
  const video = document.querySelector("video.is-current");
  if (!video || video.readyState < 2) return false;
  canvas.drawImage(video, 0, 0, 1, 1);
  const seen = canvas.getImageData(0, 0, 1, 1).data;
  return colour.every((value, index) => Math.abs(value - seen[index]) < 40);
};
document.addEventListener("keydown", (event) => {
  const clip = Number(document.querySelector("main").dataset.clip);
  const next = colours[clip % colours.length];
  const pressed = event.timeStamp;
  const look = () => {
    if (!shows(next)) { requestAnimationFrame(look); return; }
    requestAnimationFrame(() => window.waits.push(performance.now() - pressed));
  };
  requestAnimationFrame(look);
}, {capture: true});
"""


Work = Callable[[Any], list[float]]
"""Answers in a browser; returns the waits in milliseconds."""


@dataclass(frozen=True)
class Todo:
    """How a way is worked in."""

    way: Way
    work: Work
    num_clips: int
    """To be written before."""


@dataclass(frozen=True)
class Row:
    """The waits of one line, in milliseconds."""

    name: str
    """The way, and what is special about how it is measured."""
    round_trip: int
    waits: list[float]
    num_saved: int

    def line(self) -> str:
        """Return the row of the table."""
        middle = statistics.median(self.waits)
        high = statistics.quantiles(self.waits, n=10)[-1]
        bar = BARS_MS.get(self.round_trip)
        return (
            f"| {self.name} | {self.round_trip} | {len(self.waits)} | {middle:.0f} | {high:.0f} "
            f"| {max(self.waits):.0f} | {'' if bar is None else f'{bar:.0f}'} | {self.num_saved} |"
        )


def draw(path: Path, colour: tuple[int, int, int]) -> None:
    """Write a clip of one colour in which a small square moves."""
    path.write_bytes(_drawn(colour))


@cache
def _drawn(colour: tuple[int, int, int]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _encode(path := Path(folder) / "clip.mp4", colour)
        return path.read_bytes()


def _encode(path: Path, colour: tuple[int, int, int]) -> None:
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(RATE * SECONDS):
            image = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
            image[-40:-10, index : index + 30] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def fill(
    workspace: Workspace, num_clips: int, way: Way = Way.CLIP, grid_size: int = GRID_SIZE
) -> str:
    """Write clips of one class in tasks of a way; return an invitation code."""
    size = grid_size if way is Way.GRID else SLOTS_PER_TASK
    for number, colour in enumerate(COLOURS):
        draw(workspace.clips / f"{number}.mp4", colour)
    with writing(workspace.engine) as session:
        label = Label(name="waving hand")
        for number in range(num_clips):
            if number % size == 0:
                session.add(task := Task(round=0, way=way))
            slot = TaskSlot(position=number % size, clip=_clip(session, label, number))
            slot.label = label
            task.slots.append(slot)
        return make_invitations(session, 1)[0]


def _clip(session: Session, label: Label, number: int) -> Clip:
    clip = Clip(id=number + 1, label=label, start_seconds=0.0, end_seconds=float(SECONDS))
    clip.video = Video(video_id=f"video{number:06d}", source="benchmark", url="", title="")
    clip.method, clip.score, clip.rank = Method.MOTION, 0.5, 0
    file = f"clips/{number % len(COLOURS)}.mp4"
    shape = {"width": WIDTH, "height": HEIGHT, "num_frames": RATE * SECONDS}
    clip.file = ClipFile(file=file, bytes=0, sha256=f"{number:064d}", **shape)
    clip.file.duration_seconds, clip.file.frames_per_second = float(SECONDS), float(RATE)
    session.add(clip)
    return clip


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a headless browser."""
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1366,768"):
        options.add_argument(argument)
    options.binary_location = str(shutil.which("chromium"))
    driver = webdriver.Chrome(options, webdriver.ChromeService(str(shutil.which("chromedriver"))))
    try:
        yield driver
    finally:
        driver.quit()


def enter(browser: Any, address: str, code: str) -> None:
    """Log in and wait for the first clip and those behind it."""
    browser.get(f"{address}/login")
    browser.find_element(By.ID, "name").send_keys("ada")
    browser.find_element(By.ID, "code").send_keys(code, Keys.ENTER)
    until(browser, "return location.pathname === '/instructions/1'")
    browser.get(f"{address}/instructions/2")
    browser.find_element(By.CSS_SELECTOR, "form.actions button.primary").click()
    until(browser, "return document.querySelector('main[data-ready]')")


def answer_clips(browser: Any, num_answers: int, keys: str) -> list[float]:
    """Answer clips that come one after another by keys in turn; return the waits."""
    until(
        browser,
        "return document.querySelectorAll('video').length === 4"
        " && [...document.querySelectorAll('video')].every((v) => v.readyState >= 3)",
    )
    time.sleep(LOOK_SECONDS)
    browser.execute_script(STOPWATCH, COLOURS)
    for number in range(1, num_answers + 1):
        browser.find_element(By.TAG_NAME, "body").send_keys(keys[number % len(keys)])
        time.sleep(LOOK_SECONDS)
        until(browser, "return window.waits.length === arguments[0]", number)
    found: list[float] = browser.execute_script("return window.waits")
    return found


@contextmanager
def at_work(workspace: Workspace, round_trip: int, code: str) -> Iterator[Any]:
    """Yield a browser in which the first question is shown, that far away."""
    with (
        serving(workspace) as origin,
        delayed(origin, round_trip / 2000) as address,
        chromium() as browser,
    ):
        enter(browser, address, code)
        yield browser


def measure(name: str, round_trip: int, folder: Path, todo: Todo) -> Row:
    """Answer on a page that is `round_trip` milliseconds away."""
    workspace = Workspace.create(folder / f"{name}-{round_trip}", UNHURRIED)
    code = fill(workspace, todo.num_clips, todo.way)
    with at_work(workspace, round_trip, code) as browser:
        waits = todo.work(browser)
        until(browser, "return document.getElementById('saved').textContent === 'Saved'")
    with reading(workspace.engine) as session:
        num_saved = session.scalar(select(func.count(Vote.id)).where(Vote.stands())) or 0
    workspace.engine.dispose()
    return Row(name, round_trip, waits, num_saved)


def works(num_answers: int, num_grids: int) -> dict[str, Todo]:
    """Return how each way is worked in, and of how many clips."""
    arrows = Keys.ARROW_RIGHT + Keys.ARROW_LEFT + Keys.ARROW_UP + Keys.ARROW_DOWN
    num_clips, num_in_grids = num_answers + 1, (num_grids + 1) * GRID_SIZE
    by_digits = partial(answer_clips, num_answers=num_answers, keys="12345")
    by_arrows = partial(answer_clips, num_answers=num_answers, keys=arrows)
    return {
        "clip": Todo(Way.CLIP, by_digits, num_clips),
        "stream": Todo(Way.STREAM, by_arrows, num_clips),
        "grid": Todo(Way.GRID, partial(answer_grids, num_grids=num_grids), num_in_grids),
        PLAYING: Todo(Way.GRID, partial(time_grids, num_grids=num_grids), num_in_grids),
    }


@dataclass
class Found:
    """What was measured so far."""

    rows: list[Row] = field(default_factory=list)
    white: dict[str, float] = field(default_factory=dict)
    """The largest part of the stage that was white while some answers were given, by way."""
    memory: dict[int, tuple[float, float]] = field(default_factory=dict)
    """MiB of a browser with one clip and three ahead, and with two grids, by their size."""


def measure_all(chosen: argparse.Namespace, folder: Path) -> Iterator[Found]:
    """Measure each way at each distance, then the rest; yield what is found whenever it is more."""
    found = Found()
    for away in chosen.away:
        for name, todo in works(chosen.answers, chosen.grids).items():
            found.rows.append(measure(name, away, folder, todo))
            yield found
    for name, todo in _watched().items():
        found.white[name] = measure_white(name, todo, folder)
        yield found
    for size in GRID_SIZES:
        found.memory[size] = measure_memory(size, folder)
        yield found


def _watched() -> dict[str, Todo]:
    watched = works(NUM_WATCHED, NUM_WATCHED // 2)
    watched["grid"] = watched.pop(PLAYING)
    return watched


def measure_white(name: str, todo: Todo, folder: Path) -> float:
    """Return the largest part of the stage that was white, in percent."""
    workspace = Workspace.create(folder / f"white-{name}", UNHURRIED)
    code = fill(workspace, todo.num_clips, todo.way)
    with at_work(workspace, ROUND_TRIPS_MS[1], code) as browser:
        percent = whitest_percent(browser, todo.work)
    workspace.engine.dispose()
    return percent


def measure_memory(size: int, folder: Path) -> tuple[float, float]:
    """Return MiB of a browser with one clip and three ahead, and with two grids of a size."""
    held = []
    for way in (Way.CLIP, Way.GRID):
        workspace = Workspace.create(folder / f"memory-{way}-{size}", UNHURRIED)
        code = fill(workspace, 2 * size, way, size)
        with at_work(workspace, 0, code) as browser:
            held.append(grid_memory_mib(browser, size) if way is Way.GRID else memory_mib(browser))
        workspace.engine.dispose()
    return held[0], held[1]


def report(found: Found) -> str:
    """Return the tables that there are, and what was measured."""
    lines = [
        "# From a key to the next picture",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}, headless Chromium, page and "
        "browser on the same machine.",
        "`python -m benchmarks.page`. Milliseconds from the key's event to the frame after the one",
        f"that holds the next clip's picture; {LOOK_SECONDS:.0f} s of looking between two keys, "
        f"{SLOTS_PER_TASK} clips a task (the",
        "longest wait may be the one for another task). The delay is a proxy's on loopback, half",
        "of it in each direction; bandwidth is not limited.",
        f"Of a grid of {GRID_SIZE} clips, all on the screen: from Enter until the first picture of",
        "the compositor in which each clip of the next grid is seen; Enter comes when all clips",
        "were seen and those of the next grid are fetched, and after they stood still for",
        f"{HALT_SECONDS} s: while clips play, what takes pictures may miss a quarter of a second.",
        f"`{PLAYING}`: they play up to the key, and the browser itself says when it showed the",
        "frame after it, in steps of 8 ms. `saved` counts clips.",
        f"{os.cpu_count()} cores; load average {os.getloadavg()[2]:.1f} over the last 15 minutes:",
        "if that is more than the cores, others were at work; `clip` is what to compare with.",
        "",
        "| way | round trip added, ms | keys | median | 90th percentile | longest | bar | saved |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(row.line() for row in found.rows),
        "",
        *_of_white(found.white),
        *_of_memory(found.memory),
    ]
    return "\n".join(lines)


def _of_white(white: Mapping[str, float]) -> Sequence[str]:
    if not white:
        return ()
    return (
        f"In {NUM_WATCHED} more answers of each way, {NUM_WATCHED // 2} grids, at a round trip of",
        f"{ROUND_TRIPS_MS[1]} ms, all pictures of the compositor were looked at. The white square",
        "of each clip is 1 % of it. White of the stage, at most:",
        "",
        "| way | % |",
        "|---|---:|",
        *(f"| {name} | {percent:.1f} |" for name, percent in white.items()),
        "",
    )


def _of_memory(memory: Mapping[int, tuple[float, float]]) -> Sequence[str]:
    if not memory:
        return ()
    return (
        f"Memory of the whole browser, once the next grid lies ready; clips of {WIDTH} x {HEIGHT}:",
        "",
        "| clips of a grid | MiB with one clip and three ahead | MiB with two grids |",
        "|---:|---:|---:|",
        *(f"| {size} | {few:.0f} | {many:.0f} |" for size, (few, many) in memory.items()),
        "",
    )


def main() -> None:
    """Measure, and write each line as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/page.md")
    parser.add_argument("--answers", type=int, default=20)
    parser.add_argument("--grids", type=int, default=8)
    parser.add_argument("--away", type=int, nargs="+", default=ROUND_TRIPS_MS)
    chosen = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for found in measure_all(chosen, Path(folder)):
            chosen.out.write_text(report(found))
            print(f"{time.monotonic() - begun:.0f} s: {found.rows[-1].line()}", flush=True)
    print(chosen.out.read_text())


if __name__ == "__main__":
    main()
