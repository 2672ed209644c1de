"""Whose boxes are whose, as a kind of task."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import Described, Grade, Kind, Recent
from annotation_ui.kinds.links import replies
from annotation_ui.kinds.links.describing import describe
from annotation_ui.kinds.links.earlier import Earlier, read_earlier
from annotation_ui.kinds.links.grading import grade_links
from annotation_ui.kinds.links.newest import read_newest
from annotation_ui.kinds.links.questions import QUESTIONS, Desk, Question, with_boxes
from annotation_ui.kinds.links.replies import FIELD, Reply, words_for
from annotation_ui.languages.words import lazy_gettext
from annotation_ui.page import page
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.kinds.links import LINKS_KIND
from kinetics_builder.database.tables import Gold

bp = Blueprint(
    "links",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/links",
)


class LinksKind(Kind):
    """Whose boxes are whose along a stretch of a film."""

    crowd = LINKS_KIND
    title = lazy_gettext("Follow people")
    asks = lazy_gettext("You see people moment after moment and say who is who.")
    nothing_waits = lazy_gettext("No strips of pictures are waiting")
    waiting = "strips of pictures"
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
        """Return the questions with their boxes, and the tracks that are there already."""
        return with_boxes(rows, questions)

    def newest(self, session: Session, number: int) -> Sequence[Recent]:
        """Return so many of the newest answers."""
        return read_newest(session, number)

    def describe(self, question: Question) -> Described:
        """Return what the page shows: nothing of the film's name or of the truth."""
        return describe(question)

    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds."""
        with page().reading() as rows:
            return replies.read_reply(form, rows.connection())

    def describe_reply(self, reply: Reply) -> Described:
        """Return what a program hears of an answer that is stored."""
        return {
            "answer": [list(track) for track in reply.tracks],
            "said": words_for(reply.tracks),
            "revision": reply.revision,
        }

    def words_of(self, reply: Reply) -> str:
        """Return the answer in a few words."""
        return words_for(reply.tracks)

    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""
        return {"field": FIELD}

    def given(self, session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
        """Return all answers of the worker to the question, in the order of their revisions."""
        return replies.given(session, worker_id, subject)

    def grade(
        self, session: Session, gold: Gold, question: Question, reply: Reply, config: VerifyConfig
    ) -> Grade:
        """Return the links beside the true ones: who is not one person, and who is."""
        return grade_links(session.connection(), gold, question, reply, config)

    def insert(self, session: Session, worker_id: int, question: Any, reply: Reply) -> None:
        """Add an answer."""
        replies.insert_tracks(session, worker_id, question, reply)

    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last answers, the newest last."""
        return read_earlier(session, worker_id)

    def describe_earlier(self, earlier: Earlier) -> Described:
        """Return a question that was answered, and what was said."""
        return {
            **describe(earlier.question),
            "answer": [list(track) for track in earlier.said],
            "said": words_for(earlier.said),
            "revision": earlier.revision,
        }


LINKS = LinksKind()
