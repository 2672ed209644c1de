"""The table of a release, `clips.parquet`: all that is known of a clip, one row each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import MISSING, dataclass, fields
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.formats import parquet

if TYPE_CHECKING:
    import pyarrow

TABLE = "clips.parquet"

Print = bytes
"""`bytes` is also the name of a column."""


@dataclass(frozen=True, slots=True)
class ReleasedClip:
    """One clip of a release."""

    label: str
    youtube_id: str
    url: str
    """Of the video's page; empty for one that came as a file."""
    time_start: int
    """Whole seconds, as the Kinetics CSV has them."""
    time_end: int
    start_seconds: float
    """Where it was cut, seconds from the start of the video."""
    end_seconds: float
    split: str
    file: str
    bytes: int
    sha256: str
    duration_seconds: float
    width: int
    height: int
    frames_per_second: float
    num_frames: int
    posterior: float | None
    """Probability that the clip shows its class, by people's answers; None without any."""
    num_yes: int
    num_no: int
    num_unsure: int
    num_bad: int
    agreement: float | None
    """Share of the answers that are yes; None without any."""
    is_ruled: bool
    """Whether the owner decided, whatever people answered."""
    whole_clip: bool
    licence: str
    """As the site states it; empty where it states none."""
    licence_kind: str
    """Such as cc-by; `other`, or empty where none is stated."""
    uploader: str
    """A keyed hash: equal for clips of one uploader; empty where that is not known."""
    group: str
    """A keyed hash: equal for clips that no two splits may share."""
    video_sha256: str
    """Of the video's file."""
    video_codec: str
    video_width: int | None
    video_height: int | None
    video_frames_per_second: float | None
    has_audio: bool | None
    fingerprint: Print | None
    """What its pictures look like, as `kbuild deduplicate` compares it."""
    language: str = ""
    """What is spoken in the video, as its site says; empty where it does not."""
    country: str = ""
    """The uploader's, as the site says; empty where it does not."""


def columns() -> Mapping[str, str]:
    """Return pyarrow's type of each column, by name."""
    return parquet.types_of(ReleasedClip)


def write_released(path: Path, clips: Iterable[ReleasedClip]) -> None:
    """Write the rows in the order they come."""
    names = list(columns())
    cells = attrgetter(*names)
    parquet.write(path, columns(), (dict(zip(names, cells(clip), strict=True)) for clip in clips))


def writing_released(path: Path) -> AbstractContextManager[Callable[[parquet.Some], None]]:
    """Give a function that adds rows by column; the file is there when the block ends well."""
    return parquet.writing(path, columns())


def read_released_clips(path: Path) -> Iterator[ReleasedClip]:
    """Yield the rows; raises as `released_pages`."""
    names = list(columns())
    for page in released_pages(path, names):
        yield from (ReleasedClip(*cells) for cells in zip(*page.values(), strict=True))


def released_batches(path: Path, names: Sequence[str]) -> Iterator["pyarrow.RecordBatch"]:
    """Yield these columns of the rows, many at a time; raises as `released_pages`."""
    return parquet.batches(path, names)


def released_pages(path: Path, names: Sequence[str] = ()) -> Iterator[dict[str, list[Any]]]:
    """Yield the rows, many at a time, as lists by column; all columns, or these.

    What releases did not tell when this one was made is empty.

    Raises:
        FormatError: It is no Parquet file, or lacks a column.

    """
    return parquet.pages(path, names or list(columns()), since=_SINCE)


_SINCE = {one.name: one.default for one in fields(ReleasedClip) if one.default is not MISSING}
"""Columns that older releases lack, each with what stands for it."""
