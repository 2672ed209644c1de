"""Writing YOLO's folders: labels/SPLIT/VIDEO/VIDEO_FRAME.txt, and data.yaml with the classes."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from kinetics_builder.formats.boxes.actions import item_of, noting_losses
from kinetics_builder.formats.boxes.attributes import PERSON
from kinetics_builder.formats.boxes.frames import at_frames
from kinetics_builder.formats.boxes.names import frame_file
from kinetics_builder.formats.boxes.pixels import number_text
from kinetics_builder.formats.boxes.shapes import corners_of, drawable
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import grouped
from kinetics_builder.formats.json_files import json_text
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box

NAME = "yolo"
DESCRIPTION = "data.yaml"
FOLDERS = {"train": "train", "validate": "val", "test": "test"}

_HEAD = """\
# The frames go into images/ as the boxes lie in labels/: images/train/VIDEO/VIDEO_000001.jpg.
train: images/train
val: images/val
names:
"""


def write(path: Path, records: Iterable[Box], options: Options, problems: Problems) -> None:
    """Write a folder with a text file for each key frame; empty for one without a box."""
    rate = options.need_frames_per_second(NAME)
    losses = Losses(problems, NAME)
    known = drawable(records, NAME, options, problems)
    rows = at_frames(noting_losses(known, losses, has_score=True), rate, losses)
    frames = grouped(rows, key=lambda box: (box.video_id, box.timestamp_seconds))
    classes = {label.name: place for place, label in enumerate(options.labels or ())}
    with writing_folder(path) as folder:
        labels = folder / "labels" / FOLDERS[options.split or "train"]
        labels.mkdir(parents=True)
        for (video_id, seconds), boxes in frames:
            file = labels / Path(frame_file(video_id, seconds, rate)).with_suffix(".txt")
            file.parent.mkdir(exist_ok=True)
            file.write_text("".join(_lines(boxes, classes, losses)), encoding="utf-8")
        names = [f"  {place}: {json_text(name)}\n" for name, place in classes.items()]
        text = _HEAD + "".join(names)
        (folder / DESCRIPTION).write_text(text, encoding="utf-8")
        losses.tell()


def _lines(boxes: Iterable[Box], classes: dict[str, int], losses: Losses) -> Iterator[str]:
    for box in boxes:
        corners = corners_of(box)
        if corners is None:
            continue
        place = classes.setdefault(box.label or PERSON, len(classes))
        x1, y1, x2, y2 = (Decimal(repr(corner)) for corner in corners)
        sides = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
        cells = [str(place), *(number_text(float(side)) for side in sides)]
        if box.score is not None:
            cells.append(number_text(box.score))
            cells.extend([] if box.person_id is None else [str(box.person_id)])
        elif box.person_id is not None:
            losses.note("person (rows with more than five columns do not train)", item_of(box))
        yield f"{' '.join(cells)}\n"
