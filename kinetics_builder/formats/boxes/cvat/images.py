"""CVAT's XML for images: boxes on the frames of videos."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path

from kinetics_builder.formats.boxes.attributes import PERSON
from kinetics_builder.formats.boxes.cvat.box import BoxReader
from kinetics_builder.formats.boxes.cvat.labels import (
    HEAD,
    box_attributes,
    box_lines,
    box_places,
    holdable,
    label_lines,
)
from kinetics_builder.formats.boxes.frames import as_frame, at_frames, seconds_of
from kinetics_builder.formats.boxes.names import frame_file, frame_of_file, video_of_file
from kinetics_builder.formats.boxes.shapes import Shape, boxes_of, shapes_of
from kinetics_builder.formats.boxes.sizes import size_of
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import grouped
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.xml_files import Event, events, opening

NAME = "cvat-images"
_OF_VIDEO_TASK = re.compile(r"frame_([0-9]{6,})(\.[A-Za-z]+)?")
"""What CVAT calls an image of a task that was made of a video."""


def read_images(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of a file's images, in its order."""
    options.need_frames_per_second(NAME)
    reader = _Images(options, problems)
    for event in events(path, "annotations", options.encoding):
        problems.line = event.line
        yield from reader.take(event)


class _Images:
    """Knows the image around the place in the file it is at."""

    def __init__(self, options: Options, problems: Problems) -> None:
        self._options = options
        self._problems = problems
        self._image: tuple[str, float, tuple[int, int]] | None = None
        self._num_boxes = 0
        self._task = ""
        self._sources: dict[str, str] = {}
        """The videos of the tasks, by their ids, of those that are one of a video: its frames are
        counted from 0."""
        self._reader = BoxReader(options, problems)

    def take(self, event: Event) -> Iterator[Box]:
        """Yield the boxes that end with this event."""
        if event.tag == "image" and event.is_start:
            self._image = self._begin(event.attributes)
        elif event.tag == "image":
            yield from self._without_box()
        elif event.is_start:
            if event.parent == "image":
                self._reader.clear()
        elif event.parent in ("meta", "task", "job"):
            self._learn(event)
        elif event.tag == "attribute" and event.parent == "box":
            self._reader.take_attribute(event)
        elif event.parent == "image":
            yield from self._end(event)

    def _learn(self, event: Event) -> None:
        """Take what is told of a task; older files have its video behind it."""
        if event.tag == "id" and event.parent != "meta":
            self._task = event.text
        elif event.tag == "source":
            self._sources[self._task] = video_of_file(event.text)

    def _without_box(self) -> Iterator[Box]:
        if self._image is not None and self._num_boxes == 0:
            yield Box(*self._image[:2])

    def _begin(self, told: Mapping[str, str]) -> tuple[str, float, tuple[int, int]] | None:
        self._num_boxes = 0
        self._problems.item = told.get("name")
        rate = self._options.need_frames_per_second(NAME)
        try:
            stated = as_frame(told["width"], first=1), as_frame(told["height"], first=1)
            video_id, seconds = self._frame(told["name"], told.get("task_id"), rate)
            size = size_of(video_id, stated, self._options, self._problems, NAME)
            return video_id, seconds, size
        except (KeyError, ValueError) as error:
            self._problems.error(f"expected an image with a name, width and height: {error}")
            return None

    def _frame(self, name: str, task: str | None, rate: float) -> tuple[str, float]:
        """Return the video and the time of an image, which may be a frame of the task's video."""
        found = _OF_VIDEO_TASK.fullmatch(name)
        source = self._sources.get(self._task if task is None else task)
        if found is None or (not source and found[2]):
            return frame_of_file(name, rate)
        if not source:
            raise ValueError(f"{name!r} is a frame of a video that no <source> before it names")
        return source, seconds_of(as_frame(found[1]), rate)

    def _end(self, event: Event) -> Iterator[Box]:
        self._num_boxes += 1
        if self._image is None:
            return
        if event.tag != "box":
            self._problems.warning(f"a {event.tag} was left out; boxes alone are read")
            return
        video_id, seconds, size = self._image
        told = event.attributes
        try:
            shape = self._reader.shape(told, seconds, size, told.get("label", PERSON))
        except ValueError as error:
            self._problems.error(f"expected a box with xtl, ytl, xbr and ybr: {error}")
        else:
            yield from boxes_of(video_id, shape, self._options, self._problems)


def write_images(path: Path, records: Iterable[Box], options: Options, problems: Problems) -> None:
    """Write a file with an image for each key frame, called VIDEO/VIDEO_FRAME.jpg."""
    width, height = options.need_frame_size(NAME)
    rate = options.need_frames_per_second(NAME)
    losses = Losses(problems, NAME)
    actions: set[str] = set()
    known = holdable(records, NAME, options, problems, losses)
    rows = at_frames(_collecting(known, actions), rate, losses)
    sorted_frames = grouped(rows, key=lambda box: (box.video_id, box.timestamp_seconds))
    # All rows have gone by when the first group comes: the actions are known then.
    frames = chain(list(islice(sorted_frames, 1)), sorted_frames)
    with writing_text(path) as file:
        file.write(f"{HEAD}  <meta>\n    <task>\n")
        file.writelines(f"      {line}\n" for line in label_lines(actions, options))
        file.write("    </task>\n  </meta>\n")
        for number, ((video_id, seconds), boxes) in enumerate(frames):
            name = frame_file(video_id, seconds, rate)
            image = {"id": number, "name": name, "width": width, "height": height}
            file.write(f"  {opening('image', image)}\n")
            for shape in shapes_of(boxes, problems):
                file.writelines(f"    {line}\n" for line in _lines(shape, (width, height)))
            file.write("  </image>\n")
        file.write("</annotations>\n")
        losses.tell()


def _collecting(boxes: Iterable[Box], actions: set[str]) -> Iterator[Box]:
    for box in boxes:
        actions.update(() if box.label is None else (box.label,))
        yield box


def _lines(shape: Shape, size: tuple[int, int]) -> Iterator[str]:
    told = {"label": PERSON, "source": "file", **box_places(shape, size)}
    return box_lines(told, box_attributes(shape, dict.fromkeys(shape.actions, "true")))
