"""Makes the pictures of docs/experiments.md anew: `python docs/pictures/experiments.py FOLDER`.

FOLDER is that of experiments on drawn releases, as `benchmarks/experiments.py --folder` leaves it.
Needs Chromium.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from selenium import webdriver

COLOURS = 255
WIDTH, MOST = 1160, 2400
NAMES = ("transfer", "data-size", "slowfast-ablation", "omnisource")


def main() -> None:
    """Write a picture of each page that is there beside this file."""
    for name in NAMES:
        for page in sorted(Path(sys.argv[1]).rglob(f"{name}/index.html")):
            few = Image.open(io.BytesIO(show(page))).convert("RGB")
            few = few.quantize(COLOURS, dither=Image.Dither.NONE)
            few.save(Path(__file__).with_name(f"experiment_{name}.png"), optimize=True)


def show(page: Path) -> bytes:
    """Return a picture of a page, from its top as far as it goes."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={WIDTH},{MOST}")
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        browser.get(page.resolve().as_uri())
        height = browser.execute_script("return document.documentElement.scrollHeight")
        browser.set_window_size(WIDTH, min(MOST, int(height) + 100))
        browser.execute_async_script("setTimeout(arguments[0], 500)")
        return browser.get_screenshot_as_png()
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
