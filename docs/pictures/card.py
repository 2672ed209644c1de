"""Makes the picture of a card in docs/training.md anew: `python docs/pictures/card.py RUN`.

RUN is the folder of a network that `kbuild evaluate` has measured on clips of the demo: its people
are drawn. Needs Chromium.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from selenium import webdriver

COLOURS = 255
SCREEN = 1160, 1000
_TO_MIDDLES = """
const done = arguments[0], films = [...document.querySelectorAll("#evidence ~ .wide-clips video")];
document.getElementById("evidence").scrollIntoView();
Promise.all(films.map(film => new Promise(seen => {
  film.controls = false;
  film.addEventListener("seeked", seen, { once: true });
  film.currentTime = film.duration / 2;
}))).then(() => setTimeout(done, 300));
"""


def main() -> None:
    """Write `card.png` beside this file: where a network looks, in the middle of each clip."""
    few = Image.open(io.BytesIO(show(Path(sys.argv[1]) / "card.html"))).convert("RGB")
    few = few.quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(Path(__file__).with_suffix(".png"), optimize=True)


def show(page: Path) -> bytes:
    """Return a picture of the films of a card."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={SCREEN[0]},{SCREEN[1]}")
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        browser.get(page.resolve().as_uri())
        browser.execute_async_script("setTimeout(arguments[0], 1000)")
        browser.execute_async_script(_TO_MIDDLES)
        return browser.get_screenshot_as_png()
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
