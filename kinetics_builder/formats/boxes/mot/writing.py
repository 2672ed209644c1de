"""Writing MOTChallenge's sequences: a folder for each video."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from kinetics_builder.formats.boxes.actions import boxes_alone, item_of, noting_losses
from kinetics_builder.formats.boxes.attributes import CLASS, IGNORED
from kinetics_builder.formats.boxes.frames import at_frames, frame_of
from kinetics_builder.formats.boxes.mot.sequences import (
    CLASSES,
    DETECTIONS,
    INFO,
    LABELS,
    NAME,
    TRUTH,
)
from kinetics_builder.formats.boxes.names import file_of_video
from kinetics_builder.formats.boxes.pixels import number_text
from kinetics_builder.formats.boxes.shapes import corners_of, drawable
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.grouping import grouped
from kinetics_builder.formats.losses import Losses
from kinetics_builder.formats.output import writing_folder
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Box

VISIBILITY = "visibility"
"""The detail that says how much of a person is seen, in [0, 1]."""
NOBODY = -1


def write(path: Path, records: Iterable[Box], options: Options, problems: Problems) -> None:
    """Write SEQUENCE/gt/gt.txt where all boxes are somebody's and have no score.

    Other videos get SEQUENCE/det/det.txt; each has its seqinfo.ini.
    """
    options.need_frame_size(NAME)
    rate = options.need_frames_per_second(NAME)
    losses = Losses(problems, NAME)
    known = _without_actions(records, losses)
    shown = drawable(known, NAME, options, problems)
    told = noting_losses(shown, losses, said=(IGNORED, CLASS, VISIBILITY), has_score=True)
    rows = at_frames(boxes_alone(told, losses), rate, losses)
    with writing_folder(path) as folder:
        for video_id, boxes in grouped(rows, key=lambda box: box.video_id):
            name = file_of_video(video_id, "")
            problems.item = video_id
            if name == ".":
                problems.error("expected a video's name that a folder can have, found '.'")
                continue
            _write_sequence(folder / name, boxes, options, problems)
        losses.tell()


def _without_actions(records: Iterable[Box], losses: Losses) -> Iterator[Box]:
    for box in records:
        if box.label is not None or box.action_id is not None:
            losses.note("action", item_of(box))
        yield box._replace(label=None, action_id=None)


def _write_sequence(folder: Path, boxes: list[Box], options: Options, problems: Problems) -> None:
    boxes = list(_once(boxes, problems))
    rate = options.need_frames_per_second(NAME)
    is_truth = all(box.person_id is not None and box.score is None for box in boxes)
    others = dict.fromkeys(str(box.details[CLASS]) for box in boxes if CLASS in box.details)
    classes = CLASSES if others.keys() <= set(CLASSES) else (CLASSES[0], *others)
    file = folder / (TRUTH if is_truth else DETECTIONS)
    file.parent.mkdir(parents=True)
    size = options.need_frame_size(NAME)
    lines = [",".join(_cells(box, rate, size, classes if is_truth else None)) for box in boxes]
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if is_truth and classes is not CLASSES:
        names = "".join(f"{name}\n" for name in classes)
        file.with_name(LABELS).write_text(names, encoding="utf-8")
    last = max((frame_of(box.timestamp_seconds, rate) + 1 for box in boxes), default=0)
    (folder / INFO).write_text(
        f"[Sequence]\nname={folder.name}\nimDir=img1\nframeRate={number_text(rate)}\n"
        f"seqLength={last}\nimWidth={size[0]}\nimHeight={size[1]}\nimExt=.jpg\n",
        encoding="utf-8",
    )


def _once(boxes: Iterable[Box], problems: Problems) -> Iterator[Box]:
    """Yield each box once, by time and person; a person has one at a time.

    Of several actions' rows of a box the one with the best score is left.
    """
    best: dict[tuple[object, ...], Box] = {}
    for box in sorted(boxes, key=_time_and_person):
        key = (*_time_and_person(box), *box[2:6])
        if key not in best or (box.score or 0) > (best[key].score or 0):
            best[key] = box
    before: Box | None = None
    for box in best.values():
        is_second = before is not None and _time_and_person(before) == _time_and_person(box)
        if is_second and box.person_id is not None:
            problems.item = item_of(box)
            problems.error(f"person {box.person_id} has two boxes at a time, and one there")
        else:
            yield box
            before = box


def _time_and_person(box: Box) -> tuple[float, int]:
    return box.timestamp_seconds, _number(box)


def _number(box: Box) -> int:
    return NOBODY if box.person_id is None else box.person_id


def _cells(
    box: Box, rate: float, size: tuple[int, int], classes: tuple[str, ...] | None
) -> Iterator[str]:
    """Yield the cells of a row: of the ground truth, which has `classes`, or of a detection."""
    corners = corners_of(box)
    assert corners is not None
    yield str(frame_of(box.timestamp_seconds, rate) + 1)
    yield str(_number(box))
    x, y, width, height = corners.to_pixels(size).rectangle()
    yield from (number_text(float(Decimal(repr(place)) + 1)) for place in (x, y))
    yield from map(number_text, (width, height))
    if classes is None:
        yield from ("-1" if box.score is None else number_text(box.score), "-1", "-1", "-1")
    else:
        yield "0" if box.details.get(IGNORED) else "1"
        yield str(classes.index(str(box.details.get(CLASS, classes[0]))) + 1)
        visibility = box.details.get(VISIBILITY, 1)
        yield number_text(float(visibility if isinstance(visibility, int | float) else 1))
