"""Those texts of a release that have a line or more for each clip, written as clips go by."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kinetics_builder.formats.column_lines import Texts, as_lines, joined
from kinetics_builder.formats.manifest import HEADER, manifest_texts
from kinetics_builder.formats.output import csv_line, writing_bytes
from kinetics_builder.formats.parquet import as_batch
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE, columns, writing_released
from kinetics_builder.storage.storage import Storage
from pipelines.publishing.contents import Page
from pipelines.publishing.facts import TERM_COLUMNS, TERMS, terms_texts
from pipelines.publishing.given import VOTES
from pipelines.publishing.line_marks import note_lines
from pipelines.publishing.placing import placing
from pipelines.publishing.processes import Beside
from pipelines.publishing.split_files import writing_splits

if TYPE_CHECKING:
    import pyarrow

T = TypeVar("T")

SOURCES, CLIP_SUMS, MARKS = "sources", "sums", "lines"
"""Beside the folder that is built: of each clip, in the manifest's order, the path of its file in
the workspace, and its line of the checksums; the marks of lines that are known by then."""
SPLIT_FILES = tuple(f"{split}.{ending}" for split in SPLITS for ending in ("csv", "json"))
MANY = 10_000
"""Clips that are worth a process."""
_COLUMNS = {**columns(), "source": "string"}
"""What of clips is needed."""


@contextmanager
def writing_texts(
    folder: Path, storage: Storage | None = None
) -> Iterator[Callable[["pyarrow.RecordBatch"], None]]:
    """Give what writes table and texts, and places clips' files if it is told where they are."""
    with ExitStack() as stack:
        adds: list[Callable[[pyarrow.RecordBatch], object]] = [
            stack.enter_context(writing_released(folder / TABLE)),
            stack.enter_context(writing_splits(folder)),
            stack.enter_context(writing(folder / MANIFEST, manifest_texts, HEADER)),
            stack.enter_context(writing(folder / TERMS, terms_texts, TERM_COLUMNS)),
            stack.enter_context(writing(folder.parent / SOURCES, lambda clips: clips["source"])),
            stack.enter_context(writing(folder.parent / CLIP_SUMS, _sums_texts)),
        ]
        if storage is not None:
            adds.append(stack.enter_context(placing(storage, folder)))

        def add(clips: "pyarrow.RecordBatch") -> None:
            for one in adds:
                one(clips)

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


def needed(page: Page) -> "pyarrow.RecordBatch":
    """Return the columns that table and texts are made of."""
    return as_batch(page, _COLUMNS)


@contextmanager
def writing(
    path: Path, texts: Callable[[T], Texts], header: Sequence[str] = ()
) -> Iterator[Callable[[T], None]]:
    """Give what writes the lines of clips below a header."""
    with writing_bytes(path) as file:
        if header:
            file.write(csv_line(header).encode())

        def add(clips: T) -> None:
            file.write(as_lines(texts(clips)))

        yield add


def _sums_texts(clips: "pyarrow.RecordBatch") -> Texts:
    return joined([clips["sha256"], clips["file"]], "  ")
