"""Boxes of persons as a kind of task."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from annotation_ui.kinds.boxes import replies
from annotation_ui.kinds.boxes.earlier import Earlier, read_earlier
from annotation_ui.kinds.boxes.questions import (
    CONTEXT_SECONDS,
    QUESTIONS,
    Desk,
    Question,
    with_boxes,
)
from annotation_ui.kinds.boxes.replies import Reply, words_for
from annotation_ui.kinds.boxes.tiles import read_tiles
from annotation_ui.kinds.kind import Described, Kind
from kinetics_builder.crowd.boxes.policy import Drawn
from kinetics_builder.crowd.kinds import boxes

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
    title = "Draw boxes"
    asks = "You draw a box around every person in a picture of a film."
    waiting = "pictures"
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

    def tiles(self, session: Session) -> Sequence[tuple[str, int]]:
        """Return how many key frames are asked about, how many are decided, and by how much."""
        return read_tiles(session)

    def describe(self, question: Question) -> Described:
        """Return what the page shows: nothing of the film's name."""
        return {
            "slot": question.slot_id,
            "frame": question.key_frame_id,
            "film": question.film_id,
            "label": f"the picture at {question.timestamp_seconds:g} s",
            "width": question.width,
            "height": question.height,
            "start": max(0.0, question.timestamp_seconds - CONTEXT_SECONDS),
            "end": question.timestamp_seconds + CONTEXT_SECONDS,
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
