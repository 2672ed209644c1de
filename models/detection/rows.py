"""Answers as rows of AVA's detections: `video,timestamp,x1,y1,x2,y2,action,score`. No torch.

Shapes, as name suffixes: N boxes of a key frame, K classes.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinetics_builder.formats.label_map import LabelMap
from kinetics_builder.formats.output import writing_text
from models.detection.folder import Boxes, KeyFrame

Answer = tuple[KeyFrame, Boxes, NDArray[np.floating]]
"""A key frame, boxes_N4 and scores_NK."""


def write_detections(path: Path, answers: Iterable[Answer], labels: LabelMap) -> int:
    """Write a row for each box and action, whole or not at all; return how many.

    Corners are written as they are asked about, so that what is found is found again.
    """
    numbers = [label.id for label in labels]
    num_rows = 0
    with writing_text(path) as file:
        for key_frame, boxes_N4, scores_NK in answers:
            moment = _timestamp(key_frame)
            for box_4, scores_K in zip(boxes_N4.tolist(), scores_NK.tolist(), strict=True):
                corners = ",".join(f"{corner:.6f}".rstrip("0").rstrip(".") for corner in box_4)
                start = f"{key_frame.video_id},{moment},{corners}"
                file.writelines(
                    f"{start},{number},{score:.9g}\n"
                    for number, score in zip(numbers, scores_K, strict=True)
                )
                num_rows += len(numbers)
    return num_rows


def _timestamp(key_frame: KeyFrame) -> str:
    seconds, rest = divmod(key_frame.microseconds, 1_000_000)
    return f"{seconds:04d}.{rest:06d}" if rest else f"{seconds:04d}"
