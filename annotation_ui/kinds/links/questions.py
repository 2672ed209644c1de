"""What is asked about a stretch of a film, and of how many workers."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, or_, select

from annotation_ui import desk
from annotation_ui.desk import Subject
from kinetics_builder.crowd.links.boxes import Standing, read_golds, read_shown, read_standing
from kinetics_builder.crowd.links.deciding import can_be_linked
from kinetics_builder.crowd.links.tracks import in_order
from kinetics_builder.database.tables import LinkStretch, TakenVideo, TaskSlot

Tracks = tuple[tuple[int, ...], ...]
"""Ids of each person's boxes in the order of time."""


@dataclass(frozen=True, slots=True)
class Question:
    """One slot of a task with all that the page shows of it."""

    slot_id: int
    stretch_id: int
    is_gold: bool
    start_seconds: float
    end_seconds: float
    boxes: tuple[Standing, ...] = ()
    """In the order of time, then of place."""
    tracks: Tracks = ()
    """As they are shown first."""

    @property
    def subject(self) -> Subject:
        """Return what the question is about."""
        return (self.stretch_id,)


class Desk(desk.Desk):
    """A task of such questions: a stretch is asked about until enough have followed it."""

    __slots__ = ()
    num_following = 2
    """A strip is looked at for as long as several questions of other kinds, and is as large."""

    def num_needed(self, question: desk.Question) -> int:
        """Return how many more answers decide the question's stretch."""
        return max(0, self.config.links_to_decide - len(self.votes.get(question.subject, {})))


def with_boxes(rows: Connection, questions: Sequence[Any]) -> list[Any]:
    """Return the questions with their boxes and tracks: the machine's, or those that gold shows.

    Of gold the boxes are shown whose persons are known.
    """
    ids = {question.stretch_id for question in questions}
    boxes = read_standing(rows, ids)
    golds = read_golds(rows, {one.stretch_id for one in questions if one.is_gold})
    shown = read_shown(rows, golds.values())
    found = []
    for question in questions:
        standing = boxes.get(question.stretch_id, [])
        if (gold_id := golds.get(question.stretch_id)) in shown:
            told = shown[gold_id]
            standing = [box for box in standing if box.origin_id in told.moments]
            box_of = {box.origin_id: box.box_id for box in standing}
            tracks = [[box_of[box] for box in track if box in box_of] for track in told.tracks]
        else:
            tracks = _by_person(standing)
        found.append(replace(question, boxes=tuple(standing), tracks=placed(tracks, standing)))
    return found


def placed(tracks: Iterable[Iterable[int]], boxes: Sequence[Standing]) -> Tracks:
    """Return tracks of exactly these boxes: one that is in none, or meets another, is alone."""
    moments = {box.box_id: box.at_seconds for box in boxes}
    found: list[list[int]] = []
    left = set(moments)
    for track in in_order(tracks, moments):
        kept: dict[float, int] = {}
        for box in track:
            if box in left:
                kept.setdefault(moments[box], box)
        left -= set(kept.values())
        found.append(list(kept.values()))
    return tuple(map(tuple, in_order([*found, *([box] for box in sorted(left))], moments)))


def _by_person(boxes: Iterable[Standing]) -> list[list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for box in boxes:
        if box.person is not None:
            found[box.person].append(box.box_id)
    return list(found.values())


QUESTIONS: Any = (
    select(
        TaskSlot.task_id,
        TaskSlot.id,
        TaskSlot.stretch_id,
        TaskSlot.gold_id.is_not(None),
        LinkStretch.start_seconds,
        LinkStretch.end_seconds,
    )
    .join(LinkStretch, LinkStretch.id == TaskSlot.stretch_id)
    .where(or_(TaskSlot.gold_id.is_not(None), can_be_linked()))
    .where(TakenVideo.spares(LinkStretch.video_id))
)
