"""What a format is: a name, a kind, a reader and a writer."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Kind
from kinetics_builder.formats.sound import sound, writable


class StatedSize(NamedTuple):
    """The size of a video's frames, and where it is stated."""

    video_id: str
    width: int
    height: int
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a file does not say of itself."""

    labels: LabelMap | None = None
    """The classes, for formats that write numbers where others write names."""
    frame_size: tuple[int, int] | None = None
    """Width and height in pixels, for formats that write boxes in pixels."""
    frames_per_second: float | None = None
    """For formats that count frames."""
    split: str | None = None
    """The split of all rows of a file that does not name one (train, validate, test)."""
    split_number: int | None = None
    """Which of its splits, counted from 1, of a dataset that has several (HMDB51)."""
    media: Path | None = None
    """The folder of the video files, for formats that carry or point to them."""
    num_shards: int | None = None
    """How many shards each split is dealt out to; by their size without it (WebDataset)."""
    encoding: str | None = None
    """The file's text encoding; UTF-8, or what its byte order mark says, without it."""
    on_frame_size: Callable[[StatedSize], None] | None = None
    """Is told of the frames on which the boxes of a video were drawn, wherever their size stands;
    of one video again and again."""

    def need_labels(self, format_name: str) -> LabelMap:
        """Return the label map, or say that this format cannot do without."""
        if self.labels is None:
            raise ConfigError(
                f"{format_name} writes classes by number and needs to know them: "
                "give --label-map FILE."
            )
        return self.labels

    def labels_from_zero(self, format_name: str) -> LabelMap | None:
        """Return the label map, if there is one; ConfigError if its numbers count from 1."""
        if self.labels is not None and self.labels.counts_from_one:
            raise ConfigError(
                f"the label map counts its {len(self.labels)} classes from 1, and {format_name} "
                "counts from 0: subtract 1 from each number, or give the names alone."
            )
        return self.labels

    def need_frame_size(self, format_name: str) -> tuple[int, int]:
        """Return (width, height), or say that this format cannot do without."""
        if self.frame_size is None:
            raise ConfigError(
                f"{format_name} counts in pixels and needs the size of the frames: "
                "give --frame-size WIDTHxHEIGHT."
            )
        return self.frame_size

    def need_frames_per_second(self, format_name: str) -> float:
        """Return the frame rate, or say that this format cannot do without."""
        if self.frames_per_second is None:
            raise ConfigError(f"{format_name} counts frames and needs their rate: give --fps N.")
        return self.frames_per_second

    def need_media(self, format_name: str) -> Path:
        """Return the folder of the video files, or say that this format cannot do without."""
        if self.media is None:
            raise ConfigError(f"{format_name} carries the video files: give --media FOLDER.")
        return self.media


class Reader(Protocol):
    """Yields a file's records, one at a time; tells of bad rows and goes on behind them.

    Raises:
        FormatError: The file as a whole is not of this format (header, JSON syntax, empty).

    """

    def __call__(self, path: Path, options: Options, problems: Problems) -> Iterator[Any]:
        """Open `path` and yield what it holds."""
        ...


class Writer(Protocol):
    """Writes records as they come; what the format cannot say is told of, never dropped."""

    def __call__(
        self, path: Path, records: Iterable[Any], options: Options, problems: Problems
    ) -> None:
        """Write `records` to `path`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write a dataset down."""

    name: str
    """As `--from` and `--to` spell it."""
    kind: Kind
    what: str
    """One line: which dataset or tool, and which of its files."""
    source: str
    """Where the format is defined: the official file, page or code."""
    traps: str
    """What to know before using it; one or two sentences."""
    read: Reader | None = None
    write: Writer | None = None
    is_folder: bool = False
    """Whether the path names a folder."""
    has_negatives: bool = False
    """Whether a clip may say that its label is not to be seen in it (`is_positive` False)."""
    may_hold_things: bool = False
    """Whether the label of a box may be a detector's category, and so no action but a thing."""
    may_run_backwards: bool = False
    """Whether a clip may end before it starts: the official code of the dataset takes it so."""

    def __post_init__(self) -> None:
        """Put the door that all formats share before the reader and the writer."""
        if self.read is not None:
            object.__setattr__(self, "read", partial(_read_sound, self.read))
        if self.write is not None:
            writer = partial(_write_sound, self.write, self.may_run_backwards)
            object.__setattr__(self, "write", writer)


def _read_sound(read: Reader, path: Path, options: Options, problems: Problems) -> Iterator[Any]:
    return sound(read(path, options, problems), problems)


def _write_sound(
    write: Writer,
    may_run_backwards: bool,
    path: Path,
    records: Iterable[Any],
    options: Options,
    problems: Problems,
) -> None:
    known = writable(records, problems, may_run_backwards=may_run_backwards)
    write(path, known, options, problems)
