"""Verb `releases list`: which releases a workspace has, and what is to be known of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.formats.datasheet.sheet import SHEET
from kinetics_builder.workspace import Workspace
from pipelines.publishing.checking import open_answers
from pipelines.publishing.folders.errata import read_errata
from pipelines.publishing.folders.folder import SUMS, listed_files
from pipelines.publishing.folders.handing_over import SIGNATURE
from pipelines.publishing.kinds import known_kind, releases_of


@dataclass(frozen=True, slots=True)
class ListedRelease:
    """A release, as far as a glance tells."""

    name: str
    noun: str
    """What it is a release of."""
    num_files: int
    """That its checksums list."""
    is_signed: bool
    num_open: int
    """Questions of its datasheet that nobody has answered; all where there is no sheet."""
    num_errata: int
    """Rows beside it."""

    def notes(self) -> Iterator[str]:
        """Yield what is to be known, in words."""
        yield f"{self.num_files} files"
        yield "signed" if self.is_signed else "not signed"
        if self.num_open:
            yield f"{self.num_open} open in {SHEET}"
        if self.num_errata:
            yield f"{self.num_errata} in the errata"


def list_releases(workspace: Workspace) -> list[ListedRelease]:
    """Return the releases, the one made, or found again, last first; no file is read whole."""
    return [_listed(folder) for folder in releases_of(workspace)]


def _listed(folder: Path) -> ListedRelease:
    sums = folder / SUMS
    return ListedRelease(
        name=folder.name,
        noun=known_kind(folder).noun,
        num_files=len(listed_files(folder)) if sums.is_file() else 0,
        is_signed=(folder / SIGNATURE).is_file(),
        num_open=len(open_answers(folder)),
        num_errata=len(read_errata(folder)[1]),
    )
