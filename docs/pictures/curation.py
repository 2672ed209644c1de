"""Makes pictures of docs/curation.md and docs/release.md: `python -m docs.pictures.curation DEMO`.

DEMO is the folder of a finished `kbuild demo`: its people are drawn. Nothing in it is changed.
Needs Chromium.
"""

import sys
import tempfile
from pathlib import Path

from click.testing import CliRunner

from docs.pictures.browser import chromium, keep, open_page, unroll
from pipelines.cli import group

PAIR = "closing-a-door--opening-a-door.html"
HEIGHTS = {"curation_pair": 1260, "curation_suspects": 1000, "release_page": 2400}
"""Most pixels of each page that are shown."""
WIDTH = 1160


def main() -> None:
    """Write the pictures beside this file."""
    demo = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name, chromium((WIDTH, 900)) as browser:
        for kind, page in pages(demo, Path(name)).items():
            open_page(browser, page)
            unroll(browser, HEIGHTS[kind])
            keep(browser.get_screenshot_as_png(), Path(__file__).with_name(f"{kind}.png"))


def pages(demo: Path, folder: Path) -> dict[str, Path]:
    """Let `kbuild` write the pages into a folder; return them by the names of their pictures."""
    kbuild(demo, "classes", "evidence", "--out", folder / "evidence")
    kbuild(demo, "curate", "suspects", "--out", folder / "suspects.html")
    kbuild(demo, "releases", "page", "v1", "--out", folder / "release.html")
    found = (folder / "evidence" / PAIR, folder / "suspects.html", folder / "release.html")
    return dict(zip(HEIGHTS, found, strict=True))


def kbuild(demo: Path, *arguments: object) -> None:
    """Run `kbuild` in the demo's workspace."""
    result = CliRunner().invoke(group, ["-C", str(demo), *map(str, arguments)])
    if result.exit_code:
        raise SystemExit(result.output)


if __name__ == "__main__":
    main()
