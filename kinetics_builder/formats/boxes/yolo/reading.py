"""Reading YOLO's text files: what people drew, and what Ultralytics found or followed."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.attributes import PERSON, person_number
from kinetics_builder.formats.boxes.frames import as_frame, as_number
from kinetics_builder.formats.boxes.names import frame_of_file
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.boxes.shapes import Shape, boxes_of
from kinetics_builder.formats.boxes.sizes import tell_size
from kinetics_builder.formats.boxes.yolo.pictures import picture_of, size_of_picture
from kinetics_builder.formats.boxes.yolo.writing import FOLDERS, NAME, write
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.media import files_below
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.formats.text import lines, open_text

_LISTS = ("classes.txt", "labels.txt", "train.txt", "val.txt", "valid.txt", "test.txt")
"""Text files of such folders that hold no boxes."""
_SPLITS = (*FOLDERS, *FOLDERS.values(), "valid")
_NAMES = ("classes.txt", "obj.names")
"""Files that have the classes, one a line."""
_DECIMALS = 12


class _Frame(NamedTuple):
    """A file of boxes, and the frame that its name says."""

    video_id: str
    seconds: float
    path: Path


def read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of a folder by video and frame, and the frames without one."""
    root = _root(path)
    frames = sorted(_frames(root, options, problems))
    if not frames:
        raise FormatError(
            f"{path}: expected text files called VIDEO_000001.txt in labels/ of this folder, "
            "found none."
        )
    rows = _Rows(frames, _names(path, root, options), options, problems)
    is_told: set[str] = set()
    for frame in frames:
        if frame.video_id not in is_told and _tell_size(frame, root, options, problems):
            is_told.add(frame.video_id)
        problems.enter(frame.path)
        yield from rows.boxes(frame)


def _tell_size(frame: _Frame, root: Path, options: Options, problems: Problems) -> bool:
    """Tell of the size of a frame's picture, if it lies there; boxes are shares and need none."""
    if options.on_frame_size is None:
        return True
    picture = picture_of(frame.path, root)
    size = None if picture is None else size_of_picture(picture)
    if picture is None or size is None:
        return False
    problems.enter(picture)
    tell_size(frame.video_id, size, options, problems)
    return True


def _root(path: Path) -> Path:
    """Return the folder itself, or that of its data.yaml, which tools are given in its place."""
    if path.is_dir():
        return path
    if path.suffix in (".yaml", ".yml"):
        return path.parent
    raise FormatError(f"{path}: expected a folder with labels/, or its data.yaml.")


def _frames(root: Path, options: Options, problems: Problems) -> Iterator[_Frame]:
    rate = options.need_frames_per_second(NAME)
    labels = root / "labels"
    folder = labels if labels.is_dir() else root
    split = folder / FOLDERS.get(options.split or "", ".")
    folder = split if split.is_dir() else folder
    for file in files_below(folder):
        if file.suffix != ".txt" or file.name in _LISTS:
            continue
        first, *others = file.relative_to(folder).parts
        # A split's folder names no video.
        parts = others if others and first in _SPLITS else [first, *others]
        try:
            yield _Frame(*frame_of_file("/".join(parts), rate), file)
        except ValueError as error:
            problems.enter(file)
            problems.error(str(error))


def _names(path: Path, root: Path, options: Options) -> list[str]:
    """Return the classes from 0 on: of a YAML file, of a list, else the label map's."""
    found = [path] if path.is_file() else sorted([*root.glob("*.yaml"), *root.glob("*.yml")])
    for file in found:
        names = _names_of_yaml(file)
        if names:
            return names
    for place in (root, root / "labels"):
        for name in _NAMES:
            if (place / name).is_file():
                with open_text(place / name, options.encoding) as text:
                    return [line.strip() for line in text if line.strip()]
    if options.labels is None:
        raise FormatError(
            f"{root}: expected data.yaml (or classes.txt) with the names of the classes, found "
            "none. Put it there, or give --label-map FILE."
        )
    return [label.name for label in options.labels]


