"""The tables of a release of films: a row a label, a row a key frame, a row a film."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kinetics_builder.formats import parquet

TABLES_OF_LABELS = "labels_{}.parquet"
"""{} stands for train, val or test."""
KEY_FRAMES = "key_frames.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedLabel:
    """What a person does at a key frame, or that nobody does anything there.

    The rows are those of AVA's file of the split, in its order.
    """

    video_id: str
    timestamp: float
    """Seconds, as the rows of AVA's file have them."""
    x1: float | None = None
    """Corners as shares of the frame; None, as all of the person, where there is no box."""
    y1: float | None = None
    x2: float | None = None
    y2: float | None = None
    action_id: int | None = None
    action: str = ""
    """Its name; empty where there is no box."""
    action_type: str = ""
    """pose, object or person."""
    person_id: int | None = None
    split: str
    num_yes: int | None = None
    """Votes on the action; None where there is no box."""
    num_no: int | None = None
    """Votes that were not yes."""
    num_named: int | None = None
    """People who named the action before it was voted on."""
    action_by: str = ""
    """Who says so: people, or a file (then nobody has confirmed it)."""
    box_by: str = ""
    """Who says that somebody is there: people, a file or a machine."""
    person_by: str = ""
    """Who says whose the box is."""
    file: str
    """Of the film, in the release."""
    file_seconds: float
    """Where in the file the key frame is."""


@dataclass(frozen=True, slots=True)
class ReleasedKeyFrame:
    """A moment of a film that people were asked about."""

    video_id: str
    timestamp: float
    split: str
    is_excluded: bool
    """Whether it counts neither for nor against a result."""
    num_boxes: int
    num_labels: int
    file: str
    file_seconds: float


@dataclass(frozen=True, slots=True)
class ReleasedFilm:
    """A film; `start_seconds` is where its file begins on the time line of the rows."""

    video_id: str
    file: str
    start_seconds: float
    split: str
    duration_seconds: float
    """Of the whole film."""
    licence: str
    url: str = ""
    """Of its page of the web; empty for one that came as a file."""


_COLUMNS = parquet.types_of(ReleasedLabel)


def writing_labels(path: Path) -> AbstractContextManager[Callable[[parquet.Columns], None]]:
    """Give a function that adds labels by column; the file is there when the block ends well."""
    return parquet.writing(path, _COLUMNS)


def as_columns(labels: Sequence[ReleasedLabel]) -> dict[str, list[Any]]:
    """Return labels by column."""
    return {
        one.name: [getattr(label, one.name) for label in labels] for one in fields(ReleasedLabel)
    }


def read_labels(path: Path) -> Iterator[ReleasedLabel]:
    """Yield the labels of a table.

    Raises:
        FormatError: It is no Parquet file, or lacks a column.

    """
    for page in parquet.pages(path, list(_COLUMNS)):
        for cells in zip(*page.values(), strict=True):
            yield ReleasedLabel(**dict(zip(page, cells, strict=True)))
