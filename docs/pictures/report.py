"""Makes the picture of the report in docs/sources.md anew: `python -m docs.pictures.report DEMO`.

DEMO is the folder of a finished `kbuild demo`: its people are drawn. Needs Chromium.
"""

import sys
import tempfile
from pathlib import Path

from docs.pictures.browser import chromium, keep, open_page
from kinetics_builder.workspace import Workspace
from pipelines.inspecting.report import write_report

SCREEN = 1200, 760


def main() -> None:
    """Write `report_sheets.png` beside this file."""
    with tempfile.TemporaryDirectory() as name, chromium(SCREEN) as browser:
        page = write_report(Workspace.open(Path(sys.argv[1])), Path(name) / "report.html")
        open_page(browser, page, "sheets")
        keep(browser.get_screenshot_as_png(), Path(__file__).with_name("report_sheets.png"))


if __name__ == "__main__":
    main()
