"""Makes the pictures of docs/ava.md anew: `python -m docs.pictures.ava`.

The people are those of the demo world, drawn; the detections are their true boxes, moved a
little, with scores by lot, so nothing here says how good a detector is. Needs Chromium.
"""

import tempfile
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from docs.pictures.browser import chromium, keep
from kinetics_builder.video.reading.frames import iterate_frames
from pipelines.cli import group
from pipelines.demo.ava.film import Film
from pipelines.demo.ava.truth import FilmTruth, records_of, truth_of, write_rows
from pipelines.demo.ava.world import build_films, file_of, make_file

SEED, LEAST_SECONDS = 5, 20.0
SCREEN = 1280, 1000


def main() -> None:
    """Write `ava_render.png` and `ava_view.png` beside this file."""
    here = Path(__file__).parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        [film] = build_films(SEED, 1, LEAST_SECONDS)
        make_file(folder, film)
        truth = truth_of(film)
        write_rows(folder / "truth.csv", [truth])
        write_detections(folder / "found.csv", truth)
        second = busiest(truth)
        draw(folder, film, second, here / "ava_render.png")
        look(folder, film, truth, second, here / "ava_view.png")


def busiest(truth: FilmTruth) -> float:
    """Return the key frame with the most persons, the first of several."""
    return max(truth.key_frames(), key=lambda moment: len(moment.asked())).seconds


def write_detections(path: Path, truth: FilmTruth) -> None:
    """Write true boxes, moved by up to a hundredth, each action with a score by lot."""
    random = np.random.default_rng(SEED)
    moved: dict[tuple[object, ...], str] = {}
    lines = []
    for box in records_of(truth):
        if box.x1 is not None:
            corners = box.timestamp_seconds, box.x1, box.y1, box.x2, box.y2
            if corners not in moved:
                shares = (np.array(corners[1:]) + random.uniform(-0.01, 0.01, 4)).clip(0, 1)
                moved[corners] = ",".join(f"{share:.3f}" for share in shares)
            score = random.uniform(0.4, 1.0)
            row = f"{box.video_id},{box.timestamp_seconds:g},{moved[corners]}"
            lines.append(f"{row},{box.action_id},{score:.3f},{box.person_id}\n")
    path.write_text("".join(lines))


def kbuild(*arguments: object) -> None:
    """Run `kbuild ava`."""
    result = CliRunner().invoke(group, ["ava", *map(str, arguments)])
    if result.exit_code:
        raise SystemExit(result.output)


def sources(folder: Path) -> list[object]:
    """Return the options that name the two files."""
    found = ["--detections", folder / "found.csv", "--detections-format", "ava-tracks"]
    return ["--truth", folder / "truth.csv", *found]


def draw(folder: Path, film: Film, second: float, target: Path) -> None:
    """Write what `kbuild ava render` shows at a key frame."""
    made = folder / "seen.mp4"
    options = [*sources(folder), "--from", 0, "--speed", 1]
    kbuild("render", file_of(folder, film), made, *options)
    shown = [f.rgb_HWC for f in iterate_frames(made) if f.time_seconds <= second + 1e-3][-1]
    keep(Image.fromarray(shown), target)


def look(folder: Path, film: Film, truth: FilmTruth, second: float, target: Path) -> None:
    """Write what a browser shows of the page that `kbuild ava view` makes, at a key frame."""
    page = folder / "seen.html"
    kbuild("view", file_of(folder, film), page, *sources(folder), "--from", 0)
    place = [moment.seconds for moment in truth.key_frames()].index(second)
    with chromium(SCREEN) as browser:
        browser.get(page.as_uri())
        ready = "return document.getElementById('film').readyState >= 2"
        WebDriverWait(browser, 60).until(lambda _: browser.execute_script(ready))
        for _ in range(place):
            ActionChains(browser).send_keys(Keys.ARROW_RIGHT).perform()
        told = f"{second:g} s: key frame {place + 1} "
        WebDriverWait(browser, 60).until(
            lambda _: browser.find_element(By.ID, "place").text.startswith(told)
        )
        still = "const f = document.getElementById('film'); return !f.seeking && f.readyState >= 2"
        WebDriverWait(browser, 60).until(lambda _: browser.execute_script(still))
        keep(browser.get_screenshot_as_png(), target)


if __name__ == "__main__":
    main()
