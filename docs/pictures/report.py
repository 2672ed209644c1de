"""Makes the picture of the report in docs/sources.md anew: `python docs/pictures/report.py DEMO`.

DEMO is the folder of a finished `kbuild demo`: its people are drawn. Needs Chromium.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from selenium import webdriver

from kinetics_builder.workspace import Workspace
from pipelines.inspecting.report import write_report

COLOURS = 255
SCREEN = 1200, 760


def main() -> None:
    """Write `report_sheets.png` beside this file."""
    with tempfile.TemporaryDirectory() as name:
        page = write_report(Workspace.open(Path(sys.argv[1])), Path(name) / "report.html")
        picture = page.with_suffix(".png")
        show(page, "sheets", picture)
        few = Image.open(picture).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(Path(__file__).parent / "report_sheets.png", optimize=True)


def show(page: Path, part: str, picture: Path) -> None:
    """Take a picture of a part of a page in a browser."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={SCREEN[0]},{SCREEN[1]}")
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        browser.get(page.as_uri())
        browser.execute_script(f"document.getElementById('{part}').scrollIntoView()")
        browser.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 500))")
        browser.save_screenshot(str(picture))
    finally:
        browser.quit()


if __name__ == "__main__":
    main()
