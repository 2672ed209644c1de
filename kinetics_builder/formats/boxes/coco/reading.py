"""Reading COCO's JSON: images with annotations, or a detector's list of results."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from kinetics_builder.formats.boxes.attributes import (
    IGNORED,
    NOTHING_GROUPED,
    OTHERS,
    PERSON,
    PERSON_ID,
    person_number,
    said_by,
)
from kinetics_builder.formats.boxes.coco.writing import KEPT, NAME, write
from kinetics_builder.formats.boxes.frames import as_frame, as_number
from kinetics_builder.formats.boxes.names import frame_of_file
from kinetics_builder.formats.boxes.pixels import Corners, of_rectangle
from kinetics_builder.formats.boxes.shapes import Shape, boxes_of
from kinetics_builder.formats.boxes.sizes import Size, size_of
from kinetics_builder.formats.checks import object_of, text_of
from kinetics_builder.formats.format import Format, Options
from kinetics_builder.formats.grouping import grouped
from kinetics_builder.formats.json_files import check_shape, items
from kinetics_builder.formats.labels.json_maps import is_list
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box, Kind

_TRACKS = ("track_id", "instance_id")
"""What tools call the number of a person, in an annotation or in its attributes."""


class _Image(NamedTuple):
    """A frame of a video: where it stands in the file, and what it is."""

    place: int
    video_id: str
    seconds: float
    size: tuple[int, int]


def read(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes image by image, and the images without one.

    The images and categories are in memory; annotations are sorted on disk, wherever they stand.
    """
    options.need_frames_per_second(NAME)
    if is_list(path):
        yield from _results(path, options, problems)
        return
    check_shape(path, "images", list)
    images = dict(_images(path, options, problems))
    drawn = _Drawn(options, problems, dict(_categories(path, problems)))
    found = grouped(_annotations(path, images, drawn, problems), key=itemgetter(0))
    following = next(found, None)
    for image in images.values():
        if following is None or following[0] != image.place:
            yield Box(image.video_id, image.seconds)
            continue
        for _, box in following[1]:
            problems.item = f"{image.video_id} at {image.seconds:g} s"
            yield box
        following = next(found, None)
    drawn.losses.tell()


def _images(path: Path, options: Options, problems: Problems) -> Iterator[tuple[object, _Image]]:
    rate = options.need_frames_per_second(NAME)
    seen: set[object] = set()
    for number, image in enumerate(items(path, "images.item"), 1):
        problems.item = f"image {number}"
        try:
            image = object_of(image, "an image")
            key = _id(image.get("id"))
            if key in seen:
                raise ValueError(f"the id {key!r} stands twice")
            name = text_of(image.get("file_name"), "file_name")
            video_id, seconds = frame_of_file(name, rate)
            size = size_of(video_id, _stated(image), options, problems, NAME)
        except ValueError as error:
            problems.error(f"expected an image with id, file_name, width and height: {error}")
            continue
        seen.add(key)
        yield key, _Image(number, video_id, seconds, size)


def _stated(image: Mapping[str, Any]) -> Size | None:
    if image.get("width") is None or image.get("height") is None:
        return None
    return as_frame(image["width"], first=1), as_frame(image["height"], first=1)


def _id(value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"expected a number as id, found {value!r}")
    return value


def _categories(path: Path, problems: Problems) -> Iterator[tuple[object, str]]:
    for number, category in enumerate(items(path, "categories.item"), 1):
        problems.item = f"category {number}"
        try:
            category = object_of(category, "a category")
            yield _id(category.get("id")), text_of(category.get("name"), "name")
        except ValueError as error:
            problems.error(f"expected a category with id and name: {error}")


def _annotations(
    path: Path, images: Mapping[object, _Image], drawn: "_Drawn", problems: Problems
) -> Iterator[tuple[int, Box]]:
    for number, annotation in enumerate(items(path, "annotations.item"), 1):
        problems.item = f"annotation {number}"
        try:
            annotation = object_of(annotation, "an annotation")
            image = images.get(_id(annotation.get("image_id")))
            if image is None:
                raise ValueError(f"the image {annotation.get('image_id')!r} is not among images")
            shape = drawn.shape(annotation, image)
        except ValueError as error:
            problems.error(f"expected a bbox of x, y, width and height, of an image: {error}")
            continue
        if shape is not None:
            for box in drawn.boxes(image, shape, annotation):
                yield image.place, box


