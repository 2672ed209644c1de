"""Whose boxes of a split are asked about. No torch."""

from dataclasses import dataclass

import numpy as np

from kinetics_builder.errors import ModelError
from kinetics_builder.formats.boxes.ava_folders.places import read_min_score
from models.detection.folder import AvaFolder, Boxes, KeyFrame

MIN_SCORE = 0.8
"""Of a proposed person (arXiv:1812.03982, section 5.1)."""


@dataclass(frozen=True)
class Question:
    """A key frame, and the boxes that are asked about."""

    key_frame: KeyFrame
    boxes_N4: Boxes | None
    """Shares of width and height; None asks a detector that finds people for its own."""


def asked_about(data: AvaFolder, split: str) -> list[Question]:
    """Return a question for each key frame of a split.

    They are about proposals where there are any, else about people's own boxes.
    """
    if data.files.split(split).proposals is not None:
        return of_proposals(data, split, None)
    return [Question(key_frame, key_frame.boxes_N4) for key_frame in data.split(split)]


def of_proposals(data: AvaFolder, split: str, min_score: float | None) -> list[Question]:
    """Return a question for each key frame about proposals of `min_score` or more.

    None takes what the folder says, else `MIN_SCORE`. Raises ModelError where no box is left.
    """
    least, none = _least(data, min_score), np.empty((0, 4))
    proposals, key_frames = data.proposals(split, least), data.split(split)
    boxes = [proposals.get(key_frame.moment, none) for key_frame in key_frames]
    if not any(map(len, boxes)):
        raise ModelError(
            f"{data.files.split(split).proposals}: no box with a score of {least:g} or more on "
            f"any of the {len(key_frames)} key frames."
        )
    return [Question(key, some) for key, some in zip(key_frames, boxes, strict=True)]


def _least(data: AvaFolder, min_score: float | None) -> float:
    said = read_min_score(data.folder) if min_score is None else min_score
    return MIN_SCORE if said is None else said
