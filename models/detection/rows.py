"""Answers as rows of AVA's detections: `video,timestamp,x1,y1,x2,y2,action,score`. No torch.

Shapes, as name suffixes: N boxes of a key frame, K classes, M detections: a box and a class each.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.output import writing_text
from models.detection.folder import Boxes, KeyFrame


class Detections(NamedTuple):
    """What is said of one key frame."""

    boxes_M4: Boxes
    """Shares of width and height."""
    classes_M: NDArray[np.int64]
    """Places in the list of actions."""
    scores_M: NDArray[np.floating]


NOTHING = Detections(np.empty((0, 4)), np.empty(0, np.int64), np.empty(0, np.float32))
"""Of a key frame of which nothing is said."""


def of_each(boxes_N4: Boxes, scores_NK: NDArray[np.floating]) -> Detections:
    """Return the detections of boxes of which each action is said, box after box."""
    num_boxes, num_classes = scores_NK.shape
    classes_M = np.tile(np.arange(num_classes), num_boxes)
    return Detections(np.repeat(boxes_N4, num_classes, axis=0), classes_M, scores_NK.reshape(-1))


def strongest(detections: Detections, count: int) -> Detections:
    """Return the `count` detections with the highest scores, the highest first."""
    places = np.argsort(-detections.scores_M, kind="stable")[:count]
    boxes_M4, classes_M, scores_M = detections
    return Detections(boxes_M4[places], classes_M[places], scores_M[places])


Answer = tuple[KeyFrame, Detections]


def write_detections(path: Path, answers: Iterable[Answer], labels: LabelMap) -> None:
    """Write a row for each detection, whole or not at all.

    Corners are written as they are asked about, so that what is found is found again.
    """
    with writing_text(path) as file:
        for answer in answers:
            file.writelines(f"{row}\n" for row in _rows(answer, labels))


def write_with_tracks(
    path: Path, tracks: Path, answers: Iterable[Answer], labels: LabelMap
) -> None:
    """Write the rows as `write_detections` does, and again into `tracks` with the person behind.

    The boxes must be those of the key frame's persons, in their order, with all actions of each.
    """
    with writing_text(path) as file, writing_text(tracks) as tracked:
        for answer in answers:
            persons_N = answer[0].persons_N
            assert len(answer[1].scores_M) == len(persons_N) * len(labels)
            persons = np.repeat(persons_N, len(labels)).tolist()
            for row, person in zip(_rows(answer, labels), persons, strict=True):
                file.write(f"{row}\n")
                tracked.write(f"{row},{person}\n")


def write_left_out(path: Path, key_frames: Iterable[KeyFrame], excluded: Path | None) -> None:
    """Write key frames that do not count, as AVA lists them, behind those of `excluded`."""
    before = "" if excluded is None else excluded.read_text(encoding="utf-8").rstrip("\n")
    with writing_text(path) as file:
        file.write(f"{before}\n" if before else "")
        file.writelines(f"{one.video_id},{_timestamp(one)}\n" for one in key_frames)


def _rows(answer: Answer, labels: LabelMap) -> Iterator[str]:
    key_frame, (boxes_M4, classes_M, scores_M) = answer
    moment, numbers = _timestamp(key_frame), [label.id for label in labels]
    parts = zip(boxes_M4.tolist(), classes_M.tolist(), scores_M.tolist(), strict=True)
    for box_4, place, score in parts:
        start = f"{key_frame.video_id},{moment},{_corners(*box_4)}"
        yield f"{start},{numbers[place]},{score:.9g}"


@lru_cache(maxsize=1)
def _corners(*box_4: float) -> str:
    """Return the corners as text; those of one box are asked for again and again."""
    return ",".join(f"{corner:.6f}".rstrip("0").rstrip(".") for corner in box_4)


def _timestamp(key_frame: KeyFrame) -> str:
    seconds, rest = divmod(key_frame.microseconds, 1_000_000)
    return f"{seconds:04d}.{rest:06d}" if rest else f"{seconds:04d}"
