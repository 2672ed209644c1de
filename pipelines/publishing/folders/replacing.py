"""How a release takes the place of one that was given away: aside, then renamed, whole."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kinetics_builder.files import file_sha256
from kinetics_builder.formats.cells import cells
from kinetics_builder.formats.output import csv_line
from kinetics_builder.formats.problems import Problems
from kinetics_builder.workspace import Workspace
from pipelines.publishing.folders.broken import check_folder
from pipelines.publishing.folders.errata import ERRATA
from pipelines.publishing.folders.facts import STATISTICS
from pipelines.publishing.folders.folder import SUMS, building, publish
from pipelines.publishing.folders.line_marks import LINES, note_lines
from pipelines.publishing.folders.names import record_release

_OLD = ".old"


@contextmanager
def replacing(workspace: Workspace, folder: Path) -> Iterator[Path]:
    """Give an empty folder, which takes the place and the name of a release when the block ends.

    Raises:
        WorkspaceError: The release is not as it was made, or another run is writing.

    """
    check_folder(folder)
    with building(workspace.releases) as built:
        yield built
        note_lines(built, workspace.root / LINES / folder.name)
        old = folder.with_name(f".{folder.name}{_OLD}")
        folder.rename(old)
        publish(built, folder)
    shutil.rmtree(old)
    record_release(workspace, folder, file_sha256(folder / SUMS))


def bring_back(releases: Path) -> None:
    """Give releases their names again that a killed run had moved aside."""
    for old in releases.glob(f".*{_OLD}"):
        folder = old.with_name(old.name.removeprefix(".").removesuffix(_OLD))
        if folder.exists():
            shutil.rmtree(old)
        else:
            old.rename(folder)


def keep_rows(
    path: Path, stays: Callable[[Sequence[str]], bool], *, has_header: bool = True
) -> int:
    """Leave those rows of a list that stay, and return how many; no list is no fault.

    Raises:
        FormatError: A row that cannot be read. The list is as it was.

    """
    if not path.is_file():
        return 0
    rows = list(cells(path, Problems(path), may_be_empty=True))
    head, rows = (rows[:1], rows[1:]) if has_header else ([], rows)
    left = [row for row in rows if stays(row)]
    path.write_text("".join(map(csv_line, [*head, *left])), "utf-8")
    return len(left)


def tell_rewritten(built: Path, what: str) -> None:
    """Say in the README that a release was rewritten, once."""
    readme = built / "README.md"
    said = readme.read_text("utf-8")
    if _HEADING not in said:
        readme.write_text(said + _TOLD.format(what), "utf-8")


_HEADING = "\n## Rewritten\n"
_TOLD = f"""{_HEADING}
{{}} taken down after this was released: `{ERRATA}`. All files but this one are without them;
the numbers above are those of the first release, `{STATISTICS}` has those of now.
"""
