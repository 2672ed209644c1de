"""Frame-mAP of a detector's answers, while it learns.

Shapes, as name suffixes: N rows, K classes; 4 is x1, y1, x2, y2.
"""

from collections.abc import Sequence

import numpy as np

from kinetics_builder.metrics.ava.boxes import Boxes, number_key_frames
from kinetics_builder.metrics.ava.frames import frame_ranking
from models.detection.folder import KeyFrame
from models.detection.predict import Said
from models.detection.rows import Detections, of_each


def frame_map(said: Sequence[Said]) -> float:
    """Return the mAP at an overlap of 0.5 over the classes that occur (as the challenge does).

    All key frames that were answered count; NaN where no box does anything.
    """
    key_frames = [one.key_frame for one in said]
    names = sorted({key_frame.video_id for key_frame in key_frames})
    videos = np.array([names.index(key_frame.video_id) for key_frame in key_frames], np.int64)
    moments = np.array([key_frame.microseconds for key_frame in key_frames], np.int64)
    frames, (numbers,) = number_key_frames([(videos, moments)])
    truth = _rows([_true(key_frame) for key_frame in key_frames], numbers.tolist())
    detections = _rows([one.detections for one in said], numbers.tolist())
    num_classes = key_frames[0].actions_NK.shape[1]
    return frame_ranking(truth, detections, frames, num_classes).mean_average_precision()


def _true(key_frame: KeyFrame) -> Detections:
    return of_each(key_frame.boxes_N4, key_frame.actions_NK.astype(np.float32))


def _rows(said: Sequence[Detections], numbers: Sequence[int]) -> Boxes:
    """Return a row for each detection whose score is above 0."""
    frames = [np.full(len(one.scores_M), n, np.int64) for one, n in zip(said, numbers, strict=True)]
    scores = np.concatenate([one.scores_M for one in said]).astype(np.float64)
    is_said = scores > 0
    return Boxes(
        frames_N=np.concatenate(frames)[is_said],
        classes_N=np.concatenate([one.classes_M for one in said])[is_said].astype(np.int64),
        boxes_N4=np.concatenate([one.boxes_M4.reshape(-1, 4) for one in said])[is_said],
        scores_N=scores[is_said],
    )
