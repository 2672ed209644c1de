"""Makes the pictures of docs/experiments.md anew: `python -m docs.pictures.experiments FOLDER`.

FOLDER is that of experiments on drawn releases, as `benchmarks/experiments.py --folder` leaves it.
Needs Chromium.
"""

import sys
from pathlib import Path

from docs.pictures.browser import chromium, keep, open_page, unroll

WIDTH, MOST = 1160, 2400
NAMES = ("transfer", "data-size", "slowfast-ablation", "omnisource")


def main() -> None:
    """Write a picture of each page that is there beside this file."""
    with chromium((WIDTH, MOST)) as browser:
        for name in NAMES:
            for page in sorted(Path(sys.argv[1]).rglob(f"{name}/index.html")):
                open_page(browser, page)
                unroll(browser, MOST)
                target = Path(__file__).with_name(f"experiment_{name}.png")
                keep(browser.get_screenshot_as_png(), target)


if __name__ == "__main__":
    main()
