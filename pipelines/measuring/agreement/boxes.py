"""How far two annotators agree about persons' boxes and what the persons do."""

from pathlib import Path

import numpy as np

from kinetics_builder.formats.boxes.ava.csv_rows import FIRST_ACTION
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.labels.reading import read_label_map
from kinetics_builder.formats.records import Box, Kind
from kinetics_builder.metrics.agreement.overlaps import THRESHOLD, Floats, box_overlaps, match
from pipelines.measuring.agreement.reading import read_records
from pipelines.measuring.agreement.tally import Tally, common_videos
from pipelines.measuring.result import Manner, Measured

_Corners = tuple[float, float, float, float]
_Persons = dict[tuple[int | None, _Corners], set[str]]
"""The actions of each person in a key frame: rows with one box and number are one person."""
_Video = dict[float, _Persons]


def measure_boxes(
    first: Path,
    second: Path,
    manner: Manner,
    *,
    format_name: str = "ava",
    label_map: Path | None = None,
) -> Measured:
    """Return how well two annotators' boxes fit.

    In each key frame that either has, boxes are paired so that the sum of their intersections
    over unions is greatest. `f1_at_iou_0.5` counts pairs that overlap by half, `mean_iou` is
    that of all pairs; by label, the F1 of the persons who do the action, in pairs that overlap
    by half and have it on both sides. Videos that only one annotator has are left out, with a
    warning. Intervals draw videos.

    Raises:
        FormatError: A file that is empty or wrong, or no video in common.

    """
    labels = None if label_map is None else read_label_map(label_map, first_id=FIRST_ACTION)
    options = Options(labels=labels, encoding=manner.encoding)
    sides = [_read(path, manner, format_name, options) for path in (first, second)]
    videos = common_videos(sides[0], sides[1], (first, second), manner)
    tally = Tally()
    for video_id in videos:
        tally.start_video()
        frames = [side[video_id] for side in sides]
        for moment in sorted(frames[0].keys() | frames[1].keys()):
            _add(tally, frames[0].get(moment, {}), frames[1].get(moment, {}))
    overlaps, _ = tally.overlaps()

    def values(weights_V: Floats | None) -> dict[str, float]:
        return {
            f"f1_at_iou_{THRESHOLD:g}": overlaps.f1(weights_V),
            "mean_iou": overlaps.mean_overlap(weights_V),
        }

    return tally.measured("boxes", values, manner)


def _read(path: Path, manner: Manner, format_name: str, options: Options) -> dict[str, _Video]:
    videos: dict[str, _Video] = {}
    for box in read_records(path, format_name, Kind.BOXES, options, manner.problems(path)):
        persons = videos.setdefault(box.video_id, {}).setdefault(box.timestamp_seconds, {})
        if box.x1 is not None:
            actions = persons.setdefault((box.person_id, (box.x1, box.y1, box.x2, box.y2)), set())
            actions.update(_action(box))
    return videos


def _action(box: Box) -> list[str]:
    if box.label is not None:
        return [box.label]
    return [] if box.action_id is None else [str(box.action_id)]


def _add(tally: Tally, first: _Persons, second: _Persons) -> None:
    """Add the pairs of one key frame."""
    matched = match(box_overlaps(_corners(first), _corners(second)))
    tally.add(len(first), len(second), matched)
    actions = [list(first.values()), list(second.values())]
    for found in (*actions[0], *actions[1]):
        tally.named.update(found)
    pairs = zip(matched.first_M, matched.second_M, matched.is_agreed_M, strict=True)
    for place, partner, is_agreed in pairs:
        if is_agreed:
            tally.agreed.update(actions[0][place] & actions[1][partner])


def _corners(persons: _Persons) -> Floats:
    return np.array([corners for _, corners in persons], np.float64).reshape(-1, 4)
