"""A released file: which videos and stretches its rows name, and where those lie on the web."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from kinetics_builder.config import settings_hash
from kinetics_builder.errors import FormatError
from kinetics_builder.files import file_sha256
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.problems import Listener, Problems
from kinetics_builder.formats.records import Box, Clip, Kind
from kinetics_builder.formats.registry import find_format
from kinetics_builder.formats.splits import split_of_file
from pipelines.converting.checks import opening
from pipelines.sources.ids import safe_id

FORMATS = (
    *("kbuild-manifest", "kinetics", "hacs-clips", "charades", "ava"),
    *("activitynet", "hacs-segments", "finegym", "resnets3d-json", "kinetics-json"),
)
"""Of the web's videos. Where none is named, the first that can read the file's first rows."""

_NUM_TRIED = 20
_ROWS_AT_ONCE = 5000
_YOUTUBE = re.compile(r"(?:v_)?([A-Za-z0-9_-]{11})")
"""An id of YouTube; mmaction2 and others write v_ before those of ActivityNet."""

_ANY = re.compile(r"[A-Za-z0-9_.-]+")
"""An id of another place; `#NAME?` of a spreadsheet is none."""

Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Row:
    """What a row of a released file says, in any format."""

    video_id: str | None
    """As the workspace calls the video; None where the row names none of the web."""
    address: str
    named: str
    """The id as the file has it."""
    stretch: Stretch | None
    """In seconds of the video; None for all of it."""
    moment: float | None
    """What must lie in a video that is kept whole, in seconds: a key frame, or where the stretch
    begins."""
    label: str
    split: str
    """Empty where the file says none."""


@dataclass(frozen=True, slots=True)
class Released:
    """A released file, and what it does not say of itself."""

    path: Path
    format: Format
    options: Options = field(default_factory=Options)
    address: str | None = None
    """Where its videos lie, with `{id}` in place of an id; None: where YouTube or the file says."""
    is_whole: bool = False
    """Whether videos are kept whole, whatever stretches the rows name."""

    @property
    def is_of_films(self) -> bool:
        """Whether its rows are key frames of films, which are kept whole."""
        return self.format.kind is Kind.BOXES

    @property
    def version(self) -> str:
        """What changes with the file's bytes and with how it is read."""
        said = (self.format.name, self.address, self.options.split, self.options.encoding)
        whole = ["whole"] if self.is_whole else []
        return settings_hash(file_sha256(self.path), *said, *whole)

    def records(self, problems: Problems) -> Iterator[Clip | Box]:
        """Yield what the file holds.

        Raises:
            FormatError: It is not there or of another format; or a bad row, where nobody listens.

        """
        assert self.format.read is not None
        with opening(self.format, self.path):
            yield from self.format.read(self.path, self.options, problems)

    def row_of(self, record: Clip | Box) -> Row:
        """Return what a record says that is wanted."""
        named, address = record.video_id, self._address(record)
        is_of_youtube = self.address is None and _YOUTUBE.fullmatch(named)
        video_id: str | None = is_of_youtube[1] if is_of_youtube else safe_id(named)
        if isinstance(record, Box):
            number = "" if record.action_id is None else f"action {record.action_id}"
            label, stretch, moment = record.label or number, None, record.timestamp_seconds
            split = split_of_file(self.path, self.options)
        else:
            label, stretch, moment = record.label or "", _stretch(record), None
            split = record.split
            if self.is_whole and stretch is not None:
                moment, stretch = stretch[0], None
        video_id = video_id if address else None
        return Row(video_id, address, named, stretch, moment, label, split or "")

    def _address(self, record: Clip | Box) -> str:
        if self.address is not None:
            is_id = _ANY.fullmatch(record.video_id)
            return self.address.replace("{id}", record.video_id) if is_id else ""
        if found := _YOUTUBE.fullmatch(record.video_id):
            return f"https://www.youtube.com/watch?v={found[1]}"
        url = str(record.details.get("url") or "")
        return url if _is_of_the_web(url) else ""


