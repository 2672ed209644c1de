"""Makes the picture of a release's page in docs/ava.md anew: `python -m docs.pictures.ava_release`.

Films of the demo world are collected with their true boxes and actions, released as a file says
them, and looked at in Chromium.
"""

import tempfile
from pathlib import Path

from docs.pictures.ava_page import kbuild
from docs.pictures.browser import chromium, keep
from kinetics_builder.workspace import Workspace
from pipelines.demo.ava.truth import truth_of, write_rows
from pipelines.demo.ava.world import build_films, make_file

SEED, NUM_FILMS, LEAST_SECONDS = 7, 4, 30.0
SIZE = 1280, 2200


def main() -> None:
    """Write the picture beside this file."""
    with tempfile.TemporaryDirectory() as name:
        page, picture = released_page(Path(name)), Path(name) / "page.png"
        with chromium(SIZE) as browser:
            browser.get(page.as_uri())
            browser.save_screenshot(str(picture))
        keep(picture, Path(__file__).with_name("ava_release.png"))


def released_page(folder: Path) -> Path:
    """Release films of the demo world in a folder, and return the page about them."""
    films, root, rows = (
        build_films(SEED, NUM_FILMS, LEAST_SECONDS),
        folder / "work",
        folder / "rows",
    )
    (folder / "films").mkdir()
    for film in films:
        make_file(folder / "films", film)
    write_rows(rows, map(truth_of, films))
    Workspace.create(root, "")
    source = ["--source", f"folder:{folder / 'films'}"]
    kbuild(root, "ava", "collect", *source, "--boxes", rows, "--format", "ava")
    kbuild(root, "ava", "release", "--actions-from-file", "--exclude-unverified")
    kbuild(root, "releases", "page", "ava-v1", "--out", folder / "page.html")
    return folder / "page.html"


if __name__ == "__main__":
    main()
