"""What a detector's operating point shows: boxes and key frames at each least score."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kinetics_builder.database.tables import DetectedBox, KeyFrame

POINTS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""The least scores that are told of."""


@dataclass(frozen=True)
class OperatingPoint:
    """What would be shown from a least score on."""

    min_score: float
    num_boxes: int
    num_key_frames: int
    """Those with at least one box."""
    boxes_a_key_frame: float
    """Over all key frames, those without a box included."""


def operating_points(session: Session) -> list[OperatingPoint]:
    """Return what each least score would show; nothing where no detector was asked."""
    scores: list[float] = []
    best: dict[int, float] = defaultdict(float)
    found = (
        select(DetectedBox.key_frame_id, DetectedBox.score)
        .join(KeyFrame, KeyFrame.id == DetectedBox.key_frame_id)
        .where(DetectedBox.is_withdrawn.is_(False), DetectedBox.origin != "file")
    )
    for key_frame, score in session.execute(found):
        scores.append(score)
        best[key_frame] = max(best[key_frame], score)
    if not scores:
        return []
    total = session.scalar(select(func.count()).where(KeyFrame.is_withdrawn.is_(False))) or 1
    scores.sort()
    bests = sorted(best.values())
    return [
        OperatingPoint(
            min_score=point,
            num_boxes=(boxes := len(scores) - bisect_left(scores, point)),
            num_key_frames=len(bests) - bisect_left(bests, point),
            boxes_a_key_frame=round(boxes / total, 3),
        )
        for point in POINTS
    ]


def curve(points: list[OperatingPoint]) -> str:
    """Return the numbers of boxes as the points of an SVG line in a box of 100 by 40."""
    most = max((point.num_boxes for point in points), default=0) or 1
    return " ".join(f"{100 * p.min_score:.0f},{40 * (1 - p.num_boxes / most):.2f}" for p in points)
