"""Those texts of a release that have a line or more for each clip, written as clips go by."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from kinetics_builder.formats.manifest import HEADER, manifest_rows
from kinetics_builder.formats.output import csv_line, write_lines, writing_text
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.storage.storage import Storage
from pipelines.publishing.contents import Page
from pipelines.publishing.facts import TERM_COLUMNS, TERMS, terms_rows
from pipelines.publishing.given import VOTES
from pipelines.publishing.line_marks import note_lines
from pipelines.publishing.placing import placing
from pipelines.publishing.processes import Beside
from pipelines.publishing.split_files import writing_splits

SOURCES, CLIP_SUMS, MARKS = "sources", "sums", "lines"
"""Beside the folder that is built: of each clip, in the manifest's order, the path of its file in
the workspace, and its line of the checksums; the marks of lines that are known by then."""
SPLIT_FILES = tuple(f"{split}.{ending}" for split in SPLITS for ending in ("csv", "json"))
MANY = 10_000
"""Clips that are worth a process."""
_COLUMNS = (*HEADER, "url", "licence_kind", "source")
"""What of clips is needed."""

Add = Callable[[Page], object]
"""Takes some clips."""


@contextmanager
def writing_texts(folder: Path, storage: Storage | None = None) -> Iterator[Add]:
    """Give what writes the texts, and places the clips' files if it is told where they are."""
    with ExitStack() as stack:
        adds: list[Add] = [
            stack.enter_context(writing_splits(folder)),
            stack.enter_context(writing(folder / MANIFEST, manifest_rows, HEADER)),
            stack.enter_context(writing(folder / TERMS, terms_rows, TERM_COLUMNS)),
            stack.enter_context(writing(folder.parent / SOURCES, lambda page: page["source"])),
            stack.enter_context(writing(folder.parent / CLIP_SUMS, _sums_rows)),
        ]
        if storage is not None:
            adds.append(stack.enter_context(placing(storage, folder)))

        def add(page: Page) -> None:
            for one in adds:
                one(page)

        yield add


@contextmanager
def texts_beside(folder: Path, storage: Storage | None) -> Iterator[Beside]:
    """Give a process that does the same, and then marks the lines of these texts and of `VOTES`."""
    names = (MANIFEST, TERMS, VOTES, *SPLIT_FILES)
    beside = Beside(
        partial(writing_texts, folder, storage),
        partial(note_lines, folder, folder.parent / MARKS, names=names),
        f"writes a release to {folder.parent.parent}. Release again",
    )
    try:
        yield beside
    finally:
        beside.end()


def needed(page: Page) -> Page:
    """Return the columns that the texts are made of."""
    return {name: page[name] for name in _COLUMNS}


@contextmanager
def writing(
    path: Path, rows: Callable[[Page], Iterable[str]], header: Sequence[str] = ()
) -> Iterator[Add]:
    """Give what writes the lines of clips below a header."""
    with writing_text(path) as file:
        if header:
            file.write(csv_line(header))

        def add(page: Page) -> None:
            write_lines(file, rows(page))

        yield add


def _sums_rows(page: Page) -> Iterable[str]:
    return map("  ".join, zip(page["sha256"], page["file"], strict=True))
