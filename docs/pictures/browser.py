"""What all makers of pictures here share: a browser without a window, and small files."""

import io
import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from selenium import webdriver

COLOURS = 255
SCREEN = 1280, 860
_SETTLED = "requestAnimationFrame(() => setTimeout(arguments[0], 500))"

_HEIGHTS = """
return [document.body.getBoundingClientRect().height, window.outerHeight - window.innerHeight];
"""


@contextmanager
def chromium(size: tuple[int, int] = SCREEN) -> Iterator[Any]:
    """Open a browser of this width and height, in pixels, and close it."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars"):
        options.add_argument(argument)
    options.add_argument(f"--window-size={size[0]},{size[1]}")
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        yield browser
    finally:
        browser.quit()


def open_page(browser: Any, page: Path, part: str | None = None) -> None:
    """Open a page, at the part of this id if one is named, and wait until it stands still."""
    browser.get(page.resolve().as_uri())
    if part is not None:
        browser.execute_script("document.getElementById(arguments[0]).scrollIntoView()", part)
    browser.execute_async_script(_SETTLED)


def unroll(browser: Any, most: int) -> None:
    """Show all of a page, from its top as far as `most` pixels go."""
    height, frame = browser.execute_script(_HEIGHTS)
    width = browser.get_window_size()["width"]
    browser.set_window_size(width, min(most, math.ceil(height)) + int(frame))
    browser.execute_async_script(_SETTLED)


def keep(picture: bytes | Path | Image.Image, target: Path) -> None:
    """Write a picture with few colours, which keeps it small."""
    if isinstance(picture, bytes):
        picture = Image.open(io.BytesIO(picture))
    elif isinstance(picture, Path):
        picture = Image.open(picture)
    few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
