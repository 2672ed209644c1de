"""Frame-mAP of a detector's answers, while it learns.

Shapes, as name suffixes: N rows, K classes; 4 is x1, y1, x2, y2.
"""

from collections.abc import Sequence

import numpy as np

from kinetics_builder.metrics.ava.boxes import Boxes, number_key_frames
from kinetics_builder.metrics.ava.frames import frame_ranking
from models.detection.folder import KeyFrame
from models.detection.predict import Said


def frame_map(said: Sequence[Said]) -> float:
    """Return the mAP at an overlap of 0.5 over the classes that occur (as the challenge does).

    All key frames that were answered count; NaN where no box does anything.
    """
    key_frames = [one.question.key_frame for one in said]
    names = sorted({key_frame.video_id for key_frame in key_frames})
    videos = np.array([names.index(key_frame.video_id) for key_frame in key_frames], np.int64)
    moments = np.array([key_frame.microseconds for key_frame in key_frames], np.int64)
    frames, (numbers,) = number_key_frames([(videos, moments)])
    truth = _rows([_true(key_frame) for key_frame in key_frames], numbers.tolist())
    answers = [(one.question.boxes_N4, one.scores_NK) for one in said]
    detections = _rows(answers, numbers.tolist())
    num_classes = key_frames[0].actions_NK.shape[1]
    return frame_ranking(truth, detections, frames, num_classes).mean_average_precision()


def _true(key_frame: KeyFrame) -> tuple[np.ndarray, np.ndarray]:
    return key_frame.boxes_N4, key_frame.actions_NK.astype(np.float32)


def _rows(answers: Sequence[tuple[np.ndarray, np.ndarray]], numbers: Sequence[int]) -> Boxes:
    """Return a row for each box and class whose score is above 0."""
    frames, classes, boxes, scores = [], [], [], []
    for number, (boxes_N4, scores_NK) in zip(numbers, answers, strict=True):
        places, of_class = np.nonzero(scores_NK) if len(boxes_N4) else (np.array([], int),) * 2
        frames.append(np.full(len(places), number, np.int64))
        classes.append(of_class.astype(np.int64))
        boxes.append(boxes_N4.reshape(-1, 4)[places])
        scores.append(scores_NK[places, of_class] if len(places) else np.array([]))
    return Boxes(
        frames_N=np.concatenate(frames),
        classes_N=np.concatenate(classes),
        boxes_N4=np.concatenate(boxes),
        scores_N=np.concatenate(scores).astype(np.float64),
    )
