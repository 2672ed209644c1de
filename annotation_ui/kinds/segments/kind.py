"""When a class happens in a video, as a kind of task."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import Described, Grade, Kind, Recent
from annotation_ui.kinds.segments import replies
from annotation_ui.kinds.segments.earlier import Earlier, read_earlier, read_newest
from annotation_ui.kinds.segments.media import bp
from annotation_ui.kinds.segments.questions import QUESTIONS, Desk, Question
from annotation_ui.kinds.segments.replies import Reply, words_for, words_for_graded
from annotation_ui.languages.words import lazy_gettext
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.kinds import segments
from kinetics_builder.crowd.segments.deciding import read_truth
from kinetics_builder.crowd.segments.grading import grade
from kinetics_builder.database.tables import Gold, Label
from kinetics_builder.intervals import Interval


class SegmentsKind(Kind):
    """When it begins, and when it ends."""

    crowd = segments.SEGMENTS
    title = lazy_gettext("Mark when it happens")
    asks = lazy_gettext("You watch whole videos and mark when an action begins and ends.")
    nothing_waits = lazy_gettext("No videos are waiting")
    waiting = "videos"
    outcomes = ("Decided", None)
    num_screens = 2
    blueprint = bp
    said = "id"
    questions = QUESTIONS
    desk = Desk

    def question(self, *columns: Any) -> Question:
        """Return a question from a row of `questions` without the task."""
        return Question(*columns)

    def class_names(self, session: Session) -> Mapping[int, str]:
        """Return the names of the labels."""
        return {number: name for number, name in session.execute(select(Label.id, Label.name))}

    def newest(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers."""
        return read_newest(session, number)

    def describe(self, question: Question) -> Described:
        """Return what the page shows: nothing of the video's name or of the truth."""
        return {
            "slot": question.slot_id,
            "video": question.timeline_id,
            "label": question.label,
            "description": question.description,
            "duration": question.duration_seconds,
            "rate": question.frames_per_second,
        }

    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds."""
        return replies.read_reply(form)

    def describe_reply(self, reply: Reply) -> Described:
        """Return what a program hears of an answer that is stored."""
        return _said(reply.marks, is_unsure=reply.is_unsure, revision=reply.revision)

    def words_of(self, reply: Reply) -> str:
        """Return the answer in a few words."""
        return words_for(reply.marks, is_unsure=reply.is_unsure)

    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""
        return {}

    def given(self, session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
        """Return all answers of the worker to the question, in the order of their revisions."""
        return replies.given(session, worker_id, subject)

    def grade(
        self, session: Session, gold: Gold, question: Any, reply: Reply, config: VerifyConfig
    ) -> Grade:
        """Return the marks beside the true stretches: which were met, how many are too many."""
        truth = read_truth(session.connection(), [gold.id]).get(gold.id, [])
        graded = grade(reply.marks, truth, config.segment_overlap)
        is_right = graded.is_right and not reply.is_unsure
        return Grade(is_right, words_for_graded(graded), {"truth": truth, "said": reply.marks})

    def insert(self, session: Session, worker_id: int, question: Any, reply: Reply) -> None:
        """Add an answer."""
        replies.insert_marks(session, worker_id, question, reply)

    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last answers, the newest last."""
        return read_earlier(session, worker_id)

    def describe_earlier(self, earlier: Earlier) -> Described:
        """Return a question that was answered, and what was said."""
        said = _said(earlier.said, is_unsure=earlier.is_unsure, revision=earlier.revision)
        return {**self.describe(earlier.question), **said}


def _said(marks: Sequence[Interval], *, is_unsure: bool, revision: int) -> Described:
    return {
        "answer": [list(mark) for mark in marks],
        "unsure": is_unsure,
        "said": words_for(marks, is_unsure=is_unsure),
        "revision": revision,
    }


SEGMENTS = SegmentsKind()
