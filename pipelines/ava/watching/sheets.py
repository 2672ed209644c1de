"""What files of boxes say of films: truth, detections, or both."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from kinetics_builder.ava.sightings import Sheet, sheet_of, twice_at_once
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.errors import ConfigError
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.registry import find_format
from pipelines.ava.frame_sizes import SizesSeen
from pipelines.converting.checks import opening
from pipelines.converting.convert import Listeners


class Side(StrEnum):
    """Whose word a box is."""

    TRUTH = "truth"
    DETECTIONS = "detections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The files to read, and what they do not say of themselves."""

    truth: Path | None = None
    truth_format: str = "ava"
    detections: Path | None = None
    detections_format: str = "ava-detections"
    label_map: Path | None = None
    """Names of the actions; without one those of AVA's 80."""
    frame_size: tuple[int, int] | None = None
    is_stretched: bool = False
    """Whether boxes were drawn on whole pictures that were stretched to another shape."""
    frames_per_second: float | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.truth is None and self.detections is None:
            raise ConfigError("There is nothing to show: give --truth FILE, --detections FILE.")

    def given(self) -> dict[Side, tuple[Path, str]]:
        """Return the files that are given, with their formats."""
        files = {
            Side.TRUTH: (self.truth, self.truth_format),
            Side.DETECTIONS: (self.detections, self.detections_format),
        }
        return {side: (path, name) for side, (path, name) in files.items() if path is not None}

    @property
    def named(self) -> str:
        """The files' names, as a message calls them."""
        return " and ".join(str(path) for path, _ in self.given().values())


@dataclass(frozen=True, slots=True)
class Read:
    """What the files say, by side and by the video's name."""

    captions: dict[str, str]
    """What is written for an action on a picture, where that is not its name."""
    sheets: dict[Side, dict[str, Sheet]] = field(default_factory=dict)
    num_rows_of_others: Counter[str] = field(default_factory=Counter)
    """Rows of videos that nobody wanted, by their names."""
    sizes: SizesSeen = field(default_factory=SizesSeen)
    """Of the frames on which boxes were drawn, as the files state them."""

    def of(self, names: Collection[str]) -> dict[Side, Sheet]:
        """Return what is said of a video under the first of its names that a file knows."""
        found = {}
        for side, sheets in self.sheets.items():
            known = [sheets[name] for name in names if name in sheets]
            found[side] = known[0] if known else Sheet()
        return found


def read_sheets(sources: Sources, wanted: Collection[str], listeners: Listeners) -> Read:
    """Read what the files say of the videos of these names.

    Bad rows and oddities are told to the listeners, and so is a person with two boxes at one
    key frame.

    Raises:
        FormatError: A file as a whole cannot be read, or is of no format of boxes.

    """
    problems_of = listeners.problems
    label_map = None
    if sources.label_map is not None:
        label_map = read_label_map(sources.label_map, problems_of(sources.label_map), first_id=1)
    names = (label_map or ava_vocabulary().label_map()).names
    read = Read(captions=captions_of(names.values()))
    options = Options(
        labels=label_map,
        frame_size=sources.frame_size,
        frames_per_second=sources.frames_per_second,
        encoding=sources.encoding,
        on_frame_size=None if sources.is_stretched else read.sizes,
    )
    for side, (path, name) in sources.given().items():
        boxes = _boxes(readable(name), path, options, problems_of, set(wanted), read)
        sheets = {video: sheet_of(rows, names) for video, rows in boxes.items()}
        read.sheets[side] = sheets
        _tell_of_twice(sheets, problems_of(path))
    return read


def captions_of(names: Collection[str]) -> dict[str, str]:
    """Return names without what their brackets explain, where that does not make two the same.

    >>> captions_of(["sit", "hold (an object)", "watch (a person)", "watch (e.g., TV)"])
    {'hold (an object)': 'hold'}
    """
    short = {name: name.partition(" (")[0].strip() or name for name in names}
    counts = Counter(short.values())
    return {name: one for name, one in short.items() if one != name and counts[one] == 1}


def readable(name: str) -> Format:
    """Return the format of boxes of that name; FormatError for another one."""
    return find_format(name, Kind.BOXES)


def _boxes(
    one: Format,
    path: Path,
    options: Options,
    problems_of: Callable[[Path], Problems],
    wanted: set[str],
    read: Read,
) -> dict[str, list[Box]]:
    found: dict[str, list[Box]] = {}
    assert one.read is not None
    with opening(one, path):
        for box in one.read(path, options, problems_of(path)):
            if box.video_id in wanted:
                found.setdefault(box.video_id, []).append(box)
            else:
                read.num_rows_of_others[box.video_id] += 1
    return found


def _tell_of_twice(sheets: dict[str, Sheet], problems: Problems) -> None:
    for video, sheet in sheets.items():
        if twice := twice_at_once(sheet):
            problems.item = f"{video} at {twice[0].time_seconds:g} s"
            problems.warning(
                f"the person {twice[0].person} has two boxes: none of the {len(twice)} boxes that "
                "stand so is followed to the next key frame"
            )
