"""Boxes of persons as a kind of task."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from annotation_ui.frames.newest import read_newest
from annotation_ui.kinds.boxes import replies
from annotation_ui.kinds.boxes.earlier import Earlier, read_earlier
from annotation_ui.kinds.boxes.questions import (
    QUESTIONS,
    Desk,
    Question,
    with_boxes,
)
from annotation_ui.kinds.boxes.replies import Reply, words_for, words_for_graded
from annotation_ui.kinds.kind import Described, Grade, Kind, Recent
from annotation_ui.languages.words import gettext, lazy_gettext
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.boxes.decisions import read_drawn
from kinetics_builder.crowd.boxes.policy import Drawn, grade
from kinetics_builder.crowd.kinds import boxes
from kinetics_builder.database.tables import BoxAnswer, Gold

bp = Blueprint(
    "boxes",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/boxes",
)


class BoxesKind(Kind):
    """Who is to be seen at a key frame."""

    crowd = boxes.BOXES
    title = lazy_gettext("Draw boxes")
    asks = lazy_gettext("You draw a box around every person in a picture of a film.")
    nothing_waits = lazy_gettext("No pictures are waiting")
    waiting = "pictures"
    outcomes = ("Decided", None)
    num_screens = 2
    blueprint = bp
    said = "id"
    questions = QUESTIONS
    desk = Desk

    def question(self, *columns: Any) -> Question:
        """Return a question from a row of `questions` without the task."""
        return Question(*columns)

    def complete(self, rows: Connection, questions: Sequence[Any]) -> Sequence[Question]:
        """Return the questions with the boxes that are there already."""
        return with_boxes(rows, questions)

    def newest(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers."""

        def words(answer: BoxAnswer) -> tuple[str, str]:
            drawn = read_drawn(session.connection(), [answer.id]).get(answer.id, [])
            return "boxes", words_for(drawn)

        return read_newest(session, BoxAnswer, number, words)

    def describe(self, question: Question) -> Described:
        """Return what the page shows: nothing of the film's name."""
        seconds = f"{question.timestamp_seconds:g}"
        return {
            "slot": question.slot_id,
            "frame": question.key_frame_id,
            "label": gettext("the picture at %(seconds)s s", seconds=seconds),
            "width": question.width,
            "height": question.height,
            "boxes": _listed(question.boxes),
        }

    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds."""
        return replies.read_reply(form)

    def describe_reply(self, reply: Reply) -> Described:
        """Return what a program hears of an answer that is stored."""
        return {
            "answer": _listed(reply.boxes),
            "said": words_for(reply.boxes),
            "revision": reply.revision,
        }

    def words_of(self, reply: Reply) -> str:
        """Return the answer in a few words."""
        return words_for(reply.boxes)

    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""
        return {}

    def given(self, session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
        """Return all answers of the worker to the question, in the order of their revisions."""
        return replies.given(session, worker_id, subject)

    def grade(
        self, session: Session, gold: Gold, question: Any, reply: Reply, config: VerifyConfig
    ) -> Grade:
        """Return the boxes beside the true ones: how far they overlap, who was missed."""
        truth = boxes.read_truth(session.connection(), [gold.id]).get(gold.id, [])
        graded = grade(reply.boxes, truth, config.box_overlap)
        details = {"boxes": graded, "least": config.box_overlap}
        return Grade(graded.is_right, words_for_graded(graded), details)

    def insert(self, session: Session, worker_id: int, question: Any, reply: Reply) -> None:
        """Add an answer."""
        replies.insert_boxes(session, worker_id, question, reply)

    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last answers, the newest last."""
        return read_earlier(session, worker_id)

    def describe_earlier(self, earlier: Earlier) -> Described:
        """Return a question that was answered, and what was said."""
        return {
            **self.describe(earlier.question),
            "answer": _listed(earlier.said),
            "said": words_for(earlier.said),
            "revision": earlier.revision,
        }


def _listed(drawn: Sequence[Drawn]) -> list[list[float | int | None]]:
    return [list(box) for box in drawn]


BOXES = BoxesKind()
