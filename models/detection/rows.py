"""Answers as rows of AVA's detections: `video,timestamp,x1,y1,x2,y2,action,score`. No torch.

Shapes, as name suffixes: N boxes of a key frame, K classes.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.output import writing_text
from models.detection.folder import Boxes, KeyFrame

Answer = tuple[KeyFrame, Boxes, NDArray[np.floating]]
"""A key frame, boxes_N4 and scores_NK."""


def write_detections(path: Path, answers: Iterable[Answer], labels: LabelMap) -> None:
    """Write a row for each box and action, whole or not at all.

    Corners are written as they are asked about, so that what is found is found again.
    """
    with writing_text(path) as file:
        for answer in answers:
            file.writelines(f"{row}\n" for rows in _rows(answer, labels) for row in rows)


def write_with_tracks(
    path: Path, tracks: Path, answers: Iterable[Answer], labels: LabelMap
) -> None:
    """Write the rows as `write_detections` does, and again into `tracks` with the person behind.

    The boxes must be those of the key frame's persons.
    """
    with writing_text(path) as file, writing_text(tracks) as tracked:
        for answer in answers:
            key_frame, boxes_N4, _ = answer
            assert len(boxes_N4) == len(key_frame.persons_N)
            pairs = zip(_rows(answer, labels), key_frame.persons_N.tolist(), strict=True)
            for rows, person in pairs:
                file.writelines(f"{row}\n" for row in rows)
                tracked.writelines(f"{row},{person}\n" for row in rows)


def _rows(answer: Answer, labels: LabelMap) -> Iterator[list[str]]:
    """Yield the rows of each box."""
    key_frame, boxes_N4, scores_NK = answer
    moment = _timestamp(key_frame)
    for box_4, scores_K in zip(boxes_N4.tolist(), scores_NK.tolist(), strict=True):
        corners = ",".join(f"{corner:.6f}".rstrip("0").rstrip(".") for corner in box_4)
        start = f"{key_frame.video_id},{moment},{corners}"
        yield [
            f"{start},{label.id},{score:.9g}" for label, score in zip(labels, scores_K, strict=True)
        ]


def _timestamp(key_frame: KeyFrame) -> str:
    seconds, rest = divmod(key_frame.microseconds, 1_000_000)
    return f"{seconds:04d}.{rest:06d}" if rest else f"{seconds:04d}"
