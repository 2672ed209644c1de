"""Trees of questions about clips, as a kind of task."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation_ui.kinds.kind import Described, Grade, Kind, Recent
from annotation_ui.kinds.questionnaire import replies
from annotation_ui.kinds.questionnaire.earlier import Earlier, read_earlier, read_newest
from annotation_ui.kinds.questionnaire.questions import QUESTIONS, Desk, Question
from annotation_ui.kinds.questionnaire.replies import CHOICES, FIELD, Reply, words_for
from annotation_ui.languages.words import gettext, lazy_gettext
from annotation_ui.page import page
from kinetics_builder.config import VerifyConfig
from kinetics_builder.crowd.kinds.questionnaire import QUESTIONNAIRE_KIND
from kinetics_builder.crowd.trees.paths import follow
from kinetics_builder.database.tables import Gold, Label

bp = Blueprint(
    "questionnaire",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/questionnaire",
)


class QuestionnaireKind(Kind):
    """Where a tree of questions leads about a clip."""

    crowd = QUESTIONNAIRE_KIND
    title = lazy_gettext("Tell clips apart")
    asks = lazy_gettext(
        "You watch short clips and answer one yes-or-no question after another about each."
    )
    nothing_waits = lazy_gettext("No clips are waiting to be told apart")
    waiting = "clips by trees"
    outcomes = ("A class", "No class")
    num_screens = 1
    blueprint = bp
    said = "path"
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
        """Return what the page shows: nothing of a clip's video, class or truth."""
        tree = question.tree
        nodes = {
            key: {"text": node.text, "examples": node.examples, "yes": node.yes, "no": node.no}
            for key, node in tree.nodes.items()
        }
        return {
            "slot": question.slot_id,
            "clip": question.clip_id,
            "label": tree.name,
            "tree": {"name": tree.name, "first": tree.first, "nodes": nodes},
        }

    def read_reply(self, form: Mapping[str, str]) -> Reply:
        """Return the answer that a form holds."""
        with page().reading() as rows:
            return replies.read_reply(form, rows)

    def describe_reply(self, reply: Reply) -> Described:
        """Return what a program hears of an answer that is stored."""
        return {"path": reply.path, "revision": reply.revision}

    def words_of(self, reply: Reply) -> str:
        """Return the answer in a few words."""
        return " → ".join(str(CHOICES[said]) for _, said in reply.path)

    def page(self) -> Mapping[str, Any]:
        """Return what its template needs beside the question."""
        return {"names": {value: str(text) for value, text in CHOICES.items()}, "field": FIELD}

    def given(self, session: Session, worker_id: int, subject: Sequence[int]) -> Sequence[Reply]:
        """Return all answers of the worker to the question, in the order of their revisions."""
        return replies.given(session, worker_id, subject)

    def grade(
        self, session: Session, gold: Gold, question: Question, reply: Reply, config: VerifyConfig
    ) -> Grade:
        """Return where the path led beside where it should have."""
        element = session.get(Label, gold.element_id) if gold.element_id else None
        known = element.name if element else gettext("none of these")
        said = words_for(question.tree, reply.path)
        is_right = follow(question.tree, reply.path).element == (element.name if element else None)
        if is_right:
            return Grade(True, gettext("You came to “%(said)s”, and so it is.", said=said))
        words = gettext("You came to “%(said)s”; it is “%(known)s”.", said=said, known=known)
        return Grade(False, words)

    def insert(self, session: Session, worker_id: int, question: Any, reply: Reply) -> None:
        """Add an answer."""
        replies.insert_path(session, worker_id, question, reply)

    def read_earlier(self, session: Session, worker_id: int) -> Sequence[Earlier]:
        """Return the worker's last answers, the newest last."""
        return read_earlier(session, worker_id)

    def describe_earlier(self, earlier: Earlier) -> Described:
        """Return a question that was answered, and what was said."""
        return {
            **self.describe(earlier.question),
            "path": earlier.path,
            "said": words_for(earlier.question.tree, earlier.path),
            "revision": earlier.revision,
        }


QUESTIONNAIRE = QuestionnaireKind()
