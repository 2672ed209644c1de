"""What of a release has a row or more for each clip, written as clips go by: table and texts."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kinetics_builder.formats.column_lines import Texts, as_lines, joined
from kinetics_builder.formats.manifest import HEADER, manifest_texts
from kinetics_builder.formats.output import csv_line, writing_bytes
from kinetics_builder.formats.records import SPLITS
from kinetics_builder.formats.release_files import MANIFEST
from kinetics_builder.formats.released_clips import TABLE, writing_released
from kinetics_builder.storage.storage import Storage
from pipelines.publishing.clips.completing import Completing, Some
from pipelines.publishing.clips.given import VOTE_COLUMNS, VOTES
from pipelines.publishing.clips.heard import Heard
from pipelines.publishing.clips.placing import (
    ToPlace,
    first_of_each_file,
    place_clips,
    rows_to_place,
)
from pipelines.publishing.clips.split_files import writing_splits
from pipelines.publishing.clips.terms import TERM_COLUMNS, TERMS, terms_texts
from pipelines.publishing.folders.line_marks import note_lines
from pipelines.publishing.folders.processes import Beside
from pipelines.publishing.folders.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    import pyarrow

T = TypeVar("T")

SOURCES, CLIP_SUMS, MARKS = "sources", "sums", "lines"
"""Beside the folder that is built: of each clip, in the manifest's order, the path of its file in
the workspace, and its line of the checksums; the marks of lines that are known by then."""
SPLIT_FILES = tuple(f"{split}.{ending}" for split in SPLITS for ending in ("csv", "json"))
MANY = 10_000
"""Clips that are worth a process."""

Take = Callable[[Heard | Some], object]
"""Takes the answers, then clips."""


@contextmanager
def writing_clips(
    folder: Path, pseudonyms: Pseudonyms, storage: Storage | None = None
) -> Iterator[Take]:
    """Give what writes table and texts, and places files that are to be placed from `storage`."""
    completing = Completing(pseudonyms)
    with (
        _writing_completed(folder) as add,
        writing(folder / VOTES, completing.votes, VOTE_COLUMNS) as add_votes,
    ):

        def take(told: Heard | Some) -> None:
            if isinstance(told, Heard):
                completing.hear(told)
            else:
                add(completing.completed(told.clips))
                add_votes(told.asked)
                if storage is not None and told.to_place is not None:
                    place_clips(storage, folder, rows_to_place(told.to_place))

        yield take


@contextmanager
def _writing_completed(folder: Path) -> Iterator[Callable[["pyarrow.RecordBatch"], None]]:
    with ExitStack() as stack:
        adds: list[Callable[[pyarrow.RecordBatch], object]] = [
            stack.enter_context(writing_released(folder / TABLE)),
            stack.enter_context(writing_splits(folder)),
            stack.enter_context(writing(folder / MANIFEST, manifest_texts, HEADER)),
            stack.enter_context(writing(folder / TERMS, terms_texts, TERM_COLUMNS)),
            stack.enter_context(writing(folder.parent / SOURCES, _sources)),
            stack.enter_context(writing(folder.parent / CLIP_SUMS, _sums_texts)),
        ]

        def add(clips: "pyarrow.RecordBatch") -> None:
            for one in adds:
                one(clips)

        yield add


class ClipsBeside:
    """A process that does the same, and then marks the lines of these texts.

    Where it is behind, whoever would have to wait for it places files in its stead.
    """

    def __init__(
        self, process: Beside[Heard | Some], place: Callable[[Iterable[ToPlace]], None] | None
    ) -> None:
        """Take the process, and what places files if they are to be placed."""
        self.process, self._place = process, place
        self._placed = set[str]()

    def take(self, told: Heard | Some) -> None:
        """Let it take the answers, then clips."""
        if self._place is not None and isinstance(told, Some):
            new = first_of_each_file(told.clips, self._placed)
            if self.process.is_behind:
                self._place(rows_to_place(new))
            else:
                told = replace(told, to_place=new)
        self.process.add(told)


@contextmanager
def clips_beside(
    folder: Path, pseudonyms: Pseudonyms, storage: Storage | None
) -> Iterator[ClipsBeside]:
    """Give such a process, which is gone when the block ends."""
    names = (MANIFEST, TERMS, VOTES, *SPLIT_FILES)
    beside = Beside[Heard | Some](
        partial(writing_clips, folder, pseudonyms, storage),
        partial(note_lines, folder, folder.parent / MARKS, names=names),
        f"writes a release to {folder.parent.parent}. Release again",
    )
    try:
        place = None if storage is None else partial(place_clips, storage, folder)
        yield ClipsBeside(beside, place)
    finally:
        beside.end()


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


def _sources(clips: "pyarrow.RecordBatch") -> Texts:
    return clips["source"]


def _sums_texts(clips: "pyarrow.RecordBatch") -> Texts:
    return joined([clips["sha256"], clips["file"]], "  ")
