"""Makes the picture of a card in docs/training.md anew: `python -m docs.pictures.card RUN`.

RUN is the folder of a network that `kbuild evaluate` has measured on clips of the demo: its people
are drawn. Needs Chromium.
"""

import sys
from pathlib import Path

from docs.pictures.browser import chromium, keep, open_page

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
    with chromium(SCREEN) as browser:
        open_page(browser, Path(sys.argv[1]) / "card.html")
        browser.execute_async_script(_TO_MIDDLES)
        keep(browser.get_screenshot_as_png(), Path(__file__).with_suffix(".png"))


if __name__ == "__main__":
    main()
