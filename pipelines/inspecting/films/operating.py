"""What a detector's operating point shows, and how right that is by people's answers.

A found box is right if it overlaps a box that people left on the key frame, each met once and by
the surest. Only key frames whose boxes people have decided are judged.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from kinetics_builder.ava.boxes import overlap
from kinetics_builder.database.tables import BoxDecision, DetectedBox, KeyFrame, PersonBox
from kinetics_builder.formats.boxes.pixels import Corners

POINTS = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""The least scores that are told of."""

MIN_OVERLAP = 0.5
"""Of a found box with one that people left, as detections are measured (arXiv:1705.08421)."""


@dataclass(frozen=True)
class OperatingPoint:
    """What would be shown from a least score on."""

    min_score: float
    num_boxes: int
    num_key_frames: int
    """Those with at least one box."""
    boxes_a_key_frame: float
    """Over all key frames, those without a box included."""
    precision: float | None = None
    """Share of the boxes on judged key frames that are right; None where there are none."""
    recall: float | None = None
    """Share of people's boxes on judged key frames that are met; None where there are none."""


@dataclass(frozen=True)
class Judged:
    """The key frames that people have decided."""

    num_key_frames: int
    num_people: int
    """Boxes that people left."""
    scores: tuple[tuple[float, ...], tuple[float, ...]]
    """Of the found boxes there, sorted: of all, and of those that are right."""

    def precision(self, min_score: float) -> float | None:
        """Return the share of right boxes among those from a score on."""
        found, right = (len(some) - bisect_left(some, min_score) for some in self.scores)
        return round(right / found, 4) if found else None

    def recall(self, min_score: float) -> float | None:
        """Return the share of people's boxes that those from a score on meet."""
        right = len(self.scores[1]) - bisect_left(self.scores[1], min_score)
        return round(right / self.num_people, 4) if self.num_people else None


def operating_points(session: Session, judged: Judged | None = None) -> list[OperatingPoint]:
    """Return what each least score would show; nothing where no detector was asked."""
    best = _FOUND.add_columns(func.max(DetectedBox.score).label("score"))
    frames = best.group_by(DetectedBox.key_frame_id).subquery()
    boxes = _FOUND.add_columns(DetectedBox.score).subquery()
    counted = [
        session.execute(select(*(func.sum(_is_from(table.c.score, p)) for p in POINTS))).one()
        for table in (boxes, frames)
    ]
    if counted[0][0] is None:
        return []
    total = session.scalar(select(func.count()).where(KeyFrame.is_withdrawn.is_(False))) or 1
    return [
        OperatingPoint(
            min_score=point,
            num_boxes=num_boxes,
            num_key_frames=num_frames,
            boxes_a_key_frame=round(num_boxes / total, 3),
            precision=judged.precision(point) if judged else None,
            recall=judged.recall(point) if judged else None,
        )
        for point, num_boxes, num_frames in zip(POINTS, *counted, strict=True)
    ]


def judge(session: Session) -> Judged:
    """Hold what the detector found against what people left, film by film."""
    num_frames = num_people = 0
    found: list[float] = []
    right: list[float] = []
    films = select(KeyFrame.video_id).where(KeyFrame.id.in_(_DECIDED)).distinct()
    for film in session.scalars(films.order_by(KeyFrame.video_id)).all():
        frames = select(KeyFrame.id).where(KeyFrame.video_id == film, KeyFrame.id.in_(_DECIDED))
        here = _by_frame(session.execute(_LEFT.where(PersonBox.key_frame_id.in_(frames))))
        num_frames += session.scalar(select(func.count()).select_from(frames.subquery())) or 0
        num_people += sum(map(len, here.values()))
        seen: Iterable[Any] = session.execute(_SEEN.where(DetectedBox.key_frame_id.in_(frames)))
        for frame, boxes in groupby(seen, key=lambda row: row[0]):
            for score, is_right in _met(boxes, here.get(frame, [])):
                found.append(score)
                if is_right:
                    right.append(score)
    return Judged(num_frames, num_people, (tuple(sorted(found)), tuple(sorted(right))))


def _met(
    found: Iterable[Sequence[float]], people: Sequence[Corners]
) -> Iterator[tuple[float, bool]]:
    """Yield the score of each found box, the surest first, and whether it meets a new person."""
    left = list(people)
    for _, score, *corners in found:
        here = Corners(*corners)
        best = max(left, key=lambda one: overlap(here, one), default=None)
        is_right = best is not None and overlap(here, best) >= MIN_OVERLAP
        if best is not None and is_right:
            left.remove(best)
        yield score, is_right


def _by_frame(rows: Iterable[Sequence[float]]) -> dict[int, list[Corners]]:
    boxes: dict[int, list[Corners]] = defaultdict(list)
    for frame, *corners in rows:
        boxes[int(frame)].append(Corners(*corners))
    return boxes


def _is_from(score: ColumnElement[float], point: float) -> ColumnElement[int]:
    return case((score >= point, 1), else_=0)


_FOUND = (
    select(DetectedBox.key_frame_id)
    .join(KeyFrame, KeyFrame.id == DetectedBox.key_frame_id)
    .where(
        DetectedBox.is_withdrawn.is_(False),
        KeyFrame.is_withdrawn.is_(False),
        DetectedBox.origin != "file",
    )
)
_DECIDED = (
    select(BoxDecision.key_frame_id)
    .join(KeyFrame, KeyFrame.id == BoxDecision.key_frame_id)
    .where(BoxDecision.is_decided, KeyFrame.is_withdrawn.is_(False))
)
_LEFT = select(
    PersonBox.key_frame_id, PersonBox.x1, PersonBox.y1, PersonBox.x2, PersonBox.y2
).where(PersonBox.stands())
_SEEN = _FOUND.add_columns(
    DetectedBox.score, DetectedBox.x1, DetectedBox.y1, DetectedBox.x2, DetectedBox.y2
).order_by(DetectedBox.key_frame_id, DetectedBox.score.desc(), DetectedBox.id)


def curve(points: list[OperatingPoint]) -> str:
    """Return the numbers of boxes as the points of an SVG line in a box of 100 by 40."""
    most = max((point.num_boxes for point in points), default=0) or 1
    return " ".join(f"{100 * p.min_score:.0f},{40 * (1 - p.num_boxes / most):.2f}" for p in points)


def precision_curve(points: list[OperatingPoint]) -> str:
    """Return precision over recall as the points of an SVG line in a box of 100 by 40."""
    return " ".join(
        f"{100 * p.recall:.2f},{40 * (1 - p.precision):.2f}"
        for p in points
        if p.recall is not None and p.precision is not None
    )
