"""Reading CVAT's XML for videos: the boxes people drew, not those that CVAT puts between them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.actions import ava_order, item_of
from kinetics_builder.formats.boxes.attributes import PERSON
from kinetics_builder.formats.boxes.cvat.box import BoxReader
from kinetics_builder.formats.boxes.frames import as_frame, seconds_of
from kinetics_builder.formats.boxes.names import video_of_file
from kinetics_builder.formats.boxes.shapes import boxes_of
from kinetics_builder.formats.boxes.sizes import Size, size_of
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import sorted_on_disk
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.xml_files import Event, events

NAME = "cvat-video"
_OF_TASK = ("id", "name", "source")
_TOLD = {
    "task": _OF_TASK,
    "job": _OF_TASK,
    "meta": ("source",),  # where older CVAT has it, behind the task
    "original_size": ("width", "height"),
}
_OTHER_SHAPES = ("polygon", "polyline", "points", "cuboid", "ellipse", "mask", "skeleton")


def read_videos(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of a file, or of all XML files of a folder, in the order of AVA's files."""
    options.need_frames_per_second(NAME)
    for box in sorted_on_disk(_all_files(path, options, problems), key=ava_order):
        problems.line, problems.item = None, item_of(box)
        yield box


def _all_files(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    files = sorted(path.glob("*.xml")) if path.is_dir() else [path]
    if not files:
        raise FormatError(f"{path}: expected XML files in this folder, found none.")
    for file in files:
        problems.enter(file)
        yield from _Video(file, options, problems).boxes()


class _Track(NamedTuple):
    """The start of a track."""

    id: str
    label: str
    task: str


class _Video:
    """Reads one file; knows the tasks above and the track around the place it is at."""

    def __init__(self, path: Path, options: Options, problems: Problems) -> None:
        self._path = path
        self._options = options
        self._problems = problems
        self._rate = options.need_frames_per_second(NAME)
        self._losses = Losses(problems, "reading boxes alone")
        self._tasks: dict[str, dict[str, str]] = {}
        self._task: dict[str, str] = {}
        self._track = _Track("", PERSON, "")
        self._reader = BoxReader(options, problems)

    def boxes(self) -> Iterator[Box]:
        """Yield the boxes of the file."""
        for event in events(self._path, "annotations", self._options.encoding):
            self._problems.line = event.line
            if event.is_start:
                self._begin(event)
            elif event.tag == "attribute" and event.parent == "box":
                self._reader.take_attribute(event)
            elif event.tag == "box" and event.parent == "track":
                yield from self._box(event)
                self._reader.clear()
            else:
                self._end(event)
        self._losses.tell()

    def _begin(self, event: Event) -> None:
        told = event.attributes
        if event.tag == "track":
            self._track = _Track(
                told.get("id", ""), told.get("label", PERSON), told.get("task_id", "")
            )
        elif event.tag in ("task", "job"):
            self._task = {}
        elif event.tag == "image":
            raise FormatError(
                f"{self._path}:{event.line}: found <image>, expected <track>: this is CVAT for "
                "images; choose cvat-images."
            )

    def _end(self, event: Event) -> None:
        if event.tag in _TOLD.get(event.parent, ()):
            self._task[event.tag] = event.text
        elif event.tag in ("task", "job"):
            self._tasks[self._task.get("id", "")] = self._task
        elif event.tag in _OTHER_SHAPES and event.parent == "track":
            self._problems.warning(f"a {event.tag} was left out; boxes alone are read")

    def _box(self, event: Event) -> Iterator[Box]:
        told = event.attributes
        if told.get("outside", "0") == "1":
            return
        if told.get("keyframe", "1") != "1":
            self._losses.note("boxes between key frames, which CVAT interpolates,", "")
            return
        try:
            seconds = seconds_of(as_frame(told.get("frame", "")), self._rate)
            label, person = self._track.label, self._track.id
            shape = self._reader.shape(told, seconds, self._size(), label, person)
        except ValueError as error:
            self._problems.error(f"expected a box with frame, xtl, ytl, xbr and ybr: {error}")
        else:
            yield from boxes_of(self._video_id(), shape, self._options, self._problems)

    def _of_track(self) -> dict[str, str]:
        return self._tasks.get(self._track.task) or self._task

    def _size(self) -> Size:
        task = self._of_track()
        stated = None
        if "width" in task and "height" in task:
            stated = as_frame(task["width"], first=1), as_frame(task["height"], first=1)
        return size_of(self._video_id(), stated, self._options, self._problems, NAME)

    def _video_id(self) -> str:
        task = self._of_track()
        return video_of_file(task.get("source", "")) or task.get("name") or self._path.stem