def _names_of_yaml(file: Path) -> list[str]:
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        first = str(error).split("\n")[0]
        raise FormatError(f"{file}: expected YAML: {first}.") from error
    names = told.get("names") if isinstance(told, dict) else None
    if isinstance(names, dict) and names.keys() != set(range(len(names))):
        raise FormatError(f"{file}: expected names by the numbers 0 to {len(names) - 1}.")
    if isinstance(names, dict):
        names = [names[place] for place in range(len(names))]
    found = names if isinstance(names, list) else []
    if other := [name for name in found if not isinstance(name, str | int | float)]:
        raise FormatError(f"{file}: expected names of classes, found a {type(other[0]).__name__}.")
    return [str(name) for name in found]


class _Rows:
    """Reads the rows of files of one folder."""

    def __init__(
        self, frames: Sequence[_Frame], names: list[str], options: Options, problems: Problems
    ) -> None:
        self._frames = frames
        self._names = names
        self._options = options
        self._problems = problems
        self._sixth: str | None = None

    def boxes(self, frame: _Frame) -> Iterator[Box]:
        """Yield the boxes of a file."""
        is_empty = True
        for line in lines(frame.path, self._problems, self._options.encoding):
            is_empty, self._problems.item = False, None
            try:
                cells = line.split()
                shape = self._shape(cells, frame.seconds)
                score = self._told(cells).get("score")
                number = None if score is None else as_number(score)
            except ValueError as error:
                self._problems.error(f"{error}, in {line!r}")
                continue
            for box in boxes_of(frame.video_id, shape, self._options, self._problems):
                yield box._replace(score=number)
        if is_empty:
            yield Box(frame.video_id, frame.seconds)

    def _shape(self, cells: list[str], seconds: float) -> Shape:
        if not 5 <= len(cells) <= 7:
            hint = "; a polygon's or key points' rows are no boxes" if len(cells) > 7 else ""
            raise ValueError(f"expected 5 to 7 cells, found {len(cells)}{hint}")
        number = as_frame(cells[0])
        if number >= len(self._names):
            known = f"0 to {len(self._names) - 1}"
            raise ValueError(f"expected a class from {known}, found {number}")
        x, y, width, height = map(as_number, cells[1:5])
        sides = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        name = self._names[number]
        return Shape(
            seconds,
            Corners(*(round(side, _DECIMALS) for side in sides)),
            person_number(self._told(cells).get("track")),
            () if name.lower() == PERSON else (name,),
        )

    def _told(self, cells: list[str]) -> dict[str, str]:
        """Return what stands behind the box: a score, a track's number, or both."""
        if len(cells) == 7:
            return {"score": cells[5], "track": cells[6]}
        if len(cells) == 6:
            self._sixth = self._sixth or self._what_is_sixth()
            return {self._sixth: cells[5]}
        return {}

    def _what_is_sixth(self) -> str:
        """Return what the last of six cells is in this folder, by all of them: score or track.

        Ultralytics writes a score there, or (followed, and without scores) a track's number.
        """
        for frame in self._frames:
            with open_text(frame.path, self._options.encoding) as file:
                for line in file:
                    cells = line.split()
                    if len(cells) == 6 and cells[5] not in ("0", "1"):
                        return "track" if cells[5].isdecimal() else "score"
        self._problems.warning(
            "the sixth cell of all rows is 0 or 1: read as a score, though it may be the number "
            "of a track"
        )
        return "score"


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what="YOLO: a folder with labels/.../VIDEO_000001.txt and data.yaml, or of predictions",
        source="docs.ultralytics.com/datasets/detect; ultralytics data/utils.py, engine/results.py",
        traps=(
            "Rows are class, centre and size as shares; classes count from 0. Predictions have a "
            "score as sixth cell, tracks without scores their number in that place, and both have "
            "score and number: what a sixth cell is, all of the folder's decide. Ultralytics "
            "trains on rows of five cells alone and takes seven for a polygon, so who a box is is "
            "written beside a score alone. An empty file is a frame without a box."
        ),
        read=read,
        write=write,
        may_hold_things=True,
        is_folder=True,
    ),
)