@dataclass
class Wanted:
    """The videos and stretches that some rows of a released file name."""

    num_rows: int = 0
    addresses: dict[str, str] = field(default_factory=dict)
    """By video."""
    stretches: set[tuple[str, float | None, float | None]] = field(default_factory=set)
    """Videos with times; both None for all of it."""


def find_released(
    path: Path,
    name: str | None = None,
    options_for: Callable[[Format], Options] = lambda _: Options(),
    address: str | None = None,
    *,
    is_whole: bool = False,
) -> Released:
    """Return a released file in the format of that name, or in one that can read it.

    Raises:
        FormatError: The file is not there, nothing can read it, or the format holds no videos;
            or `address` is no place of the web.

    """
    if address is not None and not ("{id}" in address and _is_of_the_web(address)):
        raise FormatError(
            f"--address {address!r}: expected http or https with {{id}} in place of a video's id."
        )
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "is not there"
        raise FormatError(f"{path} {found}. Name a released file, as train.csv of Kinetics.")
    if name is not None:
        one = find_format(name)
        if one.kind not in (Kind.CLIPS, Kind.BOXES) or one.read is None or one.write is None:
            raise FormatError(
                f"{name} holds no rows that could be restored. Of the web's videos speak: "
                f"{', '.join(FORMATS)}."
            )
        return Released(path, one, options_for(one), address, is_whole)
    likely = "activitynet" if ".json" in path.suffixes else "kinetics"
    furthest: tuple[int, bool, str] = (-1, False, "")
    for one in map(find_format, FORMATS):
        released = Released(path, one, options_for(one), address, is_whole)
        num_read, error = _tried(released)
        if error is None:
            return released
        furthest = max(furthest, (num_read, one.name == likely, error))
    raise FormatError(
        f"{path}: no format that names videos can read it. {furthest[-1]} "
        f"Give --format NAME if it is another than {', '.join(FORMATS)}."
    )


def read_wanted(released: Released, on_warning: Listener | None = None) -> Iterator[Wanted]:
    """Yield what a released file names, so many rows at a time.

    Raises:
        FormatError: A row cannot be read; or, at the end, no row names a video of the web.

    """
    problems = Problems(released.path, on_warning=on_warning)
    first, is_any = "", False
    for records in batches(released.records(problems)):
        wanted = Wanted()
        for record in records:
            row = released.row_of(record)
            wanted.num_rows += 1
            if row.video_id is None:
                first = first or row.named
                text = f"{row.named!r} is the id of no video of the web: the row is missing"
                problems.warning(text)
                continue
            wanted.addresses.setdefault(row.video_id, row.address)
            wanted.stretches.add((row.video_id, *(row.stretch or (None, None))))
        is_any = is_any or bool(wanted.addresses)
        yield wanted
    if not is_any:
        found = f"its first id is {first!r}" if first else "it has no rows"
        raise FormatError(
            f"{released.path}: read as {released.format.name}, it names no video of the web "
            f"({found}). Expected ids of YouTube; for others give --address with {{id}} in it."
        )


def batches(records: Iterable[Clip | Box]) -> Iterator[list[Clip | Box]]:
    """Yield so many records at a time as are looked up together."""
    source = iter(records)
    while batch := list(islice(source, _ROWS_AT_ONCE)):
        yield batch


def _tried(released: Released) -> tuple[int, str | None]:
    """Return how many of the first records a format reads, and what is wrong with the next."""
    number = 0
    try:
        for _ in islice(released.records(Problems(released.path)), _NUM_TRIED):
            number += 1
    except FormatError as error:
        return number, f"As {released.format.name}: {error}"
    return number, None if number else f"As {released.format.name}: it has no rows."


def _stretch(clip: Clip) -> Stretch | None:
    """Return a clip's times; None for a whole video, and for a stretch without length."""
    start, end = clip.start_seconds, clip.end_seconds
    return (start, end) if start is not None and end is not None and start < end else None


def _is_of_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
