"""When a class happens in a video: answers are marked stretches, judged by overlap."""

from collections.abc import Collection, Iterable, Sequence
from statistics import fmean
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, insert, true
from sqlalchemy.orm import Session

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.agreeing import Measure, pairs_of, read_answers
from kinetics_builder.crowd.kinds.kind import Kind
from kinetics_builder.crowd.segments.deciding import (
    KIND,
    decide_timelines,
    read_marked,
    read_truth,
    remake_timelines,
)
from kinetics_builder.crowd.segments.grading import grade, pairs_of_marks
from kinetics_builder.crowd.standing import Fault, Given, Known
from kinetics_builder.database.tables import Gold, MarkedStretch, Media, Timeline, TimelineAnswer
from kinetics_builder.intervals import Interval


class SegmentsKind(Kind):
    """ActivityNet's question."""

    name = KIND
    answers = TimelineAnswer
    subject = TimelineAnswer.SUBJECT
    parts = (MarkedStretch,)
    faults = (Fault.SEGMENTS, Fault.SEGMENTS)
    columns = (TimelineAnswer.is_unsure,)

    def can_be_asked(self) -> ColumnElement[bool]:
        """Return the condition that the video of a row of `gold` is there."""
        return exists(Timeline.id).where(
            Timeline.id == Gold.timeline_id, Media.video_id == Timeline.video_id
        )

    def is_first_sort(self) -> ColumnElement[bool]:
        """Return the condition that holds for all gold: it is of one sort."""
        return true()

    def least_people(self, config: VerifyConfig) -> int:
        """Return how many people must answer before anything is accepted."""
        return max(1, config.segment_answers)

    def givens(
        self, connection: Connection, rows: Iterable[Any], config: VerifyConfig
    ) -> list[Given]:
        """Return what these answers say about their workers.

        All gold is of one sort: it is right if every true stretch is met, and none is too many.
        """
        listed = list(rows)
        said = read_marked(connection, [row.id for row in listed])
        truth = read_truth(connection, {row.gold_id for row in listed if row.gold_id is not None})
        return [
            Given(
                row.id,
                _word(said.get(row.id, []), is_unsure=row.is_unsure),
                None
                if row.gold_id is None
                else Known(
                    is_first_sort=True,
                    is_right=not row.is_unsure
                    and grade(
                        said.get(row.id, []), truth.get(row.gold_id, []), config.segment_overlap
                    ).is_right,
                ),
                row.answered_at,
                row.taken_at,
            )
            for row in listed
        ]

    def agreement(
        self, session: Session, config: VerifyConfig, actions: Vocabulary
    ) -> list[Measure]:
        """Return how far marks agree, over all pairs of answers to a timeline.

        The share of stretches that the other marked too (their overlap is `segment_overlap` at
        least), and the mean overlap of those. Answers of who is unsure are left out.
        """
        answers = read_answers(self, session, TimelineAnswer.is_unsure)
        ids = [row.id for rows in answers.values() for row in rows]
        said = read_marked(session.connection(), ids)
        num_marks, overlaps = 0, list[float]()
        for rows in answers.values():
            sure = [said.get(row.id, []) for row in rows if not row.is_unsure]
            for one, other in pairs_of(sure):
                num_marks += len(one) + len(other)
                pairs = pairs_of_marks(one, other, config.segment_overlap)
                overlaps += [overlap for *_, overlap in pairs]
        shared = 2 * len(overlaps) / num_marks if num_marks else None
        mean = fmean(overlaps) if overlaps else None
        return [
            Measure("stretches that others marked too", shared, len(answers)),
            Measure("mean overlap of those", mean, len(answers)),
        ]

    def decide(self, session: Session, things: Collection[int], config: VerifyConfig) -> None:
        """Decide these timelines."""
        decide_timelines(session, things, config)

    def remake(self, session: Session, config: VerifyConfig) -> None:
        """Decide all timelines anew."""
        remake_timelines(session, config)


def add_stretches(connection: Connection, answer_id: int, stretches: Sequence[Interval]) -> None:
    """Write the marks of a new answer."""
    rows = [
        {"answer_id": answer_id, "number": number, "start_seconds": start, "end_seconds": end}
        for number, (start, end) in enumerate(stretches)
    ]
    if rows:
        connection.execute(insert(MarkedStretch), rows)


def _word(stretches: Sequence[Interval], *, is_unsure: bool) -> str | None:
    """Return what an answer that takes no work says."""
    if is_unsure:
        return "unsure"
    return None if stretches else "never"


SEGMENTS = SegmentsKind()
