"""Writing COCO's JSON: an image for each key frame, an annotation for each person and action."""

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from kinetics_builder.formats.boxes.actions import noting_losses
from kinetics_builder.formats.boxes.attributes import IGNORED, OTHERS, PERSON
from kinetics_builder.formats.boxes.frames import at_frames
from kinetics_builder.formats.boxes.names import frame_file
from kinetics_builder.formats.boxes.shapes import corners_of, drawable
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import grouped
from kinetics_builder.formats.json_files import json_text
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_text
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box

NAME = "coco"
KEPT = ("segmentation", "keypoints", "num_keypoints")
"""What an annotation may say of a person beside the box; kept as details."""

Frame = tuple[tuple[str, float], list[Box]]


def write(path: Path, records: Iterable[Box], options: Options, problems: Problems) -> None:
    """Write a file with an image for each key frame, called VIDEO/VIDEO_FRAME.jpg."""
    options.need_frame_size(NAME)
    rate = options.need_frames_per_second(NAME)
    losses = Losses(problems, NAME)
    known = drawable(records, NAME, options, problems)
    told = noting_losses(known, losses, said=(OTHERS, IGNORED, *KEPT), has_score=True)
    rows = at_frames(told, rate, losses)
    frames = grouped(rows, key=lambda box: (box.video_id, box.timestamp_seconds))
    with writing_text(path) as file:
        file.write('{"info": {"description": "Persons at key frames"},\n"annotations": [')
        images, categories = _write_annotations(file, frames, options)
        file.write('\n],\n"images": [')
        file.write(",".join(f"\n{json_text(image)}" for image in images))
        named = [{"id": number, "name": name} for name, number in categories.items()]
        file.write(f'\n],\n"categories": {json_text(named)}}}\n')
        losses.tell()


def _write_annotations(
    file: TextIO, frames: Iterable[Frame], options: Options
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the images, and the categories by name: the map's, then others as they came."""
    size = options.need_frame_size(NAME)
    categories = {label.name: label.id for label in options.labels or ()}
    free = count(max(categories.values(), default=0) + 1)
    images: list[dict[str, Any]] = []
    numbers = count(1)
    for image_id, ((video_id, seconds), boxes) in enumerate(frames, 1):
        name = frame_file(video_id, seconds, options.need_frames_per_second(NAME))
        images.append({"id": image_id, "file_name": name, "width": size[0], "height": size[1]})
        for box in boxes:
            if box.x1 is None:
                continue
            category = box.label or PERSON
            if category not in categories:
                categories[category] = next(free)
            ids = {"image_id": image_id, "category_id": categories[category]}
            number = next(numbers)
            annotation = {"id": number, **ids, **_drawn(box, size)}
            file.write(f"{',' if number > 1 else ''}\n{json_text(annotation)}")
    return images, categories


def _drawn(box: Box, size: tuple[int, int]) -> dict[str, Any]:
    corners = corners_of(box)
    assert corners is not None
    x, y, width, height = corners.to_pixels(size).rectangle()
    told: dict[str, Any] = {
        "bbox": [x, y, width, height],
        "area": round(width * height, 6),
        "iscrowd": int(bool(box.details.get(IGNORED))),
    }
    others = {
        "track_id": box.person_id,
        "score": box.score,
        "attributes": box.details.get(OTHERS),
        **{name: box.details.get(name) for name in KEPT},
    }
    return told | {name: value for name, value in others.items() if value is not None}