def _results(path: Path, options: Options, problems: Problems) -> Iterator[Box]:
    """Yield the boxes of a detector's results, which know images by the names of their files."""
    rate = options.need_frames_per_second(NAME)
    options.need_frame_size(NAME)
    drawn = _Drawn(options, problems, None)
    for number, result in enumerate(items(path, "item"), 1):
        problems.item = f"result {number}"
        try:
            result = object_of(result, "a result")
            name = result.get("file_name", result.get("image_id"))
            if not isinstance(name, str):
                raise ValueError(
                    f"the image {name!r} is a number, and its name stands in the file of the "
                    "images: give the results a file_name"
                )
            name = name if "." in name.rpartition("/")[2] else f"{name}.jpg"
            video_id, seconds = frame_of_file(name, rate)
            size = size_of(video_id, None, options, problems, NAME)
            image = _Image(number, video_id, seconds, size)
            shape = drawn.shape(result, image)
        except ValueError as error:
            problems.error(f"expected a result with file_name, bbox and score: {error}")
            continue
        if shape is not None:
            yield from drawn.boxes(image, shape, result)
    drawn.losses.tell()


class _Drawn:
    """Makes boxes of annotations."""

    def __init__(
        self, options: Options, problems: Problems, categories: Mapping[object, str] | None
    ) -> None:
        self._options = options
        self._problems = problems
        self._categories = categories
        """Of results that name none: the label map's numbers."""
        self.losses = Losses(problems, "reading boxes alone")

    def shape(self, told: Mapping[str, Any], image: _Image) -> Shape | None:
        """Return what an annotation draws; None for what its tool put between key frames.

        Raises:
            ValueError: No box, or a category that is none.

        """
        attributes = object_of(told.get("attributes") or {}, "attributes")
        if attributes.get("keyframe") is False:
            self.losses.note("boxes between key frames, which CVAT interpolates,", image.video_id)
            return None
        corners = _corners(told.get("bbox")).to_shares(image.size)
        others = {key: value for key, value in attributes.items() if key not in _HANDLED}
        category = self._category(told.get("category_id"))
        actions: tuple[str, ...] = (category,)
        if category.lower() == PERSON:
            texts = {key: _text(value) for key, value in others.items()}
            said = said_by(texts, self._options, self._problems, NOTHING_GROUPED)
            actions = said.actions
            others = {key: value for key, value in others.items() if key in said.others}
        details: dict[str, object] = {OTHERS: others} if others else {}
        details |= {name: told[name] for name in KEPT if told.get(name)}
        if told.get("iscrowd"):
            details[IGNORED] = True
        person = next((told[name] for name in _TRACKS if told.get(name) is not None), None)
        for name in (*_TRACKS, PERSON_ID):
            person = attributes.get(name) if person is None else person
        number = person_number(None if person is None else _text(person))
        return Shape(image.seconds, corners, number, actions, details)

    def _category(self, number: object) -> str:
        if self._categories is not None:
            if number not in self._categories:
                raise ValueError(f"the category {number!r} is not among categories")
            return self._categories[number]
        if self._options.labels is None:
            return PERSON
        return self._options.labels.name_of(as_frame(number))

    def boxes(self, image: _Image, shape: Shape, told: Mapping[str, Any]) -> Iterator[Box]:
        """Yield a record for each action of a shape, with the annotation's score."""
        try:
            score = None if told.get("score") is None else as_number(told["score"])
        except ValueError as error:
            self._problems.error(f"as score {error}")
            return
        for box in boxes_of(image.video_id, shape, self._options, self._problems):
            yield box._replace(score=score)


_HANDLED = ("keyframe", PERSON_ID, *_TRACKS)


def _corners(bbox: object) -> Corners:
    if not isinstance(bbox, list) or len(bbox) != 4:
        raise ValueError(f"found {bbox!r}")
    x, y, width, height = map(as_number, bbox)
    return of_rectangle(x, y, width, height)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str("" if value is None else value)


FORMATS = (
    Format(
        name=NAME,
        kind=Kind.BOXES,
        what="COCO JSON: images, annotations with bbox and category, or a detector's results",
        source="cocodataset.org/#format-data; pycocotools/coco.py",
        traps=(
            "Boxes are x, y, width, height in pixels from 0. An image's time stands in its name "
            "alone: VIDEO_NUMBER.jpg, or NUMBER.jpg in a folder of the video, counted from 1. An "
            "annotation has one category, so a person who does three things is three annotations "
            "of one track_id, and a detector trained on them sees three boxes: the category of "
            "boxes without an action is person. The list of images is in memory."
        ),
        read=read,
        write=write,
        may_hold_things=True,
    ),
)
